// One of the two files that the writer writes frames into, over and over again: written space is
// synced without touching the file's own data.
//
//   auto segment = Segment::open("var/segment.0");       // made when absent
//   segment->write(at, {header, hashes, entries, note});  // durable when it returns
//
// The writer's thread alone. Errors: unavailable, code "evidence_unavailable".
#pragma once

#include "audit/frame.h"
#include "core/error.h"
#include "store/files.h"

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace menshen::audit {

inline constexpr std::uint64_t segment_bytes_min = 256 * 1024;
inline constexpr std::uint64_t segment_bytes_max = 16 * 1024 * 1024;

class Segment {
 public:
  [[nodiscard]] static core::Result<Segment> open(const std::filesystem::path& path);
  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&& other) noexcept;
  ~Segment();

  // Written space; what is written past it makes the file longer.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] core::Result<std::string> read() const;
  [[nodiscard]] core::Result<void> write(std::uint64_t at,
                                         std::initializer_list<std::string_view> pieces);
  // Twice as much written space, up to segment_bytes_max. Not synced.
  [[nodiscard]] core::Result<void> grow();

  // The file is still the one that others find at its path.
  [[nodiscard]] core::Result<void> in_place() const { return anchor_.in_place(); }

 private:
  Segment(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  [[nodiscard]] core::Error failed() const;

  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  store::Anchor anchor_;
};

}  // namespace menshen::audit
