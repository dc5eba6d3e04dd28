// The heads that were published, read from their file in the order in which they stand.
//
//   HeadFile file("var/heads");
//   auto some = file.from(1000, 256);      // sizes from 1000 on, up to 256 of them
//
// One thread at a time. A note that is no head has the size of the one before it, so that whoever
// walks over the log meets it there. What the publisher appended again, because it could not tell
// whether its first writing had reached the disk, is given once. Memory: a piece of the file.
// Errors: those of files.h.
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

namespace menshen::audit {

struct StoredHead {
  std::uint64_t size = 0;  // that the note claims
  std::string note;
};

// The size that a note claims, unverified; `otherwise` when it is no head.
[[nodiscard]] std::uint64_t claimed_size(const std::string& note, std::uint64_t otherwise);

class HeadFile {
 public:
  explicit HeadFile(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] core::Result<std::vector<StoredHead>> from(std::uint64_t size, std::size_t count);
  // Ends a note that a crash has cut off, so that the next one stands alone.
  [[nodiscard]] core::Result<void> end_note() const;
  // The file ends with a head over `size` records: `head`, unless one stands there.
  [[nodiscard]] core::Result<void> end_with(const std::string& head, std::uint64_t size) const;
  // The last head of the file; size 0 when there is none.
  [[nodiscard]] core::Result<StoredHead> last() const;

 private:
  [[nodiscard]] core::Result<bool> load();
  void take(std::string note);

  std::filesystem::path path_;
  std::uint64_t at_ = 0;  // read so far
  std::uint64_t last_size_ = 0;
  std::deque<StoredHead> loaded_;
  std::deque<std::string> recent_;  // the last pending_heads_max
};

}  // namespace menshen::audit
