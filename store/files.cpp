#include "store/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace menshen::store {

core::Error file_error(const std::filesystem::path& path, int error_number, std::string_view code) {
  return core::gateway_error(core::ErrorKind::unavailable, std::string(code),
                             std::generic_category().message(error_number) + ".", path.string());
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
  if (!parent) return parent;
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return file_error(directory, errno, code);
  return sync_directory(directory.parent_path(), code);
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
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return file_error(path, errno, code);
  Anchor anchor;
  anchor.path_ = path;
  anchor.code_ = code;
  anchor.device_ = status.st_dev;
  anchor.inode_ = status.st_ino;
  return anchor;
}

core::Result<void> Anchor::in_place() const {
  struct stat status {};
  const bool there = ::stat(path_.c_str(), &status) == 0;
  if (there && status.st_dev == device_ && status.st_ino == inode_) return {};
  return core::gateway_error(core::ErrorKind::unavailable, code_,
                             there ? "Another file stands where the store was being written."
                                   : "The store was moved or deleted.",
                             path_.string());
}

}  // namespace menshen::store
