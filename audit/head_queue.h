// The signed heads of a log in the order of their sizes, wherever they were kept, for a walk over
// its records.
//
//   HeadQueue heads(reader, key);
//   heads.add(note, in_file);                       // those kept outside; before start()
//   heads.start(extent.records);
//   while (const auto head = heads.next(size)) ...  // for each size from 0 up
//
// One thread; the reader outlives it. Memory: a batch of the log's heads, all those from
// outside.
#pragma once

#include "audit/checkpoint.h"
#include "audit/reader.h"
#include "core/error.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

inline constexpr std::string_view in_log = "in the log";
inline constexpr std::string_view in_file = "in the file checkpoint";
inline constexpr std::string_view in_witnessed = "in the file witnessed";
inline constexpr std::string_view in_memory = "that this gateway has signed";
inline constexpr std::string_view elsewhere = "published elsewhere";

// A signed head, and where it was found.
struct Head {
  Checkpoint checkpoint;
  std::string_view where;
};

class HeadQueue {
 public:
  HeadQueue(LogReader& reader, const NoteVerifier& key) : reader_(reader), key_(key) {}

  // Errors: those of open_checkpoint(); the head is left out.
  [[nodiscard]] core::Result<void> add(const std::string& note, std::string_view where);
  // Heads in the log that cover more than `records` are passed over.
  void start(std::uint64_t records);

  // The next head over exactly `size` records; absent when there is none. Errors: those of
  // LogReader, once, and of open_checkpoint() for a head in the log, which is passed over.
  [[nodiscard]] std::optional<core::Result<Head>> next(std::uint64_t size);

  // The largest head from outside.
  [[nodiscard]] std::optional<Head> largest_outside() const;

 private:
  [[nodiscard]] core::Result<void> load(std::uint64_t size);

  LogReader& reader_;
  const NoteVerifier& key_;
  std::uint64_t records_ = 0;
  std::vector<Head> outside_;
  std::size_t outside_next_ = 0;
  std::deque<StoredHead> stored_;
  std::uint64_t stored_from_ = 0;
  bool stored_end_ = false;
};

}  // namespace menshen::audit
