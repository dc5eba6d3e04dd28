#include "audit/dp/account.h"

#include "audit/merkle.h"
#include "core/clock.h"
#include "core/digest.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace menshen::audit::dp {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::uint64_t look_back_records = 1'000;

core::Result<std::int64_t> day_of(const Record& record) {
  if (record.privacy == nullptr) return log_changed("a record of statistics says nothing.");
  return day_number(record.privacy->day);
}

bool has_row(const std::vector<LedgerRow>& rows, std::int64_t day, bool refused) {
  return std::ranges::any_of(
      rows, [&](const LedgerRow& row) { return row.day == day && row.refused == refused; });
}

core::Result<void> apply_charge(UsageRepository& usage, std::uint64_t seq, const Record& record,
                                std::int64_t day) {
  const auto rows = usage.ledger();
  if (!rows) return rows.error();
  const PrivacyEntry& entry = *record.privacy;
  const auto unnumbered = [&](const LedgerRow& row) {
    return row.day == day && row.refused == entry.refused && !row.seq;
  };
  if (std::ranges::any_of(*rows, unnumbered)) return usage.number_ledger(day, seq);
  // Again, where a commit was reported as failed and stands nevertheless.
  if (has_row(*rows, day, entry.refused)) return {};
  return usage.add_to_ledger(
      {record.wall_ns, day, entry.refused, entry.rho_micro, entry.rho_total_micro, seq});
}

core::Result<void> apply_release(UsageRepository& usage, const Record& record, std::int64_t day) {
  const PrivacyEntry& entry = *record.privacy;
  const auto known = usage.has_window(day, entry.window);
  if (!known) return known.error();
  if (!*known) return store_behind("a release of " + entry.day);
  const bool whole = entry.part + 1 >= entry.parts;
  return whole ? usage.publish_window(day, entry.window) : core::Result<void>{};
}

// The last of each kind in the log.
struct Newest {
  std::optional<Record> charge, release;
};

// Each batch is a transaction of its own, so that the writer is not kept from its write-ahead log.
core::Result<Newest> newest(LogReader& log) {
  const auto extent = log.extent();
  if (!extent) return extent.error();
  const std::uint64_t size = extent->records;
  // A damaged number must not be counted down from.
  if (size > extent->records_max) return log_changed("a record's number is not its own.");
  Newest out;
  for (std::uint64_t end = size; end > 0 && !(out.charge && out.release);) {
    const std::uint64_t first = end - std::min(end, look_back_records);
    const auto batch = log.read(first, end - first);
    if (!batch) return batch.error();
    for (auto stored = batch->rbegin(); stored != batch->rend(); ++stored) {
      if (stored->seq >= end || !is_of_account(stored->body)) continue;
      auto record = parse_record(stored->body);
      if (!record) return record.error();
      auto& place = record->record.type == RecordType::charge ? out.charge : out.release;
      if (!place) place = std::move(record->record);
    }
    end = first;
  }
  return out;
}

core::Result<void> check_charge(const std::vector<LedgerRow>& rows, const Record& charge) {
  const auto day = day_of(charge);
  if (!day) return day.error();
  const PrivacyEntry& entry = *charge.privacy;
  std::vector<LedgerRow> in_log;
  std::ranges::copy_if(rows, std::back_inserter(in_log),
                       [](const LedgerRow& row) { return row.seq.has_value(); });
  std::uint64_t spent = micro_spent(in_log);
  // A charge on its way: the gateway writes it into the log first.
  if (!entry.refused && !has_row(rows, *day, false)) spent += entry.rho_micro;
  if (spent < entry.rho_spent_micro) return store_behind("charges up to that of " + entry.day);
  if (spent > entry.rho_spent_micro) return log_changed("it lacks charges.");
  return {};
}

}  // namespace

bool is_of_account(std::string_view body) {
  // In canonical JSON these bytes can stand nowhere but in the record's own type: inside a text the
  // quotes would be escaped.
  return body.find("\"type\":\"charge\"") != body.npos ||
         body.find("\"type\":\"release\"") != body.npos;
}

std::string day_text(std::int64_t day) { return core::format_day(day * day_ns); }

core::Result<std::int64_t> day_number(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%Y-%m-%d", &parts);
  const std::int64_t day = end == nullptr ? -1 : timegm(&parts) * second_ns / day_ns;
  if (day < 0 || day_text(day) != text) return log_changed("a record of statistics has no day.");
  return day;
}

core::Error log_changed(const char* how) {
  return core::gateway_error(core::ErrorKind::unavailable, "privacy_log_changed",
                             std::string("The audit log is not the one that was counted: ") + how +
                                 " Run `menshen audit verify`.");
}

core::Error store_behind(const std::string& lacks) {
  return core::gateway_error(
      core::ErrorKind::unavailable, "privacy_store_behind",
      "dp.db is missing or older than the audit log: it lacks " + lacks +
          ". Nothing is released until `menshen dp recover` has rebuilt it from the log.");
}

core::Result<bool> has_account(LogReader& log) {
  const auto last = newest(log);
  if (!last) return last.error();
  return last->charge || last->release;
}

core::Result<void> check_log(LogReader& log, const Position& position, std::uint64_t size) {
  if (position.counted > size) return log_changed("it has become shorter.");
  if (position.counted == 0) return {};
  const auto last = log.read(position.counted - 1, 1);
  if (!last) return last.error();
  if (last->empty() || core::as_text(leaf_hash(last->front().body)) != position.leaf) {
    return log_changed("its records are others.");
  }
  return {};
}

core::Result<void> apply(UsageRepository& usage, std::uint64_t seq, const Record& record) {
  const auto day = day_of(record);
  if (!day) return day.error();
  return record.type == RecordType::charge ? apply_charge(usage, seq, record, *day)
                                           : apply_release(usage, record, *day);
}

core::Result<void> check_account(UsageRepository& usage, LogReader& log) {
  // First what is remembered, then the log: a charge is in the log before it is remembered.
  const auto rows = usage.ledger();
  if (!rows) return rows.error();
  const auto position = usage.position();
  if (!position) return position.error();
  const auto extent = log.extent();
  if (!extent) return extent.error();
  if (const auto same = check_log(log, *position, extent->records); !same) return same;
  const auto last = newest(log);
  if (!last) return last.error();
  if (last->release) {
    const auto day = day_of(*last->release);
    if (!day) return day.error();
    const auto known = usage.has_window(*day, last->release->privacy->window);
    if (!known) return known.error();
    if (!*known) return store_behind("the release of " + last->release->privacy->day);
  }
  if (last->charge) return check_charge(*rows, *last->charge);
  const bool numbered =
      std::ranges::any_of(*rows, [](const LedgerRow& row) { return row.seq.has_value(); });
  return numbered ? log_changed("it lacks charges.") : core::Result<void>{};
}

std::uint64_t micro_spent(const std::vector<LedgerRow>& rows) {
  std::set<std::int64_t> days;
  std::uint64_t spent = 0;
  for (const LedgerRow& row : rows) {
    if (!row.refused && days.insert(row.day).second) spent += row.micro_rho;
  }
  return spent;
}

}  // namespace menshen::audit::dp
