// A SQLite VFS for tests: fails the k-th operation, or cuts the power at it.
//
//   FaultVfs vfs;                                  // becomes SQLite's default while it lives
//   vfs.fail_at(17, FaultVfs::Mode::once);         // counted from this call
//   ...; EXPECT_TRUE(vfs.hit()); vfs.clear();
//
// Counted operations: open, read, write, truncate, sync, delete. A write that fails has written its
// first half. Power: from the k-th operation on nothing reaches the disk; restore_after_power_cut()
// then rewrites each file as what was synced plus an arbitrary part of what was not, writes torn at
// sectors of 512 bytes. hang() makes every sync wait for go_on(). One at a time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace menshen::store::testing {

class FaultVfs {
 public:
  enum class Mode { off, once, from_then_on, power_cut };

  FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  ~FaultVfs();

  // `disk_full`: writes fail with SQLITE_FULL instead of SQLITE_IOERR_WRITE.
  void fail_at(std::uint64_t operation, Mode mode, bool disk_full = false);
  void clear();
  [[nodiscard]] bool hit() const;
  void restore_after_power_cut(std::uint64_t seed);
  void hang();
  void go_on();

  // For the VFS's functions.
  struct Write {
    std::int64_t offset = 0;
    std::string bytes;       // ignored when truncates
    bool truncates = false;  // to `offset`
  };
  struct FileState {
    std::string durable;
    std::vector<Write> pending;
  };
  void wait_while_hanging();
  [[nodiscard]] bool fails();
  [[nodiscard]] bool dead() const;
  [[nodiscard]] bool disk_full() const;
  void opened(const std::string& path);
  void wrote(const std::string& path, Write write);
  void synced(const std::string& path);
  void deleted(const std::string& path);

 private:
  mutable std::mutex mutex_;
  Mode mode_ = Mode::off;
  std::uint64_t countdown_ = 0;
  bool hit_ = false;
  bool disk_full_ = false;
  bool hanging_ = false;
  std::condition_variable goes_on_;
  std::map<std::string, FileState> files_;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace menshen::store::testing
