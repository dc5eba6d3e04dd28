#include "audit/publisher.h"

#include "audit/files.h"

#include <chrono>

namespace menshen::audit {
namespace {

constexpr std::chrono::seconds retry_pause{1};

}  // namespace

Publisher::Publisher(std::filesystem::path checkpoint, std::filesystem::path publish,
                     OnChange on_change)
    : checkpoint_(std::move(checkpoint)),
      publish_(std::move(publish)),
      on_change_(std::move(on_change)),
      thread_([this] { run(); }) {}

Publisher::~Publisher() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Publisher::offer(std::string note) {
  {
    const std::lock_guard lock(mutex_);
    if (!publish_.empty()) {
      if (pending_.size() == pending_heads_max) pending_.pop_front();
      pending_.push_back(note);
    }
    last_ = std::move(note);
    changed_ = true;
  }
  wake_.notify_one();
}

Publisher::State Publisher::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Publisher::run() {
  const auto ready = [this] { return changed_ || closing_; };
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool failed = !state_.reason.empty();
    if (failed) {
      wake_.wait_for(lock, retry_pause, ready);
    } else {
      wake_.wait(lock, ready);
    }
    const bool last_try = closing_;
    if (changed_ || failed) {
      changed_ = false;
      write_out(lock);
    }
    if (last_try && !changed_) return;
  }
}

void Publisher::write_out(std::unique_lock<std::mutex>& lock) {
  const std::string last = last_;
  std::deque<std::string> pending;
  pending.swap(pending_);
  lock.unlock();
  const core::Result<void> written = write(last, pending);
  lock.lock();
  if (!written) {
    pending.insert(pending.end(), pending_.begin(), pending_.end());
    while (pending.size() > pending_heads_max) pending.pop_front();
    pending_.swap(pending);
  }
  const bool failed_before = !state_.reason.empty();
  state_.reason = written ? "" : core::to_string(written.error());
  if (!written) ++state_.failures;
  if (failed_before == written.has_error() || !on_change_) return;
  lock.unlock();
  on_change_(written);
  lock.lock();
}

core::Result<void> Publisher::write(const std::string& last,
                                    std::deque<std::string>& pending) const {
  const core::Result<void> written = write_durably(checkpoint_, last, 0644);
  if (pending.empty()) return written;
  std::string text;
  for (const std::string& note : pending) text.append(note).append("\n");
  if (auto appended = append_durably(publish_, text); !appended) return appended;
  pending.clear();
  return written;
}

}  // namespace menshen::audit
