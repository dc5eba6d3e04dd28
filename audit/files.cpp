#include "audit/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <string>
#include <system_error>
#include <vector>

namespace menshen::audit {
namespace {

constexpr std::size_t read_bytes_min = 512;

core::Error file_error(const std::filesystem::path& path, int number) {
  return store::file_error(path, number, evidence_unavailable);
}

// One that the store has made, and nothing that would make its reader wait.
core::Result<std::uint64_t> size_of(int fd, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return file_error(path, errno);
  if (S_ISREG(status.st_mode)) return static_cast<std::uint64_t>(status.st_size);
  if (S_ISDIR(status.st_mode)) return file_error(path, EISDIR);
  return core::gateway_error(core::ErrorKind::unavailable, evidence_unavailable,
                             "Something else stands in the place of this file.", path.string());
}

class File {
 public:
  File(const std::filesystem::path& path, int flags, mode_t mode = 0)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Less where the file ends before.
core::Result<std::string> read_range(int fd, const std::filesystem::path& path, std::uint64_t at,
                                     std::uint64_t length) {
  std::string content(length, '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t n =
        ::pread(fd, content.data() + done, content.size() - done, static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_error(path, errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  content.resize(done);
  return content;
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

core::Result<std::optional<std::string>> read_file(const std::filesystem::path& path,
                                                   std::uint64_t bytes_max, Named named) {
  const bool may_wait = named == Named::by_person;
  const File file(path, may_wait ? O_RDONLY : O_RDONLY | O_NONBLOCK);
  if (!file.open() && errno == ENOENT) return std::optional<std::string>{};
  if (!file.open()) return file_error(path, errno);
  const auto size = size_of(file.fd(), path);
  if (!size && !may_wait) return size.error();
  // What it holds now and a byte more, so that the second call finds its end.
  const std::uint64_t expected = size ? *size : 0;
  if (expected > bytes_max) return file_error(path, EFBIG);
  std::string content(std::max<std::size_t>(expected + 1, read_bytes_min), '\0');
  for (std::size_t done = 0;;) {
    const ssize_t n = ::read(file.fd(), content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_error(path, errno);
    done += static_cast<std::size_t>(n);
    if (done > bytes_max) return file_error(path, EFBIG);
    if (n == 0) {
      content.resize(done);
      return std::optional<std::string>(std::move(content));
    }
    if (done == content.size()) content.resize(2 * done);
  }
}

core::Result<std::optional<std::string>> read_tail(const std::filesystem::path& path,
                                                   std::uint64_t bytes_max) {
  const File file(path, O_RDONLY | O_NONBLOCK);
  if (!file.open() && errno == ENOENT) return std::optional<std::string>{};
  if (!file.open()) return file_error(path, errno);
  const auto size = size_of(file.fd(), path);
  if (!size) return size.error();
  const std::uint64_t length = std::min(*size, bytes_max);
  auto content = read_range(file.fd(), path, *size - length, length);
  if (content && content->size() < length) return file_error(path, EIO);
  if (!content) return content.error();
  return std::optional<std::string>(std::move(*content));
}

core::Result<std::optional<std::string>> read_part(const std::filesystem::path& path,
                                                   std::uint64_t at, std::uint64_t bytes_max) {
  const File file(path, O_RDONLY | O_NONBLOCK);
  if (!file.open() && errno == ENOENT) return std::optional<std::string>{};
  if (!file.open()) return file_error(path, errno);
  const auto size = size_of(file.fd(), path);
  if (!size) return size.error();
  auto content = read_range(file.fd(), path, at, bytes_max);
  if (!content) return content.error();
  return std::optional<std::string>(std::move(*content));
}

core::Result<void> give_to_owner(const std::filesystem::path& directory,
                                 const std::filesystem::path& file) {
  if (::geteuid() != 0) return {};
  struct stat owner {};
  const bool given = ::stat(directory.c_str(), &owner) == 0 &&
                     ::lchown(file.c_str(), owner.st_uid, owner.st_gid) == 0;
  return given ? core::Result<void>{} : file_error(file, errno);
}

core::Result<void> write_durably(std::span<const FileBytes> files, mode_t mode, Owned owned) {
  const auto temporary = [](const FileBytes& file) { return file.path.native() + ".tmp"; };
  {
    std::deque<File> open;
    for (const FileBytes& file : files) {
      const std::string path = temporary(file);
      int fd = open.emplace_back(path, O_WRONLY | O_CREAT | O_EXCL, mode).fd();
      if (fd < 0 && errno == EEXIST) {
        ::unlink(path.c_str());  // of a run that ended while it wrote
        open.pop_back();
        fd = open.emplace_back(path, O_WRONLY | O_CREAT | O_EXCL, mode).fd();
      }
      if (fd < 0 || !write_all(fd, file.content)) return file_error(path, errno);
      if (owned == Owned::by_folder) {
        if (const auto given = give_to_owner(file.path.parent_path(), path); !given) return given;
      }
      // The disk begins while the others are written.
      if (files.size() > 1) ::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (::fsync(open[i].fd()) != 0) return file_error(temporary(files[i]), errno);
    }
  }
  std::vector<std::filesystem::path> folders;
  for (const FileBytes& file : files) {
    if (::rename(temporary(file).c_str(), file.path.c_str()) != 0)
      return file_error(file.path, errno);
    auto folder = file.path.parent_path();
    if (folders.empty() || folders.back() != folder) folders.push_back(std::move(folder));
  }
  for (const auto& folder : folders) {
    const auto synced = store::sync_directory(folder, evidence_unavailable);
    if (!synced) return synced;
  }
  return {};
}

core::Result<void> write_durably(const std::filesystem::path& path, std::string_view content,
                                 mode_t mode, Owned owned) {
  const FileBytes file{path, content};
  return write_durably(std::span(&file, 1), mode, owned);
}

core::Result<void> append_durably(const std::filesystem::path& path, std::string_view content,
                                  Absent absent) {
  const int creates = absent == Absent::made ? O_CREAT : 0;
  const File file(path, O_WRONLY | O_APPEND | O_NONBLOCK | creates, 0644);
  if (!file.open()) return file_error(path, errno);
  if (const auto size = size_of(file.fd(), path); !size) return size.error();
  if (!write_all(file.fd(), content) || ::fsync(file.fd()) != 0) return file_error(path, errno);
  return {};
}

core::Result<void> check_private(const std::filesystem::path& directory) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) return file_error(directory, errno);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return core::gateway_error(core::ErrorKind::invalid_config, "store_unsafe",
                             "Others may write in the store's folder, and so could take the "
                             "evidence away: make it writable for its owner alone (chmod go-w).",
                             directory.string());
}

core::Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory,
                                                std::string_view name) {
  const std::filesystem::path path = directory / name;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return file_error(path, errno);
  DirectoryLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
    auto anchor = store::Anchor::at(path, evidence_unavailable);
    if (!anchor) return anchor.error();
    lock.anchor_ = std::move(*anchor);
    return lock;
  }
  if (errno != EWOULDBLOCK) return file_error(path, errno);
  return core::gateway_error(
      core::ErrorKind::unavailable, "store_locked",
      "Another gateway uses this directory. Stop it, or give this one its own.",
      directory.string());
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace menshen::audit
