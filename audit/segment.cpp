#include "audit/segment.h"

#include "audit/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

namespace menshen::audit {
namespace {

constexpr std::size_t pieces_max = 8;
constexpr std::size_t block_bytes = 4096;         // what disks ask for, or a multiple of it
constexpr std::size_t direct_bytes = 256 * 1024;  // in one call

constexpr std::uint64_t block_of(std::uint64_t at) { return at - at % block_bytes; }
constexpr std::uint64_t whole_blocks(std::uint64_t end) { return block_of(end + block_bytes - 1); }

// All of it, wherever the kernel stops in between.
bool write_all(int fd, std::span<iovec> pieces, std::uint64_t at) {
  while (!pieces.empty()) {
    const ssize_t n =
        ::pwritev(fd, pieces.data(), static_cast<int>(pieces.size()), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    at += static_cast<std::uint64_t>(n);
    for (auto left = static_cast<std::size_t>(n); !pieces.empty();) {
      iovec& piece = pieces.front();
      const std::size_t taken = std::min(left, piece.iov_len);
      piece.iov_base = static_cast<char*>(piece.iov_base) + taken;
      piece.iov_len -= taken;
      left -= taken;
      if (piece.iov_len > 0) break;
      pieces = pieces.subspan(1);
    }
  }
  return true;
}

// As many bytes as there is room for; a file that ends before has failed.
bool read_all(int fd, std::span<char> out, std::uint64_t at) {
  while (!out.empty()) {
    const ssize_t n = ::pread(fd, out.data(), out.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = EIO;
    if (n <= 0) return false;
    at += static_cast<std::uint64_t>(n);
    out = out.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

core::Result<Segment> Segment::open(const std::filesystem::path& path) {
  const auto made = store::make_private_file(path, evidence_unavailable);
  if (!made) return made.error();
  Segment segment(path, ::open(path.c_str(), O_RDWR | O_CLOEXEC));
  struct stat status {};
  if (segment.fd_ < 0 || ::fstat(segment.fd_, &status) != 0) return segment.failed();
  segment.size_ = static_cast<std::uint64_t>(status.st_size);
  auto anchor = store::Anchor::at(path, evidence_unavailable);
  if (!anchor) return anchor.error();
  segment.anchor_ = std::move(*anchor);
  segment.open_direct();
  if (segment.size_ >= segment_bytes_min) return segment;
  const auto grown = segment.grow();
  if (!grown) return grown.error();
  return segment;
}

Segment::Segment(Segment&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      direct_(std::exchange(other.direct_, -1)),
      blocks_(std::move(other.blocks_)),
      size_(other.size_),
      anchor_(std::move(other.anchor_)) {}

Segment& Segment::operator=(Segment&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(direct_, other.direct_);
  std::swap(blocks_, other.blocks_);
  std::swap(size_, other.size_);
  std::swap(anchor_, other.anchor_);
  return *this;
}

Segment::~Segment() {
  close_direct();
  if (fd_ >= 0) ::close(fd_);
}

void Segment::open_direct() {
  direct_ = ::open(path_.c_str(), O_WRONLY | O_DIRECT | O_DSYNC | O_CLOEXEC);
  if (direct_ < 0) return;
  blocks_.bytes.reset(static_cast<char*>(std::aligned_alloc(block_bytes, direct_bytes)));
  if (!blocks_.bytes) close_direct();
}

void Segment::close_direct() noexcept {
  if (direct_ >= 0) ::close(std::exchange(direct_, -1));
  blocks_ = {};
}

core::Result<std::string> Segment::read() const {
  std::string content(size_, '\0');
  if (!read_all(fd_, content, 0)) return failed();
  return content;
}

core::Result<void> Segment::write(std::uint64_t at, Pieces pieces) {
  std::uint64_t end = at;
  for (const std::string_view piece : pieces) end += piece.size();
  bool done = false;
  if (direct_ >= 0 && whole_blocks(end) <= size_) {
    done = write_direct(at, pieces);
    if (!done && errno != EINVAL) return failed();
    if (!done) close_direct();  // its blocks are larger
  }
  if (!done && !write_cached(at, pieces)) return failed();
  size_ = std::max(size_, end);
  return {};
}

bool Segment::write_direct(std::uint64_t at, Pieces pieces) {
  if (!load_block(at)) return false;
  std::size_t filled = at % block_bytes;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      if (filled == direct_bytes) {
        if (!put_blocks(filled)) return false;
        filled = 0;
      }
      const std::size_t step = std::min(piece.size(), direct_bytes - filled);
      std::memcpy(blocks_.bytes.get() + filled, piece.data(), step);
      filled += step;
      piece.remove_prefix(step);
    }
  }
  return put_blocks(filled);
}

// The beginning of the block in which `at` lies: what was written there before.
bool Segment::load_block(std::uint64_t at) {
  const std::size_t begun = at % block_bytes;
  if (blocks_.at == block_of(at) && blocks_.written >= begun) return true;
  blocks_ = {std::move(blocks_.bytes), block_of(at), 0};
  return read_all(fd_, {blocks_.bytes.get(), begun}, blocks_.at);
}

// So many bytes from the kept block on, durable when it returns.
bool Segment::put_blocks(std::size_t count) {
  char* const bytes = blocks_.bytes.get();
  const std::size_t whole = whole_blocks(count);
  std::memset(bytes + count, 0, whole - count);
  std::array<iovec, 1> parts{{{bytes, whole}}};
  blocks_.written = 0;  // of one that fails, nothing is known
  if (!write_all(direct_, parts, blocks_.at)) return false;
  const std::size_t last = block_of(count);
  if (last > 0) std::memmove(bytes, bytes + last, count - last);
  blocks_.at += last;
  blocks_.written = count - last;
  return true;
}

bool Segment::write_cached(std::uint64_t at, Pieces pieces) const {
  std::array<iovec, pieces_max> parts{};
  std::size_t count = 0;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) parts[count++] = {const_cast<char*>(piece.data()), piece.size()};
  }
  return write_all(fd_, std::span(parts).first(count), at) && ::fdatasync(fd_) == 0;
}

core::Result<void> Segment::grow() {
  const std::uint64_t size = std::clamp(2 * size_, segment_bytes_min, segment_bytes_max);
  if (size <= size_) return {};
  const std::string zeros(size - size_, '\0');
  if (!write_cached(size_, {zeros})) return failed();
  size_ = size;
  return {};
}

core::Error Segment::failed() const {
  return store::file_error(path_, errno == 0 ? EIO : errno, evidence_unavailable);
}

}  // namespace menshen::audit
