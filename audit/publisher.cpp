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
    if (!tiles_reason_.empty()) account(tiles_reason_, {});
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
  return {failures_, tiles_reason_.empty() ? heads_reason_ : tiles_reason_};
}

void Publisher::tiles_failed(const core::Error& error) {
  const std::lock_guard lock(mutex_);
  account(tiles_reason_, error);
}

void Publisher::account(std::string& reason, const core::Result<void>& written) {
  const auto failing = [this] { return !heads_reason_.empty() || !tiles_reason_.empty(); };
  const bool failed_before = failing();
  reason = written ? "" : core::to_string(written.error());
  if (!written) ++failures_;
  if (failed_before != failing() && on_change_) on_change_(written);
}

void Publisher::run() {
  const auto ready = [this] { return changed_ || closing_; };
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool failed = !heads_reason_.empty();
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
  account(heads_reason_, written);
}

}  // namespace menshen::audit
