#include "audit/publisher.h"

#include "audit/files.h"

#include <chrono>

namespace menshen::audit {
namespace {

constexpr std::chrono::seconds retry_pause{1};

}  // namespace

Publisher::Publisher(std::filesystem::path checkpoint, std::filesystem::path publish)
    : checkpoint_(std::move(checkpoint)),
      publish_(std::move(publish)),
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

std::uint64_t Publisher::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

void Publisher::run() {
  const auto ready = [this] { return changed_ || closing_; };
  bool failed = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failed) {
      wake_.wait_for(lock, retry_pause, ready);
    } else {
      wake_.wait(lock, ready);
    }
    const bool last_try = closing_;
    if (changed_ || failed) {
      changed_ = false;
      failed = !write_out(lock);
    }
    if (last_try && !changed_) return;
  }
}

bool Publisher::write_out(std::unique_lock<std::mutex>& lock) {
  const std::string last = last_;
  std::deque<std::string> pending;
  pending.swap(pending_);
  lock.unlock();
  const bool written = write(last, pending);
  lock.lock();
  if (written) return true;
  ++failures_;
  pending.insert(pending.end(), pending_.begin(), pending_.end());
  while (pending.size() > pending_heads_max) pending.pop_front();
  pending_.swap(pending);
  return false;
}

bool Publisher::write(const std::string& last, std::deque<std::string>& pending) const {
  bool written = write_durably(checkpoint_, last, 0644).has_value();
  if (pending.empty()) return written;
  std::string text;
  for (const std::string& note : pending) text.append(note).append("\n");
  if (!append_durably(publish_, text)) return false;
  pending.clear();
  return written;
}

}  // namespace menshen::audit
