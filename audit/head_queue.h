// The signed heads of a log in the order of their sizes, wherever they were kept, for a walk over
// its records.
//
//   HeadQueue heads(reader, ring);
//   heads.add(note, in_file);                       // those kept outside; before start()
//   heads.start(extent.records);
//   while (const auto head = heads.next(size)) ...  // for each size from 0 up
//   while (const auto head = heads.next_beyond()) ...
//
// A head is opened when its turn comes, with the keys that the ring has then. One thread; reader
// and ring outlive it. Memory: a batch of the log's heads, all those from outside.
#pragma once

#include "audit/key_ring.h"
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

// A head, and where it was found. Errors: those of open_checkpoint().
struct FoundHead {
  StoredHead stored;
  std::string_view where;
  core::Result<SignedHead> opened;
};

class HeadQueue {
 public:
  HeadQueue(LogReader& reader, const KeyRing& ring) : reader_(reader), ring_(ring) {}

  void add(std::string note, std::string_view where);
  // Those that cover less than `begin` are passed over, and so are heads in the log that cover more
  // than `records`.
  void start(std::uint64_t records, std::uint64_t begin = 0);

  // The next head over exactly `size` records; absent when there is none. Errors: those of
  // LogReader, once.
  [[nodiscard]] std::optional<core::Result<FoundHead>> next(std::uint64_t size);
  // The next one from outside whose turn did not come, opened with the keys of `ring`.
  [[nodiscard]] std::optional<FoundHead> next_beyond(const KeyRing& ring);
  // For whoever walks over bundles alone, at the end: the same, and then those in the log that
  // cover more than `records` and up to `size`. Errors: those of LogReader, once.
  [[nodiscard]] std::optional<core::Result<FoundHead>> next_behind(const KeyRing& ring,
                                                                   std::uint64_t size);

 private:
  [[nodiscard]] core::Result<void> load(std::uint64_t size);

  struct Outside {
    StoredHead stored;
    std::string_view where;
  };

  LogReader& reader_;
  const KeyRing& ring_;
  std::uint64_t records_ = 0;
  std::vector<Outside> outside_;
  std::size_t outside_next_ = 0;
  std::deque<StoredHead> stored_;
  std::deque<StoredHead> behind_;  // were read with the last of these, and cover more
  std::uint64_t stored_from_ = 0;
  bool stored_end_ = false;
};

}  // namespace menshen::audit
