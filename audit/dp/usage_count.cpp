// Reading the log into the day's counts.
#include "audit/dp/usage.h"

#include <algorithm>
#include <map>
#include <span>

#include "audit/dp/account.h"
#include "audit/joined.h"
#include "audit/merkle.h"
#include "core/digest.h"

namespace menshen::audit::dp {
namespace {

constexpr std::size_t batch_records = 1'000;
constexpr std::size_t pseudonym_bytes = 16;
constexpr std::size_t day_key_bytes = 32;
constexpr std::uint32_t status_ok = 200;

std::int64_t day_of(std::int64_t wall_ns) { return wall_ns / day_ns; }

std::string leaf_of(const StoredRecord& record) {
  return std::string(core::as_text(leaf_hash(record.body)));
}

// As in is_of_account: these bytes can stand nowhere else.
bool says_a_day(const std::string& body) {
  return body.find("\"type\":\"start\"") != body.npos ||
         body.find("\"type\":\"clock\"") != body.npos;
}

// Adds the exchanges of one transaction to the days' counts.
class Batch {
 public:
  explicit Batch(UsageRepository& usage) : usage_(usage) {}

  [[nodiscard]] static bool counts(const Record& record) {
    return record.type == RecordType::outcome && record.told_status() == status_ok;
  }

  // An outcome that counts, with all that its intent says.
  core::Result<void> add(const Record& record) {
    if (record.subject.empty()) return {};
    const auto day = open_day(day_of(record.wall_ns));
    if (!day) return day.error();
    if (*day == nullptr) return {};
    DayCounts& counted = **day;
    const std::string who(core::as_text(core::hmac_sha256(
        counted.row.key, record.subject_kind + std::string(1, '\0') + record.subject)));
    const std::string_view pseudonym = std::string_view(who).substr(0, pseudonym_bytes);
    const auto before = usage_.contribution(counted.row.day, pseudonym);
    if (!before) return before.error();
    if (*before >= counted.row.requests_cap) return {};
    for (const std::size_t at : cells_of(counted, record)) {
      CellCounts& cell = counted.added[at];
      ++cell.requests;
      if (*before == 0) ++cell.users;
    }
    return usage_.set_contribution(counted.row.day, pseudonym, *before + 1);
  }

  core::Result<void> flush() {
    for (auto& [number, day] : days_) {
      if (!day) continue;
      for (auto& [cell, added] : day->added) {
        added.cell = static_cast<std::uint32_t>(cell);
        if (const auto done = usage_.add_counts(number, added); !done) return done;
      }
    }
    return {};
  }

 private:
  struct DayCounts {
    DayRow row;
    std::map<std::pair<std::string, std::string>, std::size_t> cells;
    std::map<std::size_t, CellCounts> added;
  };

  // Null for a day that was not marked, or is over.
  core::Result<DayCounts*> open_day(std::int64_t number) {
    if (const auto known = days_.find(number); known != days_.end()) {
      return known->second ? &*known->second : nullptr;
    }
    const auto row = usage_.day(number);
    if (!row) return row.error();
    std::optional<DayCounts>& day = days_[number];
    if (!*row || (*row)->final) return nullptr;
    const auto cells = usage_.cells(number);
    if (!cells) return cells.error();
    day.emplace(DayCounts{**row, {}, {}});
    for (std::size_t i = 0; i < cells->size(); ++i) {
      day->cells.emplace(std::pair((*cells)[i].group, (*cells)[i].model), i);
    }
    return &*day;
  }

  // One of each table. A day that an earlier version began has the one by both alone, whose last
  // cell is that of all others.
  static std::vector<std::size_t> cells_of(const DayCounts& day, const Record& record) {
    const auto least = std::ranges::min_element(record.groups);
    const std::string group = least == record.groups.end() ? "" : *least;
    if (!day.cells.contains({all_name, all_name})) {
      const auto cell = day.cells.find({group, record.model});
      return {cell == day.cells.end() ? day.cells.size() - 1 : cell->second};
    }
    const bool listed_group = group != all_name && day.cells.contains({group, all_name});
    const bool listed_model =
        record.model != all_name && day.cells.contains({all_name, record.model});
    const std::string g = listed_group ? group : other_name;
    const std::string m = listed_model ? record.model : other_name;
    std::vector<std::size_t> out;
    for (const auto& names : {std::pair<std::string, std::string>(all_name, all_name),
                              {g, all_name},
                              {all_name, m},
                              {g, m}}) {
      if (const auto cell = day.cells.find(names); cell != day.cells.end()) {
        out.push_back(cell->second);
      }
    }
    return out;
  }

  UsageRepository& usage_;
  std::map<std::int64_t, std::optional<DayCounts>> days_;
};

// A day is counted when the gateway ran in it, which its starts and its clock say: whether anybody
// used it plays no part.
core::Result<void> take_up_record(UsageRepository& usage, const StoredRecord& stored,
                                  std::int64_t now_day, const Plan& plan, Account account) {
  const bool of_account = is_of_account(stored.body);
  if (of_account ? account == Account::passed_over : !says_a_day(stored.body)) return {};
  const auto parsed = parse_record(stored.body);
  if (!parsed) return parsed.error();
  const Record& record = parsed->record;
  if (of_account) return apply(usage, stored.seq, record);
  if (record.type == RecordType::clock && record.privacy == nullptr) return {};
  const auto day = record.privacy ? day_number(record.privacy->day)
                                  : core::Result<std::int64_t>(day_of(record.wall_ns));
  if (!day) return day.error();
  if (*day > now_day || *day < now_day - catch_up_days_max) return {};
  return add_day(usage, *day, plan);
}

// One step of reading the log. Gives whether more is left.
core::Result<bool> take_up_batch(UsageRepository& usage, LogReader& log, std::uint64_t size,
                                 std::int64_t now_day, const Plan& plan, Account account) {
  auto position = usage.position();
  if (!position) return position.error();
  if (const auto same = check_log(log, *position, size); !same) return same.error();
  if (position->events >= size) return false;
  const auto batch = log.read(position->events, batch_records);
  if (!batch) return batch.error();
  const std::uint64_t before = position->events;
  for (const StoredRecord& stored : *batch) {
    if (stored.seq >= size) break;
    const auto taken = take_up_record(usage, stored, now_day, plan, account);
    if (!taken) return taken.error();
    position->events = stored.seq + 1;
  }
  if (position->events == before) return log_changed("records of it are missing.");
  const auto written = usage.set_position(*position);
  if (!written) return written.error();
  return position->events < size;
}

// With what its intent says, which most often stands among the records that were read with it.
core::Result<void> complete(std::uint64_t seq, Record& outcome, LogReader& log,
                            std::span<const StoredRecord> near) {
  constexpr const char* not_its_own = "an outcome refers to a record that is not its intent.";
  if (outcome.intent == 0) return {};
  if (outcome.intent >= seq) return log_changed(not_its_own);
  const auto found = std::ranges::lower_bound(near, outcome.intent, {}, &StoredRecord::seq);
  const bool is_near = found != near.end() && found->seq == outcome.intent;
  const auto body = is_near ? core::Result<std::string>(found->body) : log.body(outcome.intent);
  if (!body) return body.error();
  const auto intent = parse_record(*body);
  if (intent && join(outcome, intent->record)) return {};
  return log_changed(not_its_own);
}

// The same for the exchanges.
core::Result<bool> count_batch(UsageRepository& usage, LogReader& log, std::uint64_t size) {
  auto position = usage.position();
  if (!position) return position.error();
  if (const auto same = check_log(log, *position, size); !same) return same.error();
  // No further than the days are known.
  const std::uint64_t end = std::min(size, position->events);
  if (position->counted >= end) return false;
  const auto batch = log.read(position->counted, batch_records);
  if (!batch) return batch.error();
  const std::uint64_t before = position->counted;
  Batch counts(usage);
  for (const StoredRecord& stored : *batch) {
    if (stored.seq >= end) break;
    auto parsed = parse_record(stored.body);
    if (!parsed) return parsed.error();
    if (Record& record = parsed->record; Batch::counts(record)) {
      if (const auto whole = complete(stored.seq, record, log, *batch); !whole)
        return whole.error();
      if (const auto added = counts.add(record); !added) return added.error();
    }
    position->counted = stored.seq + 1;
    position->leaf = leaf_of(stored);
  }
  if (position->counted == before) return log_changed("records of it are missing.");
  if (const auto flushed = counts.flush(); !flushed) return flushed.error();
  if (const auto written = usage.set_position(*position); !written) return written.error();
  return position->counted < end;
}

// Steps, each a transaction, until nothing is left.
template <class Step>
core::Result<void> repeat(UsageRepository& usage, const Step& step) {
  for (bool more = true; more;) {
    const auto done = usage.transact([&]() -> core::Result<void> {
      const auto left = step();
      if (!left) return left.error();
      more = *left;
      return {};
    });
    if (!done) return done;
  }
  return {};
}

}  // namespace

core::Result<void> add_day(UsageRepository& usage, std::int64_t day, const Plan& plan) {
  DayRow row;
  row.day = day;
  row.key = core::random_bytes(day_key_bytes);
  row.requests_cap = plan.requests_cap;
  row.sigma2 = plan.sigma2;
  row.micro_rho = plan.micro_rho_day;
  row.closed_ns = day * day_ns;
  return usage.add_day(row, plan.cells);
}

core::Result<void> take_up(UsageRepository& usage, LogReader& log, std::uint64_t size,
                           const Plan& plan, std::int64_t now_ns, Account account) {
  return repeat(usage,
                [&] { return take_up_batch(usage, log, size, day_of(now_ns), plan, account); });
}

core::Result<void> count(UsageRepository& usage, LogReader& log, std::uint64_t size) {
  return repeat(usage, [&] { return count_batch(usage, log, size); });
}

}  // namespace menshen::audit::dp
