// Reading the log into the day's counts: what UsageStore::count does.
#include "audit/dp/usage_store.h"

#include <algorithm>
#include <map>

#include "audit/dp/usage_tables.h"
#include "audit/merkle.h"
#include "core/digest.h"

namespace menshen::audit::dp {
namespace {

constexpr std::size_t batch_records = 1'000;
constexpr std::size_t pseudonym_bytes = 16;
constexpr std::uint32_t status_ok = 200;

core::Error log_changed(const char* how) {
  return core::gateway_error(core::ErrorKind::unavailable, "privacy_log_changed",
                             std::string("The audit log is not the one that was counted: ") + how +
                                 " Run `menshen audit verify`.");
}

std::int64_t day_of(std::int64_t wall_ns) { return wall_ns / day_ns; }

std::string leaf_of(const StoredRecord& record) {
  return std::string(core::as_text(leaf_hash(record.body)));
}

// In canonical JSON these bytes can stand nowhere but in the record's own type: inside a text the
// quotes would be escaped.
bool is_operator_event(const std::string& body) {
  return body.find("\"type\":\"start\"") != body.npos ||
         body.find("\"type\":\"stop\"") != body.npos;
}

// Adds the exchanges of one transaction to the day's tables.
class Batch {
 public:
  explicit Batch(const store::Database& db) : db_(db) {}

  core::Result<void> prepare() {
    auto find = db_.prepare("SELECT requests FROM contributions WHERE day = ?1 AND who = ?2");
    if (!find) return find.error();
    auto put = db_.prepare("INSERT OR REPLACE INTO contributions VALUES(?1, ?2, ?3)");
    if (!put) return put.error();
    find_ = std::move(*find);
    put_ = std::move(*put);
    return {};
  }

  core::Result<void> add(const Record& record) {
    const bool counts =
        record.type == RecordType::outcome && record.status == status_ok && !record.subject.empty();
    if (!counts) return {};
    const auto day = open_day(day_of(record.wall_ns));
    if (!day) return day.error();
    if (*day == nullptr) return {};
    DayCounts& counted = **day;
    const std::string who(core::as_text(core::hmac_sha256(
        counted.row.key, record.subject_kind + std::string(1, '\0') + record.subject)));
    const std::string_view pseudonym = std::string_view(who).substr(0, pseudonym_bytes);
    const auto before = requests_of(counted.row.day, pseudonym);
    if (!before) return before.error();
    if (*before >= counted.row.requests_cap) return {};
    Added& cell = counted.added[cell_of(counted, record)];
    ++cell.requests;
    if (*before == 0) ++cell.users;
    return put_.bind(1, counted.row.day).bind_blob(2, pseudonym).bind(3, *before + 1).run();
  }

  core::Result<void> flush() {
    for (const auto& [number, day] : days_) {
      if (!day) continue;
      for (const auto& [cell, added] : day->added) {
        const auto done = store::run(db_,
                                     "UPDATE cells SET open_requests = open_requests + ?1,"
                                     " open_users = open_users + ?2 WHERE day = ?3 AND cell = ?4",
                                     added.requests, added.users, number, cell);
        if (!done) return done;
      }
    }
    return {};
  }

 private:
  struct Added {
    std::int64_t requests = 0;
    std::int64_t users = 0;
  };
  struct DayCounts {
    DayRow row;
    std::map<std::pair<std::string, std::string>, std::size_t> cells;
    std::size_t other = 0;
    std::map<std::size_t, Added> added;
  };

  // Null for a day that was not marked, or is over.
  core::Result<DayCounts*> open_day(std::int64_t number) {
    if (const auto known = days_.find(number); known != days_.end()) {
      return known->second ? &*known->second : nullptr;
    }
    const auto row = read_day(db_, number);
    if (!row) return row.error();
    std::optional<DayCounts>& day = days_[number];
    if (!*row || (*row)->final) return nullptr;
    const auto cells = read_cells(db_, number);
    if (!cells) return cells.error();
    day.emplace(DayCounts{**row, {}, cells->size() - 1, {}});
    for (std::size_t i = 0; i < cells->size(); ++i) {
      day->cells.emplace(std::pair((*cells)[i].group, (*cells)[i].model), i);
    }
    return &*day;
  }

  core::Result<std::uint64_t> requests_of(std::int64_t day, std::string_view who) {
    const auto row = find_.bind(1, day).bind_blob(2, who).step();
    const std::uint64_t requests = row && *row ? find_.unsigned_integer(0) : 0;
    find_.reset();
    if (!row) return row.error();
    return requests;
  }

  static std::size_t cell_of(const DayCounts& day, const Record& record) {
    const auto group = std::ranges::min_element(record.groups);
    const auto cell = day.cells.find({group == record.groups.end() ? "" : *group, record.model});
    return cell == day.cells.end() ? day.other : cell->second;
  }

  const store::Database& db_;
  store::Statement find_;
  store::Statement put_;
  std::map<std::int64_t, std::optional<DayCounts>> days_;
};

// A day is published when the gateway ran in it, which its starts and stops say, or when someone
// asked on it: whether anybody used it plays no part.
core::Result<void> apply_event(const store::Database& db, const Record& event, std::int64_t today,
                               const Plan& plan, Position& position) {
  const std::int64_t day = day_of(event.wall_ns);
  const auto marked = mark_days(db, position.live_from.value_or(day), day, today, plan);
  if (!marked) return marked;
  position.live_from.reset();
  if (event.type == RecordType::start) position.live_from = day;
  return {};
}

// One transaction; true while more is left.
core::Result<bool> scan_events(const store::Database& db, LogReader& log, std::uint64_t size,
                               std::int64_t today, const Plan& plan) {
  auto transaction = store::Transaction::begin(db);
  if (!transaction) return transaction.error();
  auto position = read_position(db);
  if (!position) return position.error();
  const auto batch = position->events < size ? log.read(position->events, batch_records)
                                             : std::vector<StoredRecord>{};
  if (!batch) return batch.error();
  for (const StoredRecord& stored : *batch) {
    position->events = stored.seq + 1;
    if (!is_operator_event(stored.body)) continue;
    const auto record = parse_record(stored.body);
    if (!record) return record.error();
    const auto applied = apply_event(db, record->record, today, plan, *position);
    if (!applied) return applied.error();
  }
  const auto marked = mark_days(db, position->live_from.value_or(today), today, today, plan);
  if (!marked) return marked.error();
  const auto written = write_position(db, *position);
  if (!written) return written.error();
  const auto committed = transaction->commit();
  if (!committed) return committed.error();
  return !batch->empty() && position->events < size;
}

core::Result<void> check_log(LogReader& log, const Position& position, std::uint64_t size) {
  if (position.counted > size) return log_changed("it has become shorter.");
  if (position.counted == 0) return {};
  const auto last = log.read(position.counted - 1, 1);
  if (!last) return last.error();
  if (last->empty() || leaf_of(last->front()) != position.leaf) {
    return log_changed("its records are others.");
  }
  return {};
}

// One transaction; true while more is left.
core::Result<bool> count_batch(const store::Database& db, LogReader& log, std::uint64_t size) {
  auto transaction = store::Transaction::begin(db);
  if (!transaction) return transaction.error();
  auto position = read_position(db);
  if (!position) return position.error();
  if (const auto same = check_log(log, *position, size); !same) return same.error();
  // No further than the starts and stops are known, which decide on the days.
  const std::uint64_t end = std::min(size, position->events);
  if (position->counted >= end) return false;
  const auto batch = log.read(position->counted, batch_records);
  if (!batch) return batch.error();
  const std::uint64_t before = position->counted;
  Batch counts(db);
  if (const auto prepared = counts.prepare(); !prepared) return prepared.error();
  for (const StoredRecord& stored : *batch) {
    if (stored.seq >= end) break;
    const auto record = parse_record(stored.body);
    if (!record) return record.error();
    if (const auto added = counts.add(record->record); !added) return added.error();
    position->counted = stored.seq + 1;
    position->leaf = leaf_of(stored);
  }
  if (position->counted == before) return log_changed("records of it are missing.");
  if (const auto flushed = counts.flush(); !flushed) return flushed.error();
  if (const auto written = write_position(db, *position); !written) return written.error();
  if (const auto committed = transaction->commit(); !committed) return committed.error();
  return position->counted < end;
}

}  // namespace

core::Result<void> UsageStore::count(LogReader& log, const Plan& plan, std::int64_t now_ns) {
  const auto extent = log.extent();
  if (!extent) return extent.error();
  for (bool more = true; more;) {
    const auto scanned = scan_events(db_, log, extent->records, day_of(now_ns), plan);
    if (!scanned) return scanned.error();
    more = *scanned;
  }
  for (bool more = true; more;) {
    const auto counted = count_batch(db_, log, extent->records);
    if (!counted) return counted.error();
    more = *counted;
  }
  return {};
}

}  // namespace menshen::audit::dp
