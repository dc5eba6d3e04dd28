// The system calls that files are written with, for tests: fails the k-th operation, or cuts the
// power at it. The twin of FaultVfs for files that are not SQLite's.
//
//   FaultIo io(dir.path());                        // while it lives; only what is below the folder
//   io.fail_at(17, FaultIo::Mode::once);           // counted from this call
//   ...; EXPECT_TRUE(io.hit()); io.clear();
//
// A test that links `fault_io` has its calls, and those of the libraries in it, wrapped by the
// linker (cmake: menshen_fault_io names them); the product has no hook. Files that the standard
// library or SQLite opens are not seen.
//
// Counted operations: open, read, pread, write, pwritev, fsync, fdatasync, rename, mkdir, mknod,
// unlink, rmdir. A write that fails has written its first half. Power: from the k-th operation on
// nothing reaches the disk; restore_after_power_cut() then makes each file what was synced plus an
// arbitrary part of what was not, writes torn at sectors of 512 bytes, and keeps of the entries
// (files and folders made, renamed, removed) that no fsync of their folder followed the first few.
// It may also be called without a cut, for power that fails when nobody writes. hang() makes every
// sync that only() lets through wait for go_on(). One at a time; it outlives the threads that use
// the folder. Files are closed before they are restored, and test code changes none that was
// written through here. Where refuse_direct() was called, O_DIRECT is refused, as by some file
// systems.
#pragma once

#include "store/testing/disk_model.h"

#include <sys/types.h>
#include <sys/uio.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace menshen::store::testing {

class FaultIo {
 public:
  enum class Mode { off, once, from_then_on, power_cut };

  explicit FaultIo(const std::filesystem::path& folder);
  FaultIo(const FaultIo&) = delete;
  FaultIo& operator=(const FaultIo&) = delete;
  ~FaultIo();

  // `disk_full`: what needs space fails with ENOSPC, and is counted, alone; else all with EIO.
  void fail_at(std::uint64_t operation, Mode mode, bool disk_full = false);
  // Only operations on files whose names begin so are counted, and fail, or hang. Until clear().
  void only(std::string name);
  void clear();
  [[nodiscard]] bool hit() const;
  void restore_after_power_cut(std::uint64_t seed);
  void hang();
  void refuse_direct();
  void go_on();

  // For the wrapped calls; each does as its namesake.
  [[nodiscard]] bool covers(const char* path) const;
  [[nodiscard]] bool holds(int fd) const;
  int open(const char* path, int flags, mode_t mode);
  ssize_t read(int fd, void* out, std::size_t count);
  ssize_t pread(int fd, void* out, std::size_t count, off_t offset);
  ssize_t write(int fd, std::string_view bytes);
  ssize_t pwritev(int fd, const iovec* pieces, int count, off_t offset);
  int sync(int fd, int (*real)(int));
  int close(int fd);
  int rename(const char* from, const char* to);
  int mkdir(const char* path, mode_t mode);
  int mknod(const char* path, mode_t mode, dev_t device);
  int remove(const char* path, int (*real)(const char*));

 private:
  struct Open {
    std::string path;
    DiskModel::NodePtr node;
    std::size_t position = 0;
    bool appends = false;
    bool synced = false;  // O_DSYNC
  };

  [[nodiscard]] bool named(std::string_view path) const;  // what only() asks for
  [[nodiscard]] bool fails(std::string_view path, bool needs_space);
  [[nodiscard]] bool dead() const { return hit_ && mode_ == Mode::power_cut; }
  [[nodiscard]] int failed() const;
  [[nodiscard]] DiskModel::NodePtr made(const std::string& path, bool folder);
  template <typename Real>
  ssize_t write_at(Open& file, std::size_t offset, std::string_view bytes, Real real);

  const std::string folder_;
  mutable std::mutex mutex_;
  std::condition_variable goes_on_;
  Mode mode_ = Mode::off;
  std::uint64_t countdown_ = 0;
  bool hit_ = false;
  bool disk_full_ = false;
  bool hanging_ = false;
  bool direct_refused_ = false;
  std::string only_;
  std::map<int, Open> open_;
  DiskModel disk_;
};

}  // namespace menshen::store::testing
