#include "audit/segment.h"

#include "audit/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

namespace menshen::audit {
namespace {

constexpr std::size_t pieces_max = 8;

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
  if (segment.size_ >= segment_bytes_min) return segment;
  const auto grown = segment.grow();
  if (!grown) return grown.error();
  if (::fsync(segment.fd_) != 0) return segment.failed();
  return segment;
}

Segment::Segment(Segment&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      anchor_(std::move(other.anchor_)) {}

Segment& Segment::operator=(Segment&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  std::swap(anchor_, other.anchor_);
  return *this;
}

Segment::~Segment() {
  if (fd_ >= 0) ::close(fd_);
}

core::Result<std::string> Segment::read() const {
  std::string content(size_, '\0');
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t n =
        ::pread(fd_, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed();
    done += static_cast<std::size_t>(n);
  }
  return content;
}

core::Result<void> Segment::write(std::uint64_t at,
                                  std::initializer_list<std::string_view> pieces) {
  std::array<iovec, pieces_max> parts{};
  std::size_t count = 0;
  std::uint64_t end = at;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    parts[count++] = {const_cast<char*>(piece.data()), piece.size()};
    end += piece.size();
  }
  if (!write_all(fd_, std::span(parts).first(count), at) || ::fdatasync(fd_) != 0) return failed();
  size_ = std::max(size_, end);
  return {};
}

core::Result<void> Segment::grow() {
  const std::uint64_t size = std::clamp(2 * size_, segment_bytes_min, segment_bytes_max);
  if (size <= size_) return {};
  std::string zeros(size - size_, '\0');
  std::array<iovec, 1> parts{{{zeros.data(), zeros.size()}}};
  if (!write_all(fd_, parts, size_)) return failed();
  size_ = size;
  return {};
}

core::Error Segment::failed() const {
  return store::file_error(path_, errno == 0 ? EIO : errno, evidence_unavailable);
}

}  // namespace menshen::audit
