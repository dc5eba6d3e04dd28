// Usage statistics under differential privacy, from the audit log: what `menshen dp` shows and what
// the gateway's clock releases. README.md explains the promise and its limits.
//
//   dp::tick("var", options, clock);                 // by the gateway, every minute or so
//   auto report = dp::report("var", options, clock); // ends today's window after ten minutes
//   std::cout << dp::to_text(*report);
//
// Each call opens what it needs and may be made from any thread or process, at any time. Noise is
// drawn here, never while a request waits. A published number is never drawn again. Errors: those
// of plan.h, usage.h, reader.h (no log yet: not_found, code "no_audit_log").
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
  Cell cell;
  std::int64_t requests = 0;
  std::int64_t users = 0;
};

struct DayFigures {
  std::string day;     // "2026-11-22", UTC
  bool final = false;  // no further window will come
  std::uint32_t windows = 0;
  std::int64_t as_of_ns = 0;        // end of the last window
  std::int64_t requests_error = 0;  // half-width of the 95% interval of each cell
  std::int64_t users_error = 0;
  std::int64_t requests_error_total = 0;  // of the sum over all cells
  std::int64_t users_error_total = 0;
  std::vector<Figure> figures;  // empty: nothing has been released for this day
};

struct PrivacyStatement {
  std::uint32_t requests_cap = 0;  // counted of one user in one day
  std::uint64_t sigma2_requests = 0;
  std::uint64_t sigma2_users = 0;
  double rho_per_day = 0;
  double epsilon_per_day = 0;  // at report_delta, for one user's day
  double rho_spent = 0;        // by all days so far
  double rho_total = 0;
  double epsilon_spent = 0;  // at report_delta, for a user of every one of those days
};

struct Report {
  std::vector<DayFigures> days;  // yesterday, today
  PrivacyStatement statement;
  std::optional<core::Error> refusal;  // code "privacy_budget_exhausted": nothing new was released
};

struct Tick {
  std::uint32_t windows = 0;  // ended by this call
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

[[nodiscard]] core::Result<Report> report(const std::filesystem::path& store_directory,
                                          const Options& options, const core::Clock& clock);
// Ends the window of each hour that is over, and those of past days.
[[nodiscard]] core::Result<Tick> tick(const std::filesystem::path& store_directory,
                                      const Options& options, const core::Clock& clock);
[[nodiscard]] core::Result<Ledger> ledger(const std::filesystem::path& store_directory,
                                          const Options& options);

[[nodiscard]] std::string to_text(const Report& report);
[[nodiscard]] std::string to_json(const Report& report);
[[nodiscard]] std::string to_text(const Ledger& ledger);
[[nodiscard]] std::string to_json(const Ledger& ledger);

}  // namespace menshen::audit::dp
