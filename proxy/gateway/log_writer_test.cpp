#include "proxy/gateway/log_writer.h"

#include "audit/test_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace menshen::gateway {
namespace {

namespace fs = std::filesystem;
using audit::TemporaryDirectory;
using ::testing::HasSubstr;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string told(std::uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; }

// Nobody reads it until read() is called.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    ::close(ends_[1]);
  }
  void close_reader() {
    if (ends_[0] >= 0) ::close(std::exchange(ends_[0], -1));
  }
  [[nodiscard]] int in() const { return ends_[1]; }
  // Until the text ends so.
  std::string read_until(const std::string& end) {
    return read_while([&](const std::string& text) { return !text.ends_with(end); });
  }
  std::string read_bytes(std::size_t bytes) {
    return read_while([bytes](const std::string& text) { return text.size() < bytes; });
  }

 private:
  template <class Wanted>
  std::string read_while(Wanted wanted) {
    std::string out;
    std::array<char, 4096> buffer{};
    while (wanted(out)) {
      const ssize_t n = ::read(ends_[0], buffer.data(), buffer.size());
      if (n <= 0) break;
      out.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return out;
  }

  std::array<int, 2> ends_{-1, -1};
};

TEST(LogWriter, WritesLinesInTheirOrder) {
  Pipe pipe;
  LogWriter writer({.lost_line = told, .descriptor = pipe.in()});
  std::string all;
  for (int i = 0; i < 100; ++i) {
    const std::string line = std::to_string(i) + "\n";
    writer.put(line);
    all += line;
  }
  EXPECT_EQ(pipe.read_until("99\n"), all);
  EXPECT_EQ(writer.lost(), 0U);
}

TEST(LogWriter, LinesOfThreadsAreWhole) {
  const TemporaryDirectory dir;
  const fs::path path = dir.path() / "log";
  {
    LogWriter writer({.lost_line = told});
    ASSERT_TRUE(writer.open(path));
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&writer, t] {
        for (int i = 0; i < 500; ++i)
          writer.put(std::string(100, static_cast<char>('a' + t)) + "\n");
      });
    }
  }
  std::ifstream file(path);
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    EXPECT_EQ(line, std::string(100, line.front()));
  }
  EXPECT_EQ(lines, 2000);
}

// A line fits into the queue up to its last byte; one more is lost, and counted.
TEST(LogWriter, AReaderThatStallsLosesLinesAndHoldsNobody) {
  Pipe pipe;
  constexpr std::size_t queue = 64 * 1024;
  LogWriter writer({.queue_bytes_max = queue, .lost_line = told, .descriptor = pipe.in()});
  const std::string line = std::string(1023, 'x') + "\n";
  int put = 0;
  for (; writer.lost() == 0; ++put) writer.put(line);
  EXPECT_GE(put, static_cast<int>(queue / line.size()));
  const std::string text = pipe.read_until("lost 1\n");
  EXPECT_EQ(text.size(), line.size() * static_cast<std::size_t>(put - 1) + told(1).size());
  writer.put("again\n");
  EXPECT_EQ(pipe.read_until("again\n"), "again\n");
}

TEST(LogWriter, ALineLongerThanTheQueueIsLost) {
  Pipe pipe;
  LogWriter writer({.queue_bytes_max = 8, .lost_line = told, .descriptor = pipe.in()});
  writer.put("1234567\n");
  EXPECT_EQ(pipe.read_until("7\n"), "1234567\n");
  writer.put("12345678\n");
  EXPECT_EQ(writer.lost(), 1U);
}

TEST(LogWriter, EndsThoughNobodyReads) {
  Pipe pipe;
  const std::string line = std::string(1023, 'x') + "\n";
  constexpr std::size_t lines = 200;  // more than the pipe takes
  {
    LogWriter writer(
        {.lost_line = told, .patience = std::chrono::milliseconds(1), .descriptor = pipe.in()});
    for (std::size_t i = 0; i < lines; ++i) writer.put(line);
  }
  // Whoever was left behind goes on when somebody reads, and then ends.
  EXPECT_EQ(pipe.read_bytes(lines * line.size()).size(), lines * line.size());
}

TEST(LogWriter, WritesWhatIsQueuedBeforeItEnds) {
  const TemporaryDirectory dir;
  const fs::path path = dir.path() / "log";
  {
    LogWriter writer({.lost_line = told});
    ASSERT_TRUE(writer.open(path));
    for (int i = 0; i < 1000; ++i) writer.put("line\n");
  }
  EXPECT_EQ(content_of(path).size(), 5000U);
}

TEST(LogWriter, AFileOpenedAnewTakesTheLinesThatComeAfter) {
  const TemporaryDirectory dir;
  const fs::path path = dir.path() / "log";
  {
    LogWriter writer({.lost_line = told});
    ASSERT_TRUE(writer.open(path));
    writer.put("one\n");
    fs::rename(path, dir.path() / "log.1");
    writer.put("two\n");
    ASSERT_TRUE(writer.open(path));
    writer.put("three\n");
  }
  EXPECT_EQ(content_of(dir.path() / "log.1"), "one\ntwo\n");
  EXPECT_EQ(content_of(path), "three\n");
}

TEST(LogWriter, WhatIsNoFileIsRefusedAndLinesGoOn) {
  const TemporaryDirectory dir;
  const fs::path path = dir.path() / "log";
  {
    LogWriter writer({.lost_line = told});
    ASSERT_TRUE(writer.open(path));
    fs::create_directory(dir.path() / "folder");
    ASSERT_EQ(::mkfifo((dir.path() / "pipe").c_str(), 0600), 0);
    for (const char* name : {"folder", "pipe", "none/log"}) {
      const auto opened = writer.open(dir.path() / name);
      ASSERT_FALSE(opened) << name;
      EXPECT_EQ(opened.error().code, "log_unwritable") << name;
    }
    writer.put("on\n");
  }
  EXPECT_EQ(content_of(path), "on\n");
}

TEST(LogWriter, CountsWhatCannotBeWritten) {
  Pipe pipe;
  pipe.close_reader();
  std::uint64_t lost = 0;
  {
    LogWriter writer({.lost_line = told, .descriptor = pipe.in()});
    writer.put("one\ntwo\n");
    while (writer.lost() == 0) std::this_thread::yield();
    lost = writer.lost();
  }
  EXPECT_EQ(lost, 2U);
}

TEST(CheckAppendable, SaysWhatOpeningWouldAndMakesNothing) {
  const TemporaryDirectory dir;
  EXPECT_TRUE(check_appendable(dir.path() / "log", "log_unwritable"));
  EXPECT_FALSE(fs::exists(dir.path() / "log"));
  std::ofstream(dir.path() / "log") << "kept";
  EXPECT_TRUE(check_appendable(dir.path() / "log", "log_unwritable"));
  EXPECT_EQ(content_of(dir.path() / "log"), "kept");
  ASSERT_EQ(::mkfifo((dir.path() / "pipe").c_str(), 0600), 0);
  for (const fs::path& path : {dir.path(), dir.path() / "pipe", dir.path() / "none" / "log"}) {
    const auto checked = check_appendable(path, "log_unwritable");
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error().code, "log_unwritable") << path;
    EXPECT_THAT(core::to_string(checked.error()), HasSubstr(path.string()));
  }
}

}  // namespace
}  // namespace menshen::gateway
