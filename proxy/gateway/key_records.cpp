#include "proxy/gateway/key_records.h"

#include "core/error.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace menshen::gateway {
namespace {

constexpr std::size_t changes_at_once = 1'000;
// Of records, after which a list ends: it fits into the smallest queue that a journal may have.
constexpr std::size_t list_bytes = 256 * 1024;

// Whoever waits for several records: told when the last of them is decided.
class Decided {
 public:
  explicit Decided(std::size_t records) : waiting_(records) {}

  void tell(core::Result<std::uint64_t> seq) {
    const std::lock_guard lock(mutex_);
    if (seq)
      last_ = *seq;
    else
      refused_ = seq.error();
    // Within the lock: whoever waits may end this object once it is free.
    if (--waiting_ == 0) decided_.notify_one();
  }
  // The number of the last record, where none was refused.
  core::Result<std::uint64_t> wait() {
    std::unique_lock lock(mutex_);
    decided_.wait(lock, [this] { return waiting_ == 0; });
    if (refused_) return *refused_;
    return last_;
  }

 private:
  std::mutex mutex_;
  std::size_t waiting_;
  std::uint64_t last_ = 0;
  std::optional<core::Error> refused_;
  std::condition_variable decided_;
};

class Waiting final : public audit::Pending {
 public:
  Waiting(audit::CanonicalRecord record_text, Decided& decided)
      : Pending(std::move(record_text)), decided_(decided) {}
  void written(core::Result<std::uint64_t> seq) noexcept override { decided_.tell(std::move(seq)); }

 private:
  Decided& decided_;
};

std::string time_text(const std::optional<std::int64_t>& time_ns) {
  return time_ns ? core::format_rfc3339(*time_ns) : std::string{};
}

audit::Record record_of(const identity::KeyChange& change) {
  audit::Record out;
  out.type = audit::RecordType::credential;
  out.wall_ns = change.at_ns;
  out.credential = change.key.id;
  out.subject = change.key.subject;
  out.subject_kind = core::to_string(change.key.kind);
  out.groups = change.key.groups;
  out.application = change.key.application;
  out.change = std::make_shared<const audit::KeyChangeEntry>(
      audit::KeyChangeEntry{.action = std::string(to_string(change.action)),
                            .expires = time_text(change.key.expires_ns),
                            .may_set_user = change.key.may_set_user,
                            .number = change.number,
                            .replaces = change.key.replaces,
                            .retires = time_text(change.former_retires_ns)});
  return out;
}

audit::Record replaced_record(std::int64_t now_ns) {
  audit::Record out;
  out.type = audit::RecordType::credential;
  out.wall_ns = now_ns;
  out.change = std::make_shared<const audit::KeyChangeEntry>(
      audit::KeyChangeEntry{.action = "store_replaced"});
  out.note =
      "keys.db is another one, or an older copy of the one before: its changes follow from the "
      "first one on.";
  return out;
}

}  // namespace

core::Result<void> KeyRecords::record(identity::KeyRepository& keys) {
  for (;;) {
    if (const auto found = find_last(); !found) return found;
    auto changes = keys.changes(std::max<std::uint64_t>(last_->number, 1), changes_at_once);
    if (!changes) return changes.error();
    std::vector<audit::Record> records;
    std::string key;
    const bool replaced = !goes_on(*changes);
    if (replaced) records.push_back(replaced_record(parts_.clock.wall_ns()));
    for (const identity::KeyChange& change : *changes) {
      if (replaced || change.number <= last_->number) continue;
      records.push_back(record_of(change));
    }
    if (records.empty()) return {};
    if (const auto written = append(records); !written) return written;
    if (replaced) parts_.replaced();
  }
}

// The last change that was recorded still is what it was.
bool KeyRecords::goes_on(const std::vector<identity::KeyChange>& changes) const {
  if (last_->number == 0) return true;
  return !changes.empty() && changes.front().number == last_->number &&
         changes.front().key.id == last_->key;
}

core::Result<void> KeyRecords::find_last() {
  if (last_) return {};
  // While the journal is in trouble, a record that it has refused may still come to stand.
  const audit::JournalStats journal = parts_.journal.stats();
  if (!journal.healthy) {
    return core::gateway_error(core::ErrorKind::unavailable, "evidence_unavailable",
                               "Changes of API keys cannot be recorded. " + journal.reason);
  }
  auto last = audit::last_recorded_change(parts_.store);
  if (!last) return last.error();
  last_ = std::move(*last);
  return {};
}

// In lists: where one record is refused, so are all behind it.
core::Result<void> KeyRecords::append(std::span<const audit::Record> records) {
  while (!records.empty()) {
    std::vector<audit::CanonicalRecord> texts;
    for (std::size_t bytes = 0; texts.size() < records.size() && bytes < list_bytes;) {
      texts.push_back(audit::canonicalise(records[texts.size()]));
      bytes += texts.back().text.size();
    }
    const audit::Record& last = records[texts.size() - 1];
    records = records.subspan(texts.size());
    Decided decided(texts.size());
    std::deque<Waiting> waiting;
    audit::PendingList list;
    for (auto& text : texts) list.push(waiting.emplace_back(std::move(text), decided));
    parts_.journal.append(std::move(list));
    const auto seq = decided.wait();
    if (!seq) {
      last_.reset();
      return seq.error();
    }
    last_ = audit::RecordedChange{last.change ? last.change->number : 0, last.credential, *seq};
  }
  return {};
}

void KeyRecords::looked() {
  if (!find_last()) return;
  const bool far = parts_.journal.stats().records >= last_->seq + parts_.state_interval;
  if (!far && !state_due_.exchange(false)) return;
  audit::Record state = parts_.state();
  if (last_->number > 0) {
    state.credential = last_->key;
    state.change = std::make_shared<const audit::KeyChangeEntry>(
        audit::KeyChangeEntry{.number = last_->number});
  }
  if (!append({&state, 1})) state_due_ = true;
}

}  // namespace menshen::gateway
