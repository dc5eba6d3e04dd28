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

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace menshen::audit {

inline constexpr std::size_t pending_heads_max = 1024;

class Publisher {
 public:
  Publisher(std::filesystem::path checkpoint, std::filesystem::path publish);
  ~Publisher();

  void offer(std::string note);
  [[nodiscard]] std::uint64_t failures() const;

 private:
  void run();
  [[nodiscard]] bool write_out(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] bool write(const std::string& last, std::deque<std::string>& pending) const;

  const std::filesystem::path checkpoint_;
  const std::filesystem::path publish_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string last_;
  std::deque<std::string> pending_;
  bool changed_ = false;
  bool closing_ = false;
  std::uint64_t failures_ = 0;
  std::thread thread_;
};

}  // namespace menshen::audit
