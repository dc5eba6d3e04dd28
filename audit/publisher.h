// Writes signed heads outside the segments, on a thread of its own so that no commit waits for
// them.
//
//   Publisher publisher("var", standing, {{"var/heads"}, {"/mnt/auditor/heads"}}, {.change = ...});
//   publisher.offer(note, true);
//   publisher.offer_cosigned(cosigned);      // the same head, with cosignatures
//
// The directory's `log/checkpoint` holds the last head, with the cosignatures that have come for
// it, and `log/witnessed` the last head that was cosigned; the other files get every head appended,
// each followed by an empty line. Both offers may come from any thread and do not block. While a
// file cannot be written, heads wait and are tried again every second: the last one, and up to
// pending_heads_max for each of the others (a later head covers an earlier one). The destructor
// writes what is left, or gives up.
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
  bool cosigned = true;        // gets cosigned heads too, which may come behind later ones
};

class Publisher {
 public:
  // Either may be empty.
  struct Listener {
    // Once of each change, never twice at a time: an error, heads or what they need cannot be
    // written; none, they can again.
    std::function<void(const core::Result<void>&)> change;
    // A head that now is `log/checkpoint`, once, on the publisher's thread.
    std::function<void(const std::string& note)> head;
  };

  // `standing`: what `log/checkpoint` holds.
  Publisher(const std::filesystem::path& directory, std::string standing,
            std::vector<HeadsFile> appended, Listener listener);
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
  // A head that was offered before, with the cosignatures of a quorum.
  void offer_cosigned(std::string note);
  [[nodiscard]] State state() const;

 private:
  void run();
  void write_out(std::unique_lock<std::mutex>& lock);
  void account(std::string& reason, const core::Result<void>& written);  // with the lock
  [[nodiscard]] core::Result<void> write_heads(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] core::Result<void> append_heads(std::unique_lock<std::mutex>& lock);

  struct Appended {
    void add(std::string note);

    HeadsFile to;
    std::deque<std::string> pending{};
    bool torn = false;  // it may end with a piece of a note
  };

  const std::filesystem::path checkpoint_;
  const std::filesystem::path witnessed_;
  const Listener listener_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string last_;
  std::string cosigned_;  // empty: none came since the last was written
  std::string told_;      // the text of the last head that the listener was told of
  std::vector<Appended> appended_;
  bool changed_ = false;
  bool closing_ = false;
  std::uint64_t failures_ = 0;
  std::string heads_reason_;
  std::string tiles_reason_;
  std::thread thread_;
};

}  // namespace menshen::audit
