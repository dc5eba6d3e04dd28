#include "audit/commit_queue.h"

#include "audit/files.h"

#include <algorithm>
#include <string>

namespace menshen::audit {
namespace {

constexpr std::uint32_t looks_per_wait = 8;
constexpr std::uint32_t look_ms_max = 1'000;

core::Error refusal(const char* code, std::string message) {
  return core::gateway_error(core::ErrorKind::unavailable, code, std::move(message));
}

}  // namespace

CommitQueue::CommitQueue(const Options& options, const core::Clock& clock)
    : options_(options),
      clock_(clock),
      look_(std::clamp(options.wait_ms / looks_per_wait, 1U, look_ms_max)),
      thread_([this] { watch(); }) {}

CommitQueue::~CommitQueue() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  watch_.notify_one();
  thread_.join();
}

void CommitQueue::push(PendingList records) noexcept {
  PendingList refused;
  std::optional<core::Error> why;
  const std::int64_t now_ns = clock_.monotonic_ns();
  {
    const std::lock_guard lock(mutex_);
    while (Pending* const pending = records.pop()) {
      pending->bytes_ = pending->record.text.size() + record_overhead_bytes;
      pending->since_ns_ = now_ns;
      if (!why) why = refusal_of(pending->bytes_);
      if (why) {
        refused.push(*pending);
        continue;
      }
      waiting_.push(*pending);
      if (fresh_ == nullptr) fresh_ = pending;
      bytes_ += pending->bytes_;
    }
  }
  wake_.notify_one();
  while (Pending* const pending = refused.pop()) pending->written(*why);
}

std::optional<core::Error> CommitQueue::refusal_of(std::uint64_t bytes) const {
  if (!refused_.empty()) {
    return refusal(evidence_unavailable,
                   "No more evidence is taken: the log is not the one that was signed.");
  }
  if (closing_) return refusal("evidence_queue_full", "The gateway is stopping.");
  if (stalled_) return stall_error();
  if (bytes_ + bytes > options_.bytes_max)
    return refusal("evidence_queue_full", "Too much evidence is waiting for the disk.");
  return std::nullopt;
}

void CommitQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
}

void CommitQueue::refuse(const core::Error& why) {
  const std::lock_guard lock(mutex_);
  refused_ = why.message;
}

bool CommitQueue::take(std::vector<CanonicalRecord>& records, std::chrono::milliseconds pause) {
  records.clear();
  std::unique_lock lock(mutex_);
  stalled_ = false;
  wake_.wait_for(lock, pause, [this] { return closing_ || fresh_ != nullptr; });
  for (; fresh_ != nullptr; fresh_ = fresh_->next_) records.push_back(std::move(fresh_->record));
  return closing_;
}

std::optional<PendingList> CommitQueue::settle(std::size_t count) {
  PendingList out;
  const std::lock_guard lock(mutex_);
  if (stalled_ && count > 0) {
    stalled_ = false;
    return std::nullopt;
  }
  for (std::size_t i = 0; i < count; ++i) {
    Pending* const pending = waiting_.pop();
    bytes_ -= pending->bytes_;
    out.push(*pending);
  }
  return out;
}

std::uint64_t CommitQueue::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::optional<std::string> CommitQueue::trouble() const {
  const std::lock_guard lock(mutex_);
  if (!refused_.empty()) return refused_;
  if (!stalled_) return std::nullopt;
  return "The disk has not taken a record within " + std::to_string(options_.wait_ms) + " ms.";
}

void CommitQueue::watch() {
  std::unique_lock lock(mutex_);
  while (!watch_.wait_for(lock, look_, [this] { return ended_; })) {
    if (!overdue()) continue;
    stalled_ = true;
    PendingList refused = std::move(waiting_);
    fresh_ = nullptr;
    bytes_ = 0;
    lock.unlock();
    while (Pending* const pending = refused.pop()) pending->written(stall_error());
    lock.lock();
  }
}

// Before the time is over rather than after: nobody waits longer than it says.
bool CommitQueue::overdue() const {
  if (waiting_.empty()) return false;
  const std::int64_t waited_ns = clock_.monotonic_ns() - waiting_.front()->since_ns_;
  return std::chrono::nanoseconds(waited_ns) + look_ >= std::chrono::milliseconds(options_.wait_ms);
}

core::Error CommitQueue::stall_error() const {
  return refusal(evidence_unavailable, "The evidence did not reach the disk within " +
                                           std::to_string(options_.wait_ms) + " ms.");
}

}  // namespace menshen::audit
