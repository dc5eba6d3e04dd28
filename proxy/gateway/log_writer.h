// Writes the log's lines on a thread of its own, so that nobody who logs waits for a disk, or for
// whoever reads standard output.
//
//   LogWriter writer({.lost_line = [](std::uint64_t lost) { return ...; }});   // standard output
//   if (auto opened = writer.open("menshen.log"); !opened) ...
//   writer.put(R"({"event":"listening"})" "\n");
//
// Lines that come close together leave in one write. A line that finds the queue full is lost, as
// is one that cannot be written; a later line says how many. The destructor waits a bounded time
// for what is queued, and then gives it up: a reader that stalls does not keep the process.
// put(), open() and lost() may be called from any thread.
#pragma once

#include "core/error.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace menshen::gateway {

class LogWriter {
 public:
  struct Options {
    std::size_t queue_bytes_max = 4 * 1024 * 1024;
    // What is written for lines that were lost, with its line feed. On the writer's thread, which
    // may outlive the writer.
    std::function<std::string(std::uint64_t lost)> lost_line;
    std::chrono::milliseconds patience{2'000};  // of the destructor
    int descriptor = 1;                         // until open(); stays its owner's
  };

  explicit LogWriter(Options options);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Lines that are put from now on go into this file, which is made (0640) or appended to; those
  // before go where they went. After an error everything does. Error: invalid_config
  // "log_unwritable".
  core::Result<void> open(const std::filesystem::path& path);

  // One line or several, each with its line feed: all of them or none.
  void put(std::string_view lines) noexcept;

  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;  // the thread's too, which may be left behind
  std::thread thread_;
};

// Whether a file can be appended to, or made, as far as that can be told without making it. Error:
// invalid_config, with this code.
[[nodiscard]] core::Result<void> check_appendable(const std::filesystem::path& path,
                                                  const char* code);

}  // namespace menshen::gateway
