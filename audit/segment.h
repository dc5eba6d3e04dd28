// One of the two files that the writer writes frames into, over and over again. Written space is
// written around the page cache where the file system allows it (open(2), O_DIRECT and O_DSYNC):
// what has failed then stands nowhere as if it had not, and a third of the time and of the CPU of
// fdatasync are saved. The rest of the last block written is zeros.
//
//   auto segment = Segment::open("var/segment.0");       // made when absent
//   segment->write(at, {header, hashes, entries, note});  // durable when it returns
//
// The writer's thread alone. Errors: unavailable, code "evidence_unavailable".
#pragma once

#include "audit/frame.h"
#include "core/error.h"
#include "store/files.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <memory>
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
  // Twice as much written space, up to segment_bytes_max.
  [[nodiscard]] core::Result<void> grow();

  // The file is still the one that others find at its path.
  [[nodiscard]] core::Result<void> in_place() const { return anchor_.in_place(); }

 private:
  // Whole blocks, for O_DIRECT; the last one written is kept, for what follows in it.
  struct Blocks {
    struct Freed {
      void operator()(char* block) const noexcept { std::free(block); }
    };
    std::unique_ptr<char[], Freed> bytes;
    std::uint64_t at = 0;     // of the block that `bytes` begins with
    std::size_t written = 0;  // of it
  };
  using Pieces = std::initializer_list<std::string_view>;

  Segment(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  [[nodiscard]] core::Error failed() const;
  void open_direct();
  void close_direct() noexcept;
  [[nodiscard]] bool write_direct(std::uint64_t at, Pieces pieces);
  [[nodiscard]] bool write_cached(std::uint64_t at, Pieces pieces) const;
  [[nodiscard]] bool load_block(std::uint64_t at);
  [[nodiscard]] bool put_blocks(std::size_t count);

  std::filesystem::path path_;
  int fd_ = -1;
  int direct_ = -1;  // absent where the file system has none
  Blocks blocks_;
  std::uint64_t size_ = 0;
  store::Anchor anchor_;
};

}  // namespace menshen::audit
