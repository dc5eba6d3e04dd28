#include "store/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

namespace menshen::store {
namespace {

// The inode alone is asked for. Since Linux 6.13 a look at a file's times lets its next write take
// a time of its own (multigrain timestamps), so that each sync behind it would write the inode too.
std::optional<Anchor::Place> place_of(const std::filesystem::path& path) {
  struct statx status {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO, &status) != 0) return std::nullopt;
  return Anchor::Place{status.stx_dev_major, status.stx_dev_minor, status.stx_ino};
}

}  // namespace

core::Error file_error(const std::filesystem::path& path, int error_number, std::string_view code) {
  return core::gateway_error(core::ErrorKind::unavailable, std::string(code),
                             std::generic_category().message(error_number) + ".", path.string());
}

core::Result<bool> exists(const std::filesystem::path& path, std::string_view code) {
  std::error_code failed;
  const bool there = std::filesystem::exists(path, failed);
  if (failed) return file_error(path, failed.value(), code);
  return there;
}

core::Result<void> sync_directory(const std::filesystem::path& directory, std::string_view code) {
  const char* path = directory.empty() ? "." : directory.c_str();
  const int fd = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return file_error(directory, errno, code);
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed != 0) return file_error(directory, failed, code);
  return {};
}

core::Result<void> make_directory(const std::filesystem::path& directory, std::string_view code) {
  std::error_code unreadable;
  if (directory.empty() || std::filesystem::exists(directory, unreadable)) return {};
  const auto parent = make_directory(directory.parent_path(), code);
  return parent ? make_child_directory(directory, code) : parent;
}

core::Result<void> make_child_directory(const std::filesystem::path& directory,
                                        std::string_view code) {
  std::error_code unreadable;
  if (std::filesystem::exists(directory, unreadable)) return {};
  const bool made = ::mkdir(directory.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return file_error(directory, errno, code);
  const auto synced = sync_directory(directory.parent_path(), code);
  // Or the next attempt would find it, and take it for durable.
  if (!synced && made) ::rmdir(directory.c_str());
  return synced;
}

core::Result<void> make_private_file(const std::filesystem::path& path, std::string_view code) {
  // Without a descriptor: closing one would drop the POSIX locks that SQLite holds on the file
  // elsewhere in this process.
  if (::mknod(path.c_str(), S_IFREG | 0600, 0) == 0)
    return sync_directory(path.parent_path(), code);
  if (errno == EEXIST) return {};
  return file_error(path, errno, code);
}

core::Result<Anchor> Anchor::at(const std::filesystem::path& path, std::string_view code) {
  Anchor anchor;
  anchor.path_ = path;
  anchor.code_ = code;
  const auto found = place_of(path);
  if (!found) return file_error(path, errno, code);
  anchor.place_ = *found;
  return anchor;
}

core::Result<void> Anchor::in_place() const {
  const auto found = place_of(path_);
  if (found == place_) return {};
  return core::gateway_error(core::ErrorKind::unavailable, code_,
                             found ? "Another file stands where the store was being written."
                                   : "The store was moved or deleted.",
                             path_.string());
}

}  // namespace menshen::store
