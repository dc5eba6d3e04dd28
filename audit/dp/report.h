// What `menshen dp` shows of released usage statistics, and how their repository is rebuilt.
// README.md explains the promise and its limits; releases.h makes the figures.
//
//   auto report = dp::report("var", options, clock);
//   std::cout << dp::to_text(*report);
//
// Nothing is released, counted or drawn here: a report reads. Each call opens what it needs and may
// be made from any thread or process, at any time. Errors: those of plan.h, usage.h, account.h,
// reader.h (no log yet: not_found, code "no_audit_log").
#pragma once

#include "audit/dp/plan.h"
#include "core/clock.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace menshen::audit::dp {

inline constexpr double report_delta = 1e-6;

// Noisy counts: they may be negative, and they are within the error of the truth 95 times in 100.
struct Figure {
  Cell cell;  // plan.h: of the total, of a group or a model, or of both
  std::int64_t requests = 0;
  std::int64_t users = 0;
  std::int64_t requests_error = 0;  // half-width of the 95% interval
  std::int64_t users_error = 0;
};

struct DayFigures {
  std::string day;     // "2026-11-22", UTC
  bool final = false;  // no further window will come
  std::uint32_t windows = 0;
  std::int64_t as_of_ns = 0;    // end of the last window
  std::vector<Figure> figures;  // empty: nothing has been released for this day
  bool refused = false;         // the budget did not hold it
  bool lost = false;            // charged, and what was released of it is nowhere
};

struct PrivacyStatement {
  std::uint32_t requests_cap = 0;  // counted of one user in one day
  Variances sigma2;
  bool has_both = true;  // the table by group and model fits
  double rho_per_day = 0;
  double epsilon_per_day = 0;  // at report_delta, for one user's day
  double rho_spent = 0;        // by all days so far
  double rho_total = 0;
  double epsilon_spent = 0;     // at report_delta, for a user of every one of those days
  std::uint64_t days_left = 0;  // that the budget holds, each at rho_per_day
};

struct Report {
  std::vector<DayFigures> days;  // ascending; the last is today
  PrivacyStatement statement;
  // Nothing new is released: codes "privacy_budget_exhausted", "privacy_store_behind".
  std::optional<core::Error> refusal;
};

struct LedgerEntry {
  std::string time;
  std::string day;
  std::string event;  // "charge" or "refusal"
  double rho = 0;
  double rho_spent = 0;  // after it
};

struct Ledger {
  std::vector<LedgerEntry> entries;
  double rho_spent = 0;
  double rho_total = 0;
  double epsilon_spent = 0;  // at report_delta
};

// What rebuilding came to.
struct Recovery {
  std::uint32_t charged = 0;      // days
  std::uint32_t released = 0;     // days whose figures are there again, as they were released
  std::vector<std::string> lost;  // days that were charged and whose figures the log does not hold
  double rho_spent = 0;
};

inline constexpr std::uint32_t report_days_max = 366;

// Of the last `days` days, today included.
[[nodiscard]] core::Result<Report> report(const std::filesystem::path& store_directory,
                                          const Options& options, const core::Clock& clock,
                                          std::uint32_t days = 2);
[[nodiscard]] core::Result<Ledger> ledger(const std::filesystem::path& store_directory,
                                          const Options& options);

// Makes dp.db anew from the log, and puts it in the place of what is there. The budget is what the
// log says was spent, each day that was released has the figures that were released, and none is
// drawn again; a day under way is counted again. Beside a running gateway, which releases nothing
// meanwhile. Refused where dp.db lacks nothing: code "privacy_store_whole".
[[nodiscard]] core::Result<Recovery> recover(const std::filesystem::path& store_directory,
                                             const Options& options, const core::Clock& clock);

[[nodiscard]] std::string to_text(const Report& report);
[[nodiscard]] std::string to_json(const Report& report);
[[nodiscard]] std::string to_text(const Ledger& ledger);
[[nodiscard]] std::string to_json(const Ledger& ledger);
[[nodiscard]] std::string to_text(const Recovery& recovery);
[[nodiscard]] std::string to_json(const Recovery& recovery);

}  // namespace menshen::audit::dp
