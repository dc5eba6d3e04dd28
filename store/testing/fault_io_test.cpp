// What the tests of files rely on: which operations fail, and what a cut of the power leaves.
#include "store/testing/fault_io.h"

#include "store/files.h"
#include "store/testing/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <future>
#include <set>
#include <sstream>
#include <string>

namespace menshen::store::testing {
namespace {

constexpr std::size_t sector = 512;
constexpr std::uint64_t seeds = 64;
namespace fs = std::filesystem;

class FaultIoTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path file(const std::string& name = "file") const { return dir_.path() / name; }
  [[nodiscard]] std::string text(const std::string& name = "file") const {
    std::ostringstream out;
    out << std::ifstream(file(name), std::ios::binary).rdbuf();
    return out.str();
  }
  [[nodiscard]] int open(const std::string& name = "file", int flags = 0) const {
    return ::open(file(name).c_str(), O_RDWR | O_CREAT | flags, 0600);
  }
  // A file that is durable, and so is its entry.
  void begin(const std::string& content) const {
    const int fd = open();
    EXPECT_EQ(::write(fd, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    EXPECT_EQ(::fsync(fd), 0);
    ::close(fd);
    EXPECT_TRUE(sync_directory(dir_.path(), "code"));
  }
  void overwrite(const std::string& content) const {
    const int fd = open();
    EXPECT_EQ(::write(fd, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    ::close(fd);
  }

  TemporaryDirectory dir_;
  FaultIo io_{dir_.path()};
};

TEST_F(FaultIoTest, AWriteThatFailsHasWrittenItsFirstHalf) {
  const int fd = open();
  io_.fail_at(1, FaultIo::Mode::once);
  EXPECT_EQ(::write(fd, "abcdef", 6), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_TRUE(io_.hit());
  EXPECT_EQ(::write(fd, "xyz", 3), 3);
  ::close(fd);
  EXPECT_EQ(text(), "abcxyz");
}

TEST_F(FaultIoTest, AFullDiskIsReadAndClearedOut) {
  begin("here");
  io_.fail_at(1, FaultIo::Mode::from_then_on, true);
  const int fd = open();
  char byte = 0;
  EXPECT_EQ(::pread(fd, &byte, 1, 0), 1);
  EXPECT_FALSE(io_.hit());
  EXPECT_EQ(::write(fd, "ab", 2), -1);
  EXPECT_EQ(errno, ENOSPC);
  ::close(fd);
  EXPECT_EQ(open("another"), -1);
  EXPECT_EQ(::unlink(file().c_str()), 0);
}

TEST_F(FaultIoTest, OnlyFilesThatAreNamedFail) {
  io_.only("second");
  io_.fail_at(1, FaultIo::Mode::from_then_on);
  ::close(open("first"));
  EXPECT_FALSE(io_.hit());
  EXPECT_EQ(open("second"), -1);
}

TEST_F(FaultIoTest, OtherFoldersAreLeftAlone) {
  const TemporaryDirectory other;
  io_.fail_at(1, FaultIo::Mode::from_then_on);
  EXPECT_TRUE(make_private_file(other.path() / "file", "code"));
  EXPECT_FALSE(io_.hit());
}

TEST_F(FaultIoTest, WhatWasSyncedOutlivesThePower) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    begin(std::to_string(seed));
    io_.restore_after_power_cut(seed);
    EXPECT_EQ(text(), std::to_string(seed));
    fs::remove(file());
  }
}

TEST_F(FaultIoTest, AWriteThatWasNotSyncedIsTornAtSectors) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    begin(std::string(2 * sector, 'a'));
    overwrite(std::string(2 * sector, 'b'));
    io_.restore_after_power_cut(seed);
    const std::string content = text();
    ASSERT_EQ(content.size(), 2 * sector);
    found.insert({content[0], content[sector]});
    EXPECT_EQ(content, std::string(sector, content[0]) + std::string(sector, content[sector]));
  }
  EXPECT_EQ(found, (std::set<std::string>{"aa", "ab", "ba", "bb"}));
}

TEST_F(FaultIoTest, NothingIsWrittenAfterTheCut) {
  begin("old");
  io_.fail_at(1, FaultIo::Mode::power_cut);
  EXPECT_EQ(open(), -1);
  EXPECT_EQ(::rename(file().c_str(), file("new").c_str()), -1);
  EXPECT_EQ(::mkdir(file("folder").c_str(), 0700), -1);
  io_.restore_after_power_cut(1);
  EXPECT_EQ(text(), "old");
}

// As Linux does it: the pages are called clean, and no later sync writes them.
TEST_F(FaultIoTest, NoSyncMakesUpForOneThatFailed) {
  std::set<std::string> found;
  for (int i = 0; i < 32; ++i) {
    begin("a");
    overwrite("b");
    const int fd = open();
    io_.fail_at(1, FaultIo::Mode::once);
    EXPECT_EQ(::fdatasync(fd), -1);
    EXPECT_EQ(::fdatasync(fd), 0);
    ::close(fd);
    EXPECT_EQ(text(), "b");
    io_.restore_after_power_cut(1);
    found.insert(text());
  }
  EXPECT_EQ(found, (std::set<std::string>{"a", "b"}));
}

TEST_F(FaultIoTest, EntriesAreKeptInTheirOrderUntilTheirFolderIsSynced) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    begin("old");
    const int fd = open("new");
    EXPECT_EQ(::write(fd, "new", 3), 3);
    EXPECT_EQ(::fsync(fd), 0);
    ::close(fd);
    EXPECT_EQ(::rename(file("new").c_str(), file().c_str()), 0);
    EXPECT_EQ(::mkdir(file("folder").c_str(), 0700), 0);
    io_.restore_after_power_cut(seed);
    found.insert(text() + (fs::exists(file("new")) ? "+made" : "") +
                 (fs::exists(file("folder")) ? "+folder" : ""));
    fs::remove_all(file("new"));
    fs::remove_all(file("folder"));
  }
  EXPECT_EQ(found, (std::set<std::string>{"old", "old+made", "new", "new+folder"}));
}

TEST_F(FaultIoTest, AFolderThatIsLostTakesWhatStandsInIt) {
  std::set<bool> kept;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    EXPECT_EQ(::mkdir(file("folder").c_str(), 0700), 0);
    EXPECT_TRUE(make_private_file(file("folder") / "file", "code"));
    io_.restore_after_power_cut(seed);
    kept.insert(fs::exists(file("folder")));
    EXPECT_EQ(fs::exists(file("folder") / "file"), fs::exists(file("folder")));
    fs::remove_all(file("folder"));
  }
  EXPECT_EQ(kept.size(), 2U);
}

// Of store/files.h: the second attempt must not take for durable what the first one made.
TEST_F(FaultIoTest, AFolderMadeAtASecondAttemptIsDurable) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    for (const std::uint64_t failing : {1U, 2U, 3U}) {  // to make it, to open its folder, to sync
      io_.fail_at(failing, FaultIo::Mode::once);
      EXPECT_FALSE(make_directory(file("folder"), "code"));
      EXPECT_TRUE(make_directory(file("folder"), "code"));
      io_.restore_after_power_cut(seed);
      EXPECT_TRUE(fs::exists(file("folder"))) << failing;
      fs::remove(file("folder"));
    }
  }
}

TEST_F(FaultIoTest, ASyncHangsUntilItGoesOn) {
  const int fd = open();
  io_.hang();
  std::promise<void> begun;
  auto synced = std::async(std::launch::async, [&] {
    begun.set_value();
    return ::fdatasync(fd);
  });
  begun.get_future().wait();
  EXPECT_NE(synced.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  io_.go_on();
  EXPECT_EQ(synced.get(), 0);
  ::close(fd);
}

}  // namespace
}  // namespace menshen::store::testing
