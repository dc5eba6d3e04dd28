// Writes signed heads outside the database, on a thread of its own so that no commit waits for
// them.
//
//   Publisher publisher("var/checkpoint", "/mnt/auditor/heads");
//   publisher.offer(note);
//
// `checkpoint` holds the last head; `publish`, when given, gets every head appended, each followed
// by an empty line. offer() may be called from any thread and does not block. While a file cannot
// be written, heads wait and are tried again every second: the last one, and up to
// pending_heads_max for `publish` (a later head covers an earlier one). The destructor writes what
// is left, or gives up.
#pragma once

#include "core/error.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace menshen::audit {

inline constexpr std::size_t pending_heads_max = 1024;

class Publisher {
 public:
  // Told on the publisher's thread, once of each change: an error, heads cannot be written; none,
  // they can again.
  using OnChange = std::function<void(const core::Result<void>&)>;

  Publisher(std::filesystem::path checkpoint, std::filesystem::path publish, OnChange on_change);
  ~Publisher();

  struct State {
    std::uint64_t failures = 0;
    std::string reason;  // why the last try failed; empty: it did not
  };

  void offer(std::string note);
  [[nodiscard]] State state() const;

 private:
  void run();
  void write_out(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] core::Result<void> write(const std::string& last,
                                         std::deque<std::string>& pending) const;

  const std::filesystem::path checkpoint_;
  const std::filesystem::path publish_;
  const OnChange on_change_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string last_;
  std::deque<std::string> pending_;
  bool changed_ = false;
  bool closing_ = false;
  State state_;
  std::thread thread_;
};

}  // namespace menshen::audit
