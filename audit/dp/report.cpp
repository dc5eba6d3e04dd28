#include "audit/dp/report.h"

#include <cmath>
#include <memory>
#include <utility>

#include "audit/dp/accountant.h"
#include "audit/dp/mechanism.h"
#include "audit/dp/usage.h"

namespace menshen::audit::dp {
namespace {

constexpr double normal_95 = 1.959963984540054;  // two-sided

double rho_of(std::uint64_t micro) { return static_cast<double>(micro) * 1e-6; }

std::string day_text(std::int64_t day) { return core::format_day(day * day_ns); }

// A sum of `terms` noises of variance sigma2.
std::int64_t half_width(std::uint64_t sigma2, std::uint64_t terms) {
  const double variance = static_cast<double>(sigma2) * static_cast<double>(terms);
  return static_cast<std::int64_t>(std::ceil(normal_95 * std::sqrt(variance)));
}

DayFigures figures_of(const PublishedDay& day) {
  DayFigures out;
  out.day = day_text(day.day);
  out.final = day.final;
  out.windows = day.windows;
  out.as_of_ns = day.windows > 0 ? day.closed_ns : 0;
  const std::uint64_t cells = day.figures.size();
  out.requests_error = half_width(day.sigma2_requests, day.windows);
  out.users_error = half_width(day.sigma2_users, day.windows);
  out.requests_error_total = half_width(day.sigma2_requests, day.windows * cells);
  out.users_error_total = half_width(day.sigma2_users, day.windows * cells);
  for (const PublishedFigure& figure : day.figures) {
    out.figures.push_back({figure.cell, figure.requests, figure.users});
  }
  return out;
}

PrivacyStatement statement_of(const Plan& plan, std::uint64_t micro_spent) {
  PrivacyStatement out;
  out.requests_cap = plan.requests_cap;
  out.sigma2_requests = plan.sigma2_requests;
  out.sigma2_users = plan.sigma2_users;
  out.rho_per_day = rho_of(plan.micro_rho_day);
  out.epsilon_per_day = epsilon_of_rho(out.rho_per_day, report_delta);
  out.rho_spent = rho_of(micro_spent);
  out.rho_total = rho_of(plan.micro_rho_total);
  out.epsilon_spent = epsilon_of_rho(out.rho_spent, report_delta);
  return out;
}

// What tick and report share: count what is new, end the windows that are over.
class Session {
 public:
  static core::Result<Session> open(const std::filesystem::path& directory,
                                    const Options& options) {
    auto plan = Plan::make(options);
    if (!plan) return plan.error();
    auto log = LogReader::open(directory);
    if (!log) return log.error();
    auto usage = open_usage_file(directory);
    if (!usage) return usage.error();
    return Session(std::move(*plan), std::move(*log), std::move(*usage));
  }

  core::Result<Closing> advance(std::int64_t now_ns, Trigger trigger, Mechanism* mechanism) {
    const auto counted = count(*usage_, log_, plan_, now_ns);
    if (!counted) return counted.error();
    DiscreteGaussian exact;
    return close_windows(*usage_, now_ns, trigger, plan_,
                         mechanism == nullptr ? exact : *mechanism);
  }

  core::Result<Report> report(std::int64_t now_ns) {
    Report out;
    const std::int64_t today = now_ns / day_ns;
    for (const std::int64_t day : {today - 1, today}) {
      const auto known = dp::published(*usage_, day);
      if (!known) return known.error();
      if (*known) out.days.push_back(figures_of(**known));
    }
    const auto spent = micro_spent(*usage_);
    if (!spent) return spent.error();
    out.statement = statement_of(plan_, *spent);
    return out;
  }

 private:
  Session(Plan plan, LogReader log, std::unique_ptr<UsageRepository> usage)
      : plan_(std::move(plan)), log_(std::move(log)), usage_(std::move(usage)) {}

  Plan plan_;
  LogReader log_;
  std::unique_ptr<UsageRepository> usage_;
};

}  // namespace

core::Result<Report> report(const std::filesystem::path& store_directory, const Options& options,
                            const core::Clock& clock) {
  auto session = Session::open(store_directory, options);
  if (!session) return session.error();
  const std::int64_t now_ns = clock.wall_ns();
  const auto closing = session->advance(now_ns, Trigger::report, options.mechanism);
  if (!closing) return closing.error();
  auto out = session->report(now_ns);
  if (out) out->refusal = closing->refusal;
  return out;
}

core::Result<Tick> tick(const std::filesystem::path& store_directory, const Options& options,
                        const core::Clock& clock) {
  auto session = Session::open(store_directory, options);
  if (!session) return session.error();
  const auto closing = session->advance(clock.wall_ns(), Trigger::tick, options.mechanism);
  if (!closing) return closing.error();
  return Tick{closing->windows, closing->refusal};
}

core::Result<Ledger> ledger(const std::filesystem::path& store_directory, const Options& options) {
  const auto plan = Plan::make(options);
  if (!plan) return plan.error();
  // Where no log was begun, nothing was charged, and a question must not begin a store.
  if (const auto log = LogReader::open(store_directory); !log) return log.error();
  const auto usage = open_usage_file(store_directory);
  if (!usage) return usage.error();
  const auto rows = (*usage)->ledger();
  if (!rows) return rows.error();
  Ledger out;
  out.rho_total = rho_of(plan->micro_rho_total);
  std::uint64_t spent = 0;
  for (const LedgerRow& row : *rows) {
    if (!row.refused) spent += row.micro_rho;
    out.entries.push_back({core::format_rfc3339(row.time_ns), day_text(row.day),
                           row.refused ? "refusal" : "charge", rho_of(row.micro_rho),
                           rho_of(spent)});
    out.rho_spent = rho_of(spent);
  }
  out.epsilon_spent = epsilon_of_rho(out.rho_spent, report_delta);
  return out;
}

}  // namespace menshen::audit::dp
