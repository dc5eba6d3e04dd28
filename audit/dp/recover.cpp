// Making dp.db anew from the log's account.
#include "audit/dp/account.h"
#include "audit/dp/report.h"
#include "audit/dp/usage.h"
#include "audit/layout.h"
#include "core/digest.h"
#include "store/files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

namespace menshen::audit::dp {
namespace {

namespace fs = std::filesystem;

constexpr const char* store_code = "privacy_store_unavailable";
constexpr std::string_view workshop = "dp.recover";
constexpr std::size_t scan_records = 1'000;
constexpr std::size_t recovered_key_bytes = 32;
constexpr std::size_t variances_in_charge = 6;

// A release as the log has it; its figures stay there until they are needed.
struct LoggedWindow {
  std::map<std::uint32_t, std::uint64_t> parts;  // to the number of the record
  std::uint32_t parts_expected = 0;
  std::uint64_t counted = 0;
  std::int64_t closed_ns = 0;
  bool final = false;
  [[nodiscard]] bool whole() const { return parts_expected > 0 && parts.size() == parts_expected; }
};

struct LoggedAccount {
  std::vector<std::pair<std::uint64_t, Record>> charges;  // with the number of the record
  std::map<std::pair<std::int64_t, std::uint32_t>, LoggedWindow> windows;  // by day and window
};

core::Result<void> note(LoggedAccount& out, const StoredRecord& stored) {
  auto parsed = parse_record(stored.body);
  if (!parsed) return parsed.error();
  Record& record = parsed->record;
  if (record.privacy == nullptr) return log_changed("a record of statistics says nothing.");
  if (record.type == RecordType::charge) {
    out.charges.emplace_back(stored.seq, std::move(record));
    return {};
  }
  const auto day = day_number(record.privacy->day);
  if (!day) return day.error();
  LoggedWindow& window = out.windows[{*day, record.privacy->window}];
  window.parts.emplace(record.privacy->part, stored.seq);
  window.parts_expected = record.privacy->parts;
  window.counted = record.privacy->counted;
  window.closed_ns = record.wall_ns;
  window.final = record.privacy->final;
  return {};
}

core::Result<LoggedAccount> read_account(LogReader& log, std::uint64_t size) {
  LoggedAccount out;
  for (std::uint64_t at = 0; at < size;) {
    const auto batch = log.read(at, scan_records);
    if (!batch) return batch.error();
    if (batch->empty()) break;
    for (const StoredRecord& stored : *batch) {
      if (stored.seq >= size || !is_of_account(stored.body)) continue;
      if (const auto noted = note(out, stored); !noted) return noted.error();
    }
    at = batch->back().seq + 1;
  }
  return out;
}

core::Result<std::vector<ReleasedCounts>> figures_of(LogReader& log, const LoggedWindow& window) {
  std::vector<ReleasedCounts> out;
  for (const auto& [part, seq] : window.parts) {
    const auto stored = log.read(seq, 1);
    if (!stored) return stored.error();
    const auto parsed = stored->empty() ? core::Result<ParsedRecord>(ParsedRecord{})
                                        : parse_record(stored->front().body);
    if (!parsed) return parsed.error();
    if (parsed->record.privacy == nullptr) return log_changed("its records are others.");
    const auto& figures = parsed->record.privacy->figures;
    out.insert(out.end(), figures.begin(), figures.end());
  }
  return out;
}

class Rebuilding {
 public:
  Rebuilding(UsageRepository& usage, LogReader& log, std::uint64_t size, const Plan& plan,
             std::int64_t now_ns)
      : usage_(usage), log_(log), size_(size), plan_(plan), now_ns_(now_ns) {}

  core::Result<Recovery> run() {
    const auto account = read_account(log_, size_);
    if (!account) return account.error();
    for (const auto& [seq, charge] : account->charges) {
      if (const auto added = add_charge(*account, seq, charge); !added) return added.error();
    }
    const auto taken = take_up(usage_, log_, size_, plan_, now_ns_, Account::passed_over);
    if (!taken) return taken.error();
    if (const auto put = put_windows(*account); !put) return put.error();
    if (const auto ended = end_days(*account); !ended) return ended.error();
    const auto rows = usage_.ledger();
    if (!rows) return rows.error();
    out_.rho_spent = static_cast<double>(micro_spent(*rows)) * 1e-6;
    return std::move(out_);
  }

 private:
  // The day's parameters are those of its charge, and its cells those of its first release.
  core::Result<void> add_charge(const LoggedAccount& account, std::uint64_t seq,
                                const Record& charge) {
    if (const auto applied = apply(usage_, seq, charge); !applied) return applied;
    const PrivacyEntry& entry = *charge.privacy;
    const auto day = day_number(entry.day);
    if (!day) return day.error();
    DayRow row;
    row.day = *day;
    row.key = core::random_bytes(recovered_key_bytes);
    row.requests_cap = entry.requests_cap;
    row.micro_rho = entry.rho_micro;
    row.closed_ns = *day * day_ns;
    if (const auto& s = entry.sigma2; s.size() == variances_in_charge) {
      row.sigma2 = {{s[0], s[1]}, {s[2], s[3]}, {s[4], s[5]}};
    }
    std::vector<Cell> cells = plan_.cells;
    const auto first = account.windows.find({*day, 0});
    if (first != account.windows.end() && first->second.whole()) {
      const auto figures = figures_of(log_, first->second);
      if (!figures) return figures.error();
      cells.clear();
      for (const ReleasedCounts& each : *figures) cells.push_back({each.group, each.model});
    }
    return usage_.add_day(row, cells);
  }

  // Each after what it counted, so that the counts of a day under way are those after it.
  core::Result<void> put_windows(const LoggedAccount& account) {
    using Key = std::pair<std::int64_t, std::uint32_t>;
    std::vector<std::pair<Key, const LoggedWindow*>> in_order;
    for (const auto& [key, window] : account.windows) {
      if (window.whole()) in_order.emplace_back(key, &window);
    }
    std::ranges::stable_sort(in_order, {}, [](const auto& each) { return each.second->counted; });
    std::set<std::int64_t> days;
    for (const auto& [key, window] : in_order) {
      const auto counted = count(usage_, log_, std::min(window->counted, size_));
      if (!counted) return counted;
      if (const auto put = put_window(key.first, key.second, *window); !put) return put;
      days.insert(key.first);
    }
    out_.released = static_cast<std::uint32_t>(days.size());
    return {};
  }

  core::Result<void> put_window(std::int64_t day, std::uint32_t number,
                                const LoggedWindow& window) {
    const auto figures = figures_of(log_, window);
    if (!figures) return figures.error();
    std::vector<CellCounts> counts;
    for (const ReleasedCounts& each : *figures) {
      counts.push_back({static_cast<std::uint32_t>(counts.size()), each.requests, each.users});
    }
    const auto closed = usage_.close_window(day, window.closed_ns, window.counted, counts);
    if (!closed) return closed;
    if (const auto shown = usage_.publish_window(day, number); !shown) return shown;
    return window.final ? usage_.finish(day) : core::Result<void>{};
  }

  // A day that was charged and of which the log holds nothing, or a part, is not drawn again: what
  // was drawn may have been seen. One whose charge was the last thing that happened was not drawn.
  core::Result<void> end_days(const LoggedAccount& account) {
    std::set<std::int64_t> days;
    std::set<std::string> lost_days;
    for (const auto& [seq, charge] : account.charges) {
      const PrivacyEntry& entry = *charge.privacy;
      const auto number = day_number(entry.day);
      if (!number) return number.error();
      if (!entry.refused) days.insert(*number);
      const bool over = *number < now_ns_ / day_ns;
      const bool torn = std::ranges::any_of(account.windows, [&](const auto& each) {
        return each.first.first == *number && !each.second.whole();
      });
      const bool released = account.windows.contains({*number, 0});
      const bool lost = torn || (entry.carried && !entry.refused && !released);
      if (lost) lost_days.insert(entry.day);
      if (!lost && !(entry.refused && over)) continue;
      if (const auto ended = usage_.finish(*number); !ended) return ended;
    }
    out_.lost.assign(lost_days.begin(), lost_days.end());
    out_.charged = static_cast<std::uint32_t>(days.size());
    return {};
  }

  UsageRepository& usage_;
  LogReader& log_;
  const std::uint64_t size_;
  const Plan& plan_;
  const std::int64_t now_ns_;
  Recovery out_;
};

// What is in the way is moved out of it: a rollback journal that is left there would be played
// back into the new file.
core::Result<void> put_in_place(const fs::path& made, const fs::path& directory) {
  const fs::path file = directory / layout::statistics;
  std::error_code failed;
  fs::remove(file.string() + "-journal", failed);
  if (!failed) fs::rename(made / layout::statistics, file, failed);
  if (failed) return store::file_error(file, failed.value(), store_code);
  fs::remove_all(made, failed);
  return store::sync_directory(directory, store_code);
}

// Nothing to do where what is there can be opened and lacks nothing.
core::Result<void> check_need(const fs::path& directory, LogReader& log) {
  const auto usage = find_usage_file(directory);
  if (!usage || *usage == nullptr) return {};
  const auto whole = check_account(**usage, log);
  if (!whole) return {};
  return core::gateway_error(core::ErrorKind::forbidden, "privacy_store_whole",
                             "dp.db agrees with the audit log: there is nothing to recover.");
}

}  // namespace

core::Result<Recovery> recover(const std::filesystem::path& store_directory, const Options& options,
                               const core::Clock& clock) {
  const auto plan = Plan::make(options);
  if (!plan) return plan.error();
  auto log = LogReader::open(store_directory);
  if (!log) return log.error();
  const auto extent = log->extent();
  if (!extent) return extent.error();
  const auto needed = check_need(store_directory, *log);
  if (!needed) return needed.error();
  const fs::path made = store_directory / workshop;
  std::error_code failed;
  fs::remove_all(made, failed);
  if (const auto room = store::make_directory(made, store_code); !room) return room.error();
  auto usage = open_usage_file(made);
  if (!usage) return usage.error();
  auto out = Rebuilding(**usage, *log, extent->records, *plan, clock.wall_ns()).run();
  usage->reset();
  if (!out) return out;
  if (const auto put = put_in_place(made, store_directory); !put) return put.error();
  return out;
}

}  // namespace menshen::audit::dp
