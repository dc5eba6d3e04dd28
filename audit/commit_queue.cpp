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

void CommitQueue::push(CanonicalRecord record, Done done) {
  const std::uint64_t bytes = record.text.size() + record_overhead_bytes;
  std::optional<core::Error> refused;
  {
    const std::lock_guard lock(mutex_);
    if (!refused_.empty()) {
      refused = refusal(evidence_unavailable,
                        "No more evidence is taken: the log is not the one that was signed.");
    } else if (closing_) {
      refused = refusal("evidence_queue_full", "The gateway is stopping.");
    } else if (stalled_) {
      refused = stall_error();
    } else if (bytes_ + bytes > options_.bytes_max) {
      refused = refusal("evidence_queue_full", "Too much evidence is waiting for the disk.");
    } else {
      waiting_.push_back({std::move(done), bytes, clock_.monotonic_ns()});
      records_.push_back(std::move(record));
      bytes_ += bytes;
    }
  }
  if (refused) return done(std::move(*refused));
  wake_.notify_one();
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
  wake_.wait_for(lock, pause, [this] { return closing_ || !records_.empty(); });
  records.swap(records_);
  return closing_;
}

std::optional<std::vector<CommitQueue::Done>> CommitQueue::settle(std::size_t count) {
  std::vector<Done> out;
  const std::lock_guard lock(mutex_);
  if (stalled_ && count > 0) {
    stalled_ = false;
    return std::nullopt;
  }
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    bytes_ -= waiting_.front().bytes;
    out.push_back(std::move(waiting_.front().done));
    waiting_.pop_front();
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
    std::deque<Waiting> refused;
    refused.swap(waiting_);
    records_.clear();
    bytes_ = 0;
    lock.unlock();
    for (const Waiting& waiting : refused) waiting.done(stall_error());
    lock.lock();
  }
}

// Before the time is over rather than after: nobody waits longer than it says.
bool CommitQueue::overdue() const {
  if (waiting_.empty()) return false;
  const std::int64_t waited_ns = clock_.monotonic_ns() - waiting_.front().since_ns;
  return std::chrono::nanoseconds(waited_ns) + look_ >= std::chrono::milliseconds(options_.wait_ms);
}

core::Error CommitQueue::stall_error() const {
  return refusal(evidence_unavailable, "The evidence did not reach the disk within " +
                                           std::to_string(options_.wait_ms) + " ms.");
}

}  // namespace menshen::audit
