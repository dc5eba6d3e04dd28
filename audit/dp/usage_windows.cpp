// Ending windows, and reading what was published.
#include "audit/dp/usage.h"

#include <string>

namespace menshen::audit::dp {
namespace {

core::Error budget_exhausted(const Plan& plan, std::uint64_t spent) {
  const auto text = [](std::uint64_t micro) {
    return std::to_string(static_cast<double>(micro) * 1e-6);
  };
  return core::gateway_error(
      core::ErrorKind::forbidden, "privacy_budget_exhausted",
      "The privacy budget is spent: rho " + text(spent) + " of " + text(plan.micro_rho_total) +
          ". No new figures are released; `menshen dp ledger` shows what it went to.");
}

// The day's rho, once. False when the budget does not hold it, which the ledger notes once.
core::Result<bool> charge(UsageRepository& usage, const DayRow& day, std::int64_t now_ns,
                          const Plan& plan) {
  if (day.charged) return true;
  const auto spent = micro_spent(usage);
  if (!spent) return spent.error();
  const bool refused = *spent + day.micro_rho > plan.micro_rho_total;
  if (refused && day.refused) return false;
  const auto noted =
      usage.add_to_ledger({now_ns, day.day, refused, day.micro_rho, plan.micro_rho_total});
  if (!noted) return noted.error();
  return !refused;
}

// Every cell gets its noise, zeros too; the true counts are wiped in the same transaction.
core::Result<void> release(UsageRepository& usage, const DayRow& day, std::int64_t now_ns,
                           Mechanism& mechanism) {
  auto counts = usage.open_counts(day.day);
  if (!counts) return counts.error();
  for (CellCounts& count : *counts) {
    const auto requests = mechanism.release(
        {day.day, day.windows, count.cell, Metric::requests, day.requests_cap, day.sigma2_requests},
        count.requests);
    if (!requests) return requests.error();
    const auto users = mechanism.release(
        {day.day, day.windows, count.cell, Metric::users, 1, day.sigma2_users}, count.users);
    if (!users) return users.error();
    count = {count.cell, *requests, *users};
  }
  return usage.close_window(day.day, now_ns, *counts);
}

bool window_is_over(const DayRow& day, std::int64_t now_ns, Trigger trigger) {
  if (day.day < now_ns / day_ns) return now_ns >= (day.day + 1) * day_ns + day_grace_ns;
  if (trigger == Trigger::tick) return now_ns / hour_ns > day.closed_ns / hour_ns;
  return now_ns - day.closed_ns >= report_pause_ns;
}

core::Result<void> close_window(UsageRepository& usage, const DayRow& day, std::int64_t now_ns,
                                const Plan& plan, Mechanism& mechanism, Closing& closing) {
  const auto allowed = charge(usage, day, now_ns, plan);
  if (!allowed) return allowed.error();
  if (*allowed) {
    if (const auto done = release(usage, day, now_ns, mechanism); !done) return done;
    ++closing.windows;
  } else {
    const auto spent = micro_spent(usage);
    if (!spent) return spent.error();
    closing.refusal = budget_exhausted(plan, *spent);
  }
  if (day.day == now_ns / day_ns) return {};
  return usage.finish(day.day);
}

}  // namespace

core::Result<Closing> close_windows(UsageRepository& usage, std::int64_t now_ns, Trigger trigger,
                                    const Plan& plan, Mechanism& mechanism) {
  Closing out;
  const auto closed = usage.transact([&]() -> core::Result<void> {
    const auto days = usage.open_days();
    if (!days) return days.error();
    for (const DayRow& day : *days) {
      if (!window_is_over(day, now_ns, trigger)) continue;
      const auto done = close_window(usage, day, now_ns, plan, mechanism, out);
      if (!done) return done;
    }
    return {};
  });
  if (!closed) return closed.error();
  return out;
}

core::Result<std::optional<PublishedDay>> published(UsageRepository& usage, std::int64_t day) {
  std::optional<PublishedDay> out;
  const auto row = usage.day(day);
  if (!row) return row.error();
  if (!*row) return out;
  const DayRow& known = **row;
  const auto cells = usage.cells(day);
  if (!cells) return cells.error();
  const auto counts = usage.published(day);
  if (!counts) return counts.error();
  out = PublishedDay{day,
                     known.final,
                     known.windows,
                     known.closed_ns,
                     known.requests_cap,
                     known.sigma2_requests,
                     known.sigma2_users,
                     {}};
  for (const CellCounts& each : *counts) {
    if (each.cell < cells->size())
      out->figures.push_back({(*cells)[each.cell], each.requests, each.users});
  }
  return out;
}

core::Result<std::uint64_t> micro_spent(UsageRepository& usage) {
  const auto rows = usage.ledger();
  if (!rows) return rows.error();
  std::uint64_t spent = 0;
  for (const LedgerRow& row : *rows) spent += row.refused ? 0 : row.micro_rho;
  return spent;
}

}  // namespace menshen::audit::dp
