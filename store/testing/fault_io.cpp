#include "store/testing/fault_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <span>

// What the linker calls the real ones.
extern "C" {
int __real_open(const char* path, int flags, ...);
ssize_t __real_read(int fd, void* out, size_t count);
ssize_t __real_pread(int fd, void* out, size_t count, off_t offset);
ssize_t __real_write(int fd, const void* data, size_t count);
ssize_t __real_pwritev(int fd, const iovec* pieces, int count, off_t offset);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_close(int fd);
int __real_rename(const char* from, const char* to);
int __real_mkdir(const char* path, mode_t mode);
int __real_mknod(const char* path, mode_t mode, dev_t device);
int __real_unlink(const char* path);
int __real_rmdir(const char* path);
}

namespace menshen::store::testing {
namespace {

std::atomic<FaultIo*> living{nullptr};

FaultIo* over(const char* path) {
  FaultIo* io = living.load();
  return io != nullptr && io->covers(path) ? io : nullptr;
}

FaultIo* over(int fd) {
  FaultIo* io = living.load();
  return io != nullptr && io->holds(fd) ? io : nullptr;
}

std::string plain(const std::filesystem::path& path) {
  std::string text = path.lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

ssize_t write_plainly(const std::string& path, std::string_view bytes, off_t offset) {
  const int fd = __real_open(path.c_str(), O_WRONLY | O_CLOEXEC);
  iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  const ssize_t written = __real_pwritev(fd, &piece, 1, offset);
  __real_close(fd);
  return written;
}

std::string joined(std::span<const iovec> pieces) {
  std::string out;
  for (const iovec& piece : pieces)
    out.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  return out;
}

}  // namespace

FaultIo::FaultIo(const std::filesystem::path& folder) : folder_(plain(folder)) {
  living.store(this);
}

FaultIo::~FaultIo() { living.store(nullptr); }

void FaultIo::fail_at(std::uint64_t operation, Mode mode, bool full) {
  const std::lock_guard guard(mutex_);
  mode_ = mode;
  countdown_ = operation;
  hit_ = false;
  disk_full_ = full;
}

void FaultIo::only(std::string name) {
  const std::lock_guard guard(mutex_);
  only_ = std::move(name);
}

void FaultIo::clear() {
  only({});
  fail_at(0, Mode::off);
}

bool FaultIo::hit() const {
  const std::lock_guard guard(mutex_);
  return hit_;
}

void FaultIo::hang() {
  const std::lock_guard guard(mutex_);
  hanging_ = true;
}

void FaultIo::go_on() {
  const std::lock_guard guard(mutex_);
  hanging_ = false;
  goes_on_.notify_all();
}

void FaultIo::refuse_direct() {
  const std::lock_guard guard(mutex_);
  direct_refused_ = true;
}

void FaultIo::restore_after_power_cut(std::uint64_t seed) {
  clear();
  const std::lock_guard guard(mutex_);
  disk_.restore(seed);
}

bool FaultIo::covers(const char* path) const {
  const std::string text = plain(path);
  return text == folder_ || text.starts_with(folder_ + "/");
}

bool FaultIo::holds(int fd) const {
  const std::lock_guard guard(mutex_);
  return open_.contains(fd);
}

bool FaultIo::named(std::string_view path) const {
  return path.substr(path.rfind('/') + 1).starts_with(only_);
}

bool FaultIo::fails(std::string_view path, bool needs_space) {
  if (dead()) return true;
  if (mode_ == Mode::off || (disk_full_ && !needs_space)) return false;
  if (!named(path)) return false;
  if (hit_) return mode_ != Mode::once;
  hit_ = --countdown_ == 0;
  return hit_;
}

int FaultIo::failed() const {
  errno = disk_full_ ? ENOSPC : EIO;
  return -1;
}

DiskModel::NodePtr FaultIo::made(const std::string& path, bool folder) {
  auto node = std::make_shared<DiskModel::Node>();
  node->folder = folder;
  disk_.place({{path, node}});
  return node;
}

int FaultIo::open(const char* name, int flags, mode_t mode) {
  const std::lock_guard guard(mutex_);
  const std::string path = plain(name);
  auto node = disk_.at(path);
  const bool makes = !node && (flags & O_CREAT) != 0;
  if (fails(path, makes)) return failed();
  if (direct_refused_ && (flags & O_DIRECT) != 0) {
    errno = EINVAL;
    return -1;
  }
  const int fd = __real_open(name, flags, mode);
  if (fd < 0) return fd;
  if (makes) node = made(path, false);
  if ((flags & O_TRUNC) != 0) disk_.truncate(*node, 0);
  open_[fd] = {path, node, 0, (flags & O_APPEND) != 0, (flags & O_DSYNC) != 0};
  return fd;
}

ssize_t FaultIo::read(int fd, void* out, std::size_t count) {
  const std::lock_guard guard(mutex_);
  return fails(open_[fd].path, false) ? failed() : __real_read(fd, out, count);
}

ssize_t FaultIo::pread(int fd, void* out, std::size_t count, off_t offset) {
  const std::lock_guard guard(mutex_);
  return fails(open_[fd].path, false) ? failed() : __real_pread(fd, out, count, offset);
}

template <typename Real>
ssize_t FaultIo::write_at(Open& file, std::size_t offset, std::string_view bytes, Real real) {
  const bool struck = fails(file.path, true);
  if (dead()) return failed();
  if (struck) bytes = bytes.substr(0, bytes.size() / 2);
  const ssize_t written = real(bytes);
  if (written > 0) {
    const auto count = static_cast<std::size_t>(written);
    disk_.write(*file.node, offset, bytes.substr(0, count));
    file.position = offset + count;
  }
  return struck ? failed() : written;
}

ssize_t FaultIo::write(int fd, std::string_view bytes) {
  const std::lock_guard guard(mutex_);
  Open& file = open_[fd];
  const std::size_t offset = file.appends ? file.node->cache.size() : file.position;
  return write_at(file, offset, bytes, [fd](std::string_view some) {
    return __real_write(fd, some.data(), some.size());
  });
}

// What is written to a file that syncs each write is on the disk when it has succeeded. A half of
// it is written otherwise than asked, past the rules for O_DIRECT.
ssize_t FaultIo::pwritev(int fd, const iovec* pieces, int count, off_t offset) {
  std::unique_lock guard(mutex_);
  Open& file = open_[fd];
  goes_on_.wait(guard, [&] { return !file.synced || !hanging_ || !named(file.path); });
  const std::string bytes = joined({pieces, static_cast<std::size_t>(count)});
  const bool was_dead = dead();
  const ssize_t written = write_at(file, static_cast<std::size_t>(offset), bytes,
                                   [&](std::string_view some) -> ssize_t {
                                     if (some.size() == bytes.size())
                                       return __real_pwritev(fd, pieces, count, offset);
                                     return write_plainly(file.path, some, offset);
                                   });
  // Power that goes while it is written leaves any part of it.
  if (file.synced && dead() && !was_dead)
    disk_.write(*file.node, static_cast<std::size_t>(offset), bytes);
  if (file.synced && written == static_cast<ssize_t>(bytes.size())) disk_.sync(*file.node);
  return written;
}

int FaultIo::sync(int fd, int (*real)(int)) {
  std::unique_lock guard(mutex_);
  goes_on_.wait(guard, [&] { return !hanging_ || !named(open_[fd].path); });
  const Open& file = open_[fd];
  const bool struck = fails(file.path, true);
  if (struck && !dead() && !file.node->folder) disk_.fail_sync(*file.node);
  if (struck) return failed();
  if (file.node->folder) {
    disk_.sync_folder(file.path);
  } else {
    disk_.sync(*file.node);
  }
  return real(fd);
}

int FaultIo::close(int fd) {
  const std::lock_guard guard(mutex_);
  open_.erase(fd);
  return __real_close(fd);
}

int FaultIo::rename(const char* from, const char* to) {
  const std::lock_guard guard(mutex_);
  if (fails(plain(to), true)) return failed();
  const auto node = disk_.at(plain(from));
  (void)disk_.at(plain(to));
  const int result = __real_rename(from, to);
  if (result == 0) disk_.place({{plain(from), nullptr}, {plain(to), node}});
  return result;
}

int FaultIo::mkdir(const char* path, mode_t mode) {
  const std::lock_guard guard(mutex_);
  if (fails(plain(path), true)) return failed();
  (void)disk_.at(plain(path));
  const int result = __real_mkdir(path, mode);
  if (result == 0) (void)made(plain(path), true);
  return result;
}

int FaultIo::mknod(const char* path, mode_t mode, dev_t device) {
  const std::lock_guard guard(mutex_);
  if (fails(plain(path), true)) return failed();
  (void)disk_.at(plain(path));
  const int result = __real_mknod(path, mode, device);
  if (result == 0) (void)made(plain(path), false);
  return result;
}

int FaultIo::remove(const char* path, int (*real)(const char*)) {
  const std::lock_guard guard(mutex_);
  if (fails(plain(path), false)) return failed();
  (void)disk_.at(plain(path));
  const int result = real(path);
  if (result == 0) disk_.place({{plain(path), nullptr}});
  return result;
}

}  // namespace menshen::store::testing

using menshen::store::testing::over;

extern "C" {

int __wrap_open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  auto* io = over(path);
  return io != nullptr ? io->open(path, flags, mode) : __real_open(path, flags, mode);
}

ssize_t __wrap_read(int fd, void* out, size_t count) {
  auto* io = over(fd);
  return io != nullptr ? io->read(fd, out, count) : __real_read(fd, out, count);
}

ssize_t __wrap_pread(int fd, void* out, size_t count, off_t offset) {
  auto* io = over(fd);
  return io != nullptr ? io->pread(fd, out, count, offset) : __real_pread(fd, out, count, offset);
}

ssize_t __wrap_write(int fd, const void* data, size_t count) {
  auto* io = over(fd);
  return io != nullptr ? io->write(fd, {static_cast<const char*>(data), count})
                       : __real_write(fd, data, count);
}

ssize_t __wrap_pwritev(int fd, const iovec* pieces, int count, off_t offset) {
  auto* io = over(fd);
  return io != nullptr ? io->pwritev(fd, pieces, count, offset)
                       : __real_pwritev(fd, pieces, count, offset);
}

int __wrap_fsync(int fd) {
  auto* io = over(fd);
  return io != nullptr ? io->sync(fd, &__real_fsync) : __real_fsync(fd);
}

int __wrap_fdatasync(int fd) {
  auto* io = over(fd);
  return io != nullptr ? io->sync(fd, &__real_fdatasync) : __real_fdatasync(fd);
}

int __wrap_close(int fd) {
  auto* io = over(fd);
  return io != nullptr ? io->close(fd) : __real_close(fd);
}

int __wrap_rename(const char* from, const char* to) {
  auto* io = over(to);
  return io != nullptr ? io->rename(from, to) : __real_rename(from, to);
}

int __wrap_mkdir(const char* path, mode_t mode) {
  auto* io = over(path);
  return io != nullptr ? io->mkdir(path, mode) : __real_mkdir(path, mode);
}

int __wrap_mknod(const char* path, mode_t mode, dev_t device) {
  auto* io = over(path);
  return io != nullptr ? io->mknod(path, mode, device) : __real_mknod(path, mode, device);
}

int __wrap_unlink(const char* path) {
  auto* io = over(path);
  return io != nullptr ? io->remove(path, &__real_unlink) : __real_unlink(path);
}

int __wrap_rmdir(const char* path) {
  auto* io = over(path);
  return io != nullptr ? io->remove(path, &__real_rmdir) : __real_rmdir(path);
}

}  // extern "C"
