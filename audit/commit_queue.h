// Records on their way to the writer's thread, and those who wait for them: for a bounded time,
// whatever the disk does.
//
//   CommitQueue queue({.bytes_max = 64 << 20, .wait_ms = 10'000}, clock);
//   queue.push(std::move(list));                              // any thread
//   const bool closing = queue.take(records, pause);          // the writer, from here on
//   ... a transaction with the first n of them ...
//   if (auto waiting = queue.settle(n)) while (Pending* p = waiting->pop()) p->written(...);
//
// When the oldest record has waited for wait_ms, the disk has stalled: everyone who waits is
// refused on a thread of the queue's own, what the writer had not taken is dropped, and push()
// refuses at once until the writer comes back.
#pragma once

#include "audit/canonical.h"
#include "audit/pending.h"
#include "core/clock.h"
#include "core/error.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace menshen::audit {

// What a record that waits counts for, beside its text.
inline constexpr std::uint64_t record_overhead_bytes = 256;

class CommitQueue {
 public:
  struct Options {
    std::uint64_t bytes_max = 0;
    std::uint32_t wait_ms = 0;
  };

  CommitQueue(const Options& options, const core::Clock& clock);
  ~CommitQueue();  // after the writer's end

  // written() is called exactly once of each: by the writer, by the queue's thread, or in here when
  // the record is refused at once. Errors: unavailable, codes "evidence_queue_full",
  // "evidence_unavailable".
  void push(PendingList records) noexcept;
  // From now on push() refuses, and take() does not wait.
  void close();
  // From now on push() refuses, for this reason; what was pushed goes its way.
  void refuse(const core::Error& why);

  // Waits until there are records, or for `pause`; takes them all, in order. True: closing.
  [[nodiscard]] bool take(std::vector<CanonicalRecord>& records, std::chrono::milliseconds pause);
  // Those who wait for the first `count` records taken and not yet settled. Absent: they were
  // refused meanwhile, and so was everything else that was taken.
  [[nodiscard]] std::optional<PendingList> settle(std::size_t count);

  [[nodiscard]] std::uint64_t bytes() const;  // on their way
  // Why push() refuses, as a sentence: the disk has stalled, or refuse() was called.
  [[nodiscard]] std::optional<std::string> trouble() const;

 private:
  void watch();
  // Why a record of so many bytes is not taken; with the lock.
  [[nodiscard]] std::optional<core::Error> refusal_of(std::uint64_t bytes) const;
  [[nodiscard]] bool overdue() const;
  [[nodiscard]] core::Error stall_error() const;

  const Options options_;
  const core::Clock& clock_;
  const std::chrono::milliseconds look_;  // how often the watch looks
  mutable std::mutex mutex_;
  std::condition_variable wake_;   // the writer
  std::condition_variable watch_;  // the watch, at the end
  PendingList waiting_;            // for what the writer took, then for what it has not
  Pending* fresh_ = nullptr;       // the first of `waiting_` that the writer has not taken
  std::uint64_t bytes_ = 0;
  bool stalled_ = false;
  bool closing_ = false;
  bool ended_ = false;
  std::string refused_;  // why; empty: it is not
  std::thread thread_;
};

}  // namespace menshen::audit
