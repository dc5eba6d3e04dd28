#include "audit/publisher.h"

#include "audit/files.h"

#include <chrono>

namespace menshen::audit {
namespace {

constexpr std::chrono::seconds retry_pause{1};

}  // namespace

Publisher::Publisher(std::filesystem::path checkpoint, std::vector<HeadsFile> appended,
                     OnChange on_change)
    : checkpoint_(std::move(checkpoint)), on_change_(std::move(on_change)) {
  for (auto& file : appended) appended_.push_back({.to = std::move(file)});
  thread_ = std::thread([this] { run(); });
}

Publisher::~Publisher() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Publisher::offer(std::string note, bool tiles_stand) {
  {
    const std::lock_guard lock(mutex_);
    for (Appended& file : appended_) {
      if (file.pending.size() == pending_heads_max) file.pending.pop_front();
      file.pending.push_back(note);
    }
    if (tiles_stand) last_ = std::move(note);
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
  lock.unlock();
  core::Result<void> written;
  if (!last.empty()) written = write_durably(checkpoint_, last, 0644);
  lock.lock();
  for (Appended& file : appended_) {
    std::deque<std::string> notes;
    notes.swap(file.pending);
    if (notes.empty()) continue;
    std::string text = file.torn ? "\n\n" : "";
    for (const std::string& note : notes) text.append(note).append("\n");
    lock.unlock();
    auto done = append_durably(file.to.path, text, file.to.made);
    lock.lock();
    file.torn = !done;
    if (done) continue;
    written = std::move(done);
    notes.insert(notes.end(), file.pending.begin(), file.pending.end());
    while (notes.size() > pending_heads_max) notes.pop_front();
    file.pending.swap(notes);
  }
  const bool failed_before = !state_.reason.empty();
  state_.reason = written ? "" : core::to_string(written.error());
  if (!written) ++state_.failures;
  if (failed_before == written.has_error() || !on_change_) return;
  lock.unlock();
  on_change_(written);
  lock.lock();
}

}  // namespace menshen::audit
