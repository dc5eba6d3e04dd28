#include "audit/dp/releases.h"

#include "audit/dp/account.h"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace menshen::audit::dp {
namespace {

// A figure is two names, which may be escaped, and two numbers; a record has 65,535 bytes.
constexpr std::size_t part_bytes_max = 48'000;
constexpr std::size_t escape_bytes_max = 6;
constexpr std::size_t figure_bytes = 100;
constexpr std::uint64_t records_of_before = 100;

core::Error budget_exhausted(const Plan& plan, std::uint64_t spent) {
  const auto text = [](std::uint64_t micro) {
    return std::to_string(static_cast<double>(micro) * 1e-6);
  };
  return core::gateway_error(
      core::ErrorKind::forbidden, "privacy_budget_exhausted",
      "The privacy budget is spent: rho " + text(spent) + " of " + text(plan.micro_rho_total) +
          ". No new figures are released; `menshen dp ledger` shows what it went to.");
}

Record record_of(RecordType type, std::int64_t now_ns, PrivacyEntry entry) {
  Record record;
  record.type = type;
  record.wall_ns = now_ns;
  record.privacy = std::make_shared<const PrivacyEntry>(std::move(entry));
  return record;
}

// The latest of the last records, which a run before this one may have written.
core::Result<std::int64_t> last_time(LogReader& log, std::uint64_t size) {
  std::int64_t out = 0;
  const auto batch = log.read(size - std::min(size, records_of_before), records_of_before);
  if (!batch) return batch.error();
  for (const StoredRecord& stored : *batch) {
    const auto parsed = parse_record(stored.body);
    if (!parsed) return parsed.error();
    out = std::max(out, parsed->record.wall_ns);
  }
  return out;
}

std::vector<std::vector<ReleasedCounts>> parts_of(const StagedWindow& window,
                                                  const std::vector<Cell>& cells) {
  std::vector<std::vector<ReleasedCounts>> parts(1);
  std::size_t bytes = 0;
  for (const CellCounts& counts : window.counts) {
    if (counts.cell >= cells.size()) continue;
    const Cell& cell = cells[counts.cell];
    const std::size_t more =
        figure_bytes + escape_bytes_max * (cell.group.size() + cell.model.size());
    if (bytes > 0 && bytes + more > part_bytes_max) {
      parts.emplace_back();
      bytes = 0;
    }
    bytes += more;
    parts.back().push_back({cell.group, cell.model, counts.requests, counts.users});
  }
  return parts;
}

}  // namespace

// What one tick works with.
struct Releases::Run {
  Plan plan;
  LogReader log;
  std::unique_ptr<UsageRepository> usage;
  std::uint64_t size = 0;  // of the log, before the clock was looked at
  Mechanism& mechanism;
  Tick out;
};

core::Result<Tick> Releases::tick(const std::filesystem::path& directory, const Options& options) {
  auto plan = Plan::make(options);
  if (!plan) return plan.error();
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  auto usage = open_usage_file(directory);
  if (!usage) return usage.error();
  // First the log's end, then the clock: no record that is counted is of a day that has not begun.
  const auto extent = log->extent();
  if (!extent) return extent.error();
  DiscreteGaussian exact;
  Run run{std::move(*plan),
          std::move(*log),
          std::move(*usage),
          extent->records,
          options.mechanism == nullptr ? exact : *options.mechanism,
          {}};
  const auto today = look_at_clock(run.log, run.size, run.out);
  if (!today) return today.error();
  const auto taken = take_up(*run.usage, run.log, run.size, run.plan, now_ns_, Account::applied);
  if (!taken) return taken.error();
  const auto added = *today ? add_day(*run.usage, **today, run.plan) : core::Result<void>{};
  if (!added) return added.error();
  if (!checked_) {
    const auto same = check_account(*run.usage, run.log);
    if (!same) return same.error();
    checked_ = true;
  }
  if (const auto counted = count(*run.usage, run.log, run.size); !counted) return counted.error();
  if (const auto carried = carry_over(run); !carried) return carried.error();
  if (const auto published = publish_staged(run); !published) return published.error();
  if (const auto released = release_due(run); !released) return released.error();
  const auto rows = run.usage->ledger();
  if (!rows) return rows.error();
  run.out.micro_spent = micro_spent(*rows);
  run.out.micro_total = run.plan.micro_rho_total;
  run.out.micro_rho_day = run.plan.micro_rho_day;
  return run.out;
}

// Gives the day that may be counted from now on. A step of the clock, and that the gateway runs on
// a day, become records.
core::Result<std::optional<std::int64_t>> Releases::look_at_clock(LogReader& log,
                                                                  std::uint64_t size, Tick& out) {
  const auto before = looked_ ? core::Result<std::int64_t>(0) : last_time(log, size);
  if (!before) return before.error();
  looked_ = true;
  const ClockWatch::Look look = watch_.look(*before);
  now_ns_ = look.now_ns;
  settled_ = look.settled;
  out.clock_step_ns = look.step_ns;
  if (look.step_ns != 0) {
    Record step;
    step.type = RecordType::clock;
    step.wall_ns = now_ns_;
    step.note = "The clock was set by " + std::to_string(look.step_ns / 1'000'000'000) + " s.";
    if (const auto written = write(step); !written) return written.error();
  }
  const std::int64_t day = now_ns_ / day_ns;
  if (watch_.has_begun(day)) return std::optional(day);
  if (!watch_.may_begin()) return std::optional<std::int64_t>{};
  PrivacyEntry entry;
  entry.day = day_text(day);
  const auto written = write(record_of(RecordType::clock, now_ns_, std::move(entry)));
  if (!written) return written.error();
  watch_.begin(day);
  return std::optional(day);
}

core::Result<void> Releases::release_due(Run& run) {
  if (!settled_) return {};
  const auto days = run.usage->open_days();
  if (!days) return days.error();
  for (const DayRow& day : *days) {
    if (!window_is_over(day, now_ns_, run.plan)) continue;
    if (const auto released = release(run, day); !released) return released;
  }
  return {};
}

core::Result<void> Releases::release(Run& run, const DayRow& day) {
  const bool last = day.day < now_ns_ / day_ns;
  const auto charged = charge(run, day);
  if (!charged) return charged.error();
  if (!*charged) return last ? run.usage->finish(day.day) : core::Result<void>{};
  const auto staged = stage_window(*run.usage, day, now_ns_, last, run.mechanism);
  return staged ? publish_staged(run) : staged;
}

// The day's rho, once. False when the budget does not hold it, which the log notes once.
core::Result<bool> Releases::charge(Run& run, const DayRow& day) {
  if (day.charged) return true;
  const auto same = check_account(*run.usage, run.log);
  if (!same) return same.error();
  const auto rows = run.usage->ledger();
  if (!rows) return rows.error();
  const std::uint64_t spent = micro_spent(*rows);
  const bool refused = spent + day.micro_rho > run.plan.micro_rho_total;
  if (refused) run.out.refusal = budget_exhausted(run.plan, spent);
  if (refused && day.refused) return false;
  PrivacyEntry entry;
  entry.day = day_text(day.day);
  entry.rho_micro = day.micro_rho;
  entry.rho_spent_micro = refused ? spent : spent + day.micro_rho;
  entry.rho_total_micro = run.plan.micro_rho_total;
  entry.refused = refused;
  entry.requests_cap = day.requests_cap;
  for (const Variance& table : {day.sigma2.total, day.sigma2.marginal, day.sigma2.both}) {
    entry.sigma2.insert(entry.sigma2.end(), {table.requests, table.users});
  }
  const auto seq = write(record_of(RecordType::charge, now_ns_, std::move(entry)));
  if (!seq) return seq.error();
  const auto noted = run.usage->add_to_ledger(
      {now_ns_, day.day, refused, day.micro_rho, run.plan.micro_rho_total, *seq});
  if (!noted) return noted.error();
  return !refused;
}

// What a version that wrote no records has charged.
core::Result<void> Releases::carry_over(Run& run) {
  const auto rows = run.usage->ledger();
  if (!rows) return rows.error();
  std::vector<LedgerRow> in_log;
  for (const LedgerRow& row : *rows) {
    in_log.push_back(row);
    if (row.seq) continue;
    PrivacyEntry entry;
    entry.day = day_text(row.day);
    entry.rho_micro = row.micro_rho;
    entry.rho_spent_micro = micro_spent(in_log);
    entry.rho_total_micro = row.micro_total;
    entry.refused = row.refused;
    entry.carried = true;
    const auto seq = write(record_of(RecordType::charge, row.time_ns, std::move(entry)));
    if (!seq) return seq.error();
    if (const auto noted = run.usage->number_ledger(row.day, *seq); !noted) return noted;
  }
  return {};
}

core::Result<void> Releases::publish_staged(Run& run) {
  const auto staged = run.usage->staged();
  if (!staged) return staged.error();
  for (const StagedWindow& window : *staged) {
    if (const auto published = publish(run, window); !published) return published;
    ++run.out.windows;
  }
  return {};
}

core::Result<void> Releases::publish(Run& run, const StagedWindow& window) {
  const auto day = run.usage->day(window.day);
  if (!day) return day.error();
  const auto cells = run.usage->cells(window.day);
  if (!cells) return cells.error();
  const auto parts = parts_of(window, *cells);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    PrivacyEntry entry;
    entry.day = day_text(window.day);
    entry.window = window.window;
    entry.part = static_cast<std::uint32_t>(i);
    entry.parts = static_cast<std::uint32_t>(parts.size());
    entry.final = *day && (*day)->final;
    entry.counted = window.counted;
    entry.figures = parts[i];
    const std::int64_t closed_ns = *day ? (*day)->closed_ns : now_ns_;
    const auto seq = write(record_of(RecordType::release, closed_ns, std::move(entry)));
    if (!seq) return seq.error();
  }
  return run.usage->publish_window(window.day, window.window);
}

core::Result<std::uint64_t> Releases::write(const Record& record) {
  std::promise<core::Result<std::uint64_t>> written;
  journal_.append(
      record, [&written](core::Result<std::uint64_t> seq) { written.set_value(std::move(seq)); });
  return written.get_future().get();
}

}  // namespace menshen::audit::dp
