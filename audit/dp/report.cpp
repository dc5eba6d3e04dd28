#include "audit/dp/report.h"

#include <cmath>
#include <memory>
#include <utility>

#include "audit/dp/account.h"
#include "audit/dp/accountant.h"
#include "audit/dp/usage.h"

namespace menshen::audit::dp {
namespace {

constexpr double normal_95 = 1.959963984540054;  // two-sided

double rho_of(std::uint64_t micro) { return static_cast<double>(micro) * 1e-6; }

// A sum of `terms` noises of variance sigma2.
std::int64_t half_width(std::uint64_t sigma2, std::uint64_t terms) {
  const double variance = static_cast<double>(sigma2) * static_cast<double>(terms);
  return static_cast<std::int64_t>(std::ceil(normal_95 * std::sqrt(variance)));
}

DayFigures figures_of(const PublishedDay& day) {
  DayFigures out;
  out.day = day_text(day.day);
  out.final = day.final;
  out.refused = day.refused && !day.charged;
  out.lost = day.final && day.charged && day.windows == 0;
  out.windows = day.windows;
  out.as_of_ns = day.windows > 0 ? day.closed_ns : 0;
  for (const PublishedFigure& figure : day.figures) {
    const Variance& sigma2 = day.sigma2.of(table_of(figure.cell));
    out.figures.push_back({figure.cell, figure.requests, figure.users,
                           half_width(sigma2.requests, day.windows),
                           half_width(sigma2.users, day.windows)});
  }
  return out;
}

PrivacyStatement statement_of(const Plan& plan, std::uint64_t micro_spent) {
  PrivacyStatement out;
  out.requests_cap = plan.requests_cap;
  out.sigma2 = plan.sigma2;
  out.has_both = table_of(plan.cells.back()) == Table::both;
  out.rho_per_day = rho_of(plan.micro_rho_day);
  out.epsilon_per_day = epsilon_of_rho(out.rho_per_day, report_delta);
  out.rho_spent = rho_of(micro_spent);
  out.rho_total = rho_of(plan.micro_rho_total);
  out.epsilon_spent = epsilon_of_rho(out.rho_spent, report_delta);
  if (plan.micro_rho_total > micro_spent) {
    out.days_left = (plan.micro_rho_total - micro_spent) / plan.micro_rho_day;
  }
  return out;
}

core::Error budget_spent(const PrivacyStatement& statement) {
  return core::gateway_error(core::ErrorKind::forbidden, "privacy_budget_exhausted",
                             "The privacy budget is spent: rho " +
                                 std::to_string(statement.rho_spent) + " of " +
                                 std::to_string(statement.rho_total) +
                                 ". No new figures are released; `menshen dp ledger` shows what "
                                 "it went to.");
}

struct Store {
  LogReader log;
  std::unique_ptr<UsageRepository> usage;  // null: there is none
};

// Where no log was begun, nothing was charged, and a question must not begin a store.
core::Result<Store> open_store(const std::filesystem::path& directory) {
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  auto usage = find_usage_file(directory);
  if (!usage) return usage.error();
  return Store{std::move(*log), std::move(*usage)};
}

core::Result<void> check(Store& store) {
  if (store.usage != nullptr) return check_account(*store.usage, store.log);
  const auto account = has_account(store.log);
  if (!account) return account.error();
  return *account ? store_behind("everything") : core::Result<void>{};
}

core::Result<std::vector<LedgerRow>> rows_of(const Store& store) {
  return store.usage == nullptr ? std::vector<LedgerRow>{} : store.usage->ledger();
}

}  // namespace

core::Result<Report> report(const std::filesystem::path& store_directory, const Options& options,
                            const core::Clock& clock, std::uint32_t days) {
  const auto plan = Plan::make(options);
  if (!plan) return plan.error();
  auto store = open_store(store_directory);
  if (!store) return store.error();
  Report out;
  const auto whole = check(*store);
  const std::int64_t today = clock.wall_ns() / day_ns;
  for (std::int64_t day = today + 1 - days; store->usage != nullptr && day <= today; ++day) {
    const auto known = dp::published(*store->usage, day);
    if (!known) return known.error();
    if (*known) out.days.push_back(figures_of(**known));
  }
  const auto rows = rows_of(*store);
  if (!rows) return rows.error();
  out.statement = statement_of(*plan, micro_spent(*rows));
  if (!whole) {
    out.refusal = whole.error();
  } else if (micro_spent(*rows) + plan->micro_rho_day > plan->micro_rho_total) {
    out.refusal = budget_spent(out.statement);
  }
  return out;
}

core::Result<Ledger> ledger(const std::filesystem::path& store_directory, const Options& options) {
  const auto plan = Plan::make(options);
  if (!plan) return plan.error();
  auto store = open_store(store_directory);
  if (!store) return store.error();
  if (const auto whole = check(*store); !whole) return whole.error();
  const auto rows = rows_of(*store);
  if (!rows) return rows.error();
  Ledger out;
  out.rho_total = rho_of(plan->micro_rho_total);
  std::vector<LedgerRow> so_far;
  for (const LedgerRow& row : *rows) {
    so_far.push_back(row);
    out.rho_spent = rho_of(micro_spent(so_far));
    out.entries.push_back({core::format_rfc3339(row.time_ns), day_text(row.day),
                           row.refused ? "refusal" : "charge", rho_of(row.micro_rho),
                           out.rho_spent});
  }
  out.epsilon_spent = epsilon_of_rho(out.rho_spent, report_delta);
  return out;
}

}  // namespace menshen::audit::dp
