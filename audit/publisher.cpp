#include "audit/publisher.h"

#include "audit/files.h"
#include "audit/layout.h"

#include <chrono>
#include <string_view>

namespace menshen::audit {
namespace {

constexpr std::chrono::seconds retry_pause{1};

// What was signed, and not by whom.
std::string_view text_of(std::string_view note) { return note.substr(0, note.find("\n\n")); }

}  // namespace

Publisher::Publisher(const std::filesystem::path& directory, std::string standing,
                     std::vector<HeadsFile> appended, Listener listener)
    : checkpoint_(directory / layout::checkpoint),
      witnessed_(directory / layout::witnessed),
      listener_(std::move(listener)),
      last_(std::move(standing)),
      told_(text_of(last_)) {
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
    for (Appended& file : appended_) file.add(note);
    if (tiles_stand) last_ = std::move(note);
    changed_ = true;
  }
  wake_.notify_one();
}

void Publisher::offer_cosigned(std::string note) {
  {
    const std::lock_guard lock(mutex_);
    for (Appended& file : appended_) {
      if (file.to.cosigned) file.add(note);
    }
    if (text_of(note) == text_of(last_)) last_ = note;
    cosigned_ = std::move(note);
    changed_ = true;
  }
  wake_.notify_one();
}

void Publisher::Appended::add(std::string note) {
  if (pending.size() == pending_heads_max) pending.pop_front();
  pending.push_back(std::move(note));
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
  if (failed_before != failing() && listener_.change) listener_.change(written);
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
  core::Result<void> written = write_heads(lock);
  if (auto appended = append_heads(lock); !appended) written = std::move(appended);
  account(heads_reason_, written);
}

core::Result<void> Publisher::write_heads(std::unique_lock<std::mutex>& lock) {
  const std::string last = last_;
  const std::string cosigned = cosigned_;
  const bool is_new = text_of(last) != told_;
  lock.unlock();
  core::Result<void> written = write_durably(checkpoint_, last, 0644);
  const bool tells = written && is_new && listener_.head;
  if (tells) listener_.head(last);
  if (written && !cosigned.empty()) written = write_durably(witnessed_, cosigned, 0644);
  lock.lock();
  if (tells) told_ = text_of(last);
  if (written && cosigned_ == cosigned) cosigned_.clear();
  return written;
}

core::Result<void> Publisher::append_heads(std::unique_lock<std::mutex>& lock) {
  core::Result<void> written;
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
  return written;
}

}  // namespace menshen::audit
