// Writes signed heads outside the segments, on a thread of its own so that no commit waits for
// them.
//
//   Publisher publisher("var/log/checkpoint", {{"var/heads"}, {"/mnt/auditor/heads"}});
//   publisher.offer(note, true);
//
// `checkpoint` holds the last head; the other files get every head appended, each followed by an
// empty line. offer() may be called from any thread and does not block. While a file cannot be
// written, heads wait and are tried again every second: the last one, and up to pending_heads_max
// for each of the others (a later head covers an earlier one). The destructor writes what is left,
// or gives up.
#pragma once

#include "audit/files.h"
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
#include <vector>

namespace menshen::audit {

inline constexpr std::size_t pending_heads_max = 1024;

struct HeadsFile {
  std::filesystem::path path;
  Absent made = Absent::made;  // what to do when it is not there
};

class Publisher {
 public:
  // Told once of each change, never twice at a time: an error, heads or what they need cannot be
  // written; none, they can again.
  using OnChange = std::function<void(const core::Result<void>&)>;

  Publisher(std::filesystem::path checkpoint, std::vector<HeadsFile> appended, OnChange on_change);
  ~Publisher();

  struct State {
    std::uint64_t failures = 0;
    std::string reason{};  // why the last try failed; empty: it did not
  };

  // `tiles_stand`: it may be the checkpoint.
  void offer(std::string note, bool tiles_stand);
  // The tiles that the next head waits for cannot be written: counted and told alike, until a head
  // is offered.
  void tiles_failed(const core::Error& error);
  [[nodiscard]] State state() const;

 private:
  void run();
  void write_out(std::unique_lock<std::mutex>& lock);
  void account(std::string& reason, const core::Result<void>& written);  // with the lock

  struct Appended {
    HeadsFile to;
    std::deque<std::string> pending{};
    bool torn = false;  // it may end with a piece of a note
  };

  const std::filesystem::path checkpoint_;
  const OnChange on_change_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string last_;
  std::vector<Appended> appended_;
  bool changed_ = false;
  bool closing_ = false;
  std::uint64_t failures_ = 0;
  std::string heads_reason_;
  std::string tiles_reason_;
  std::thread thread_;
};

}  // namespace menshen::audit
