// Ending windows, and reading what was published.
#include "audit/dp/usage.h"

#include <algorithm>

namespace menshen::audit::dp {

bool window_is_over(const DayRow& day, std::int64_t now_ns, const Plan& plan) {
  if (day.day < now_ns / day_ns) return now_ns >= (day.day + 1) * day_ns + day_grace_ns;
  const std::int64_t window_ns = day_ns / plan.releases_per_day;
  return now_ns / window_ns > day.closed_ns / window_ns;
}

core::Result<void> stage_window(UsageRepository& usage, const DayRow& day, std::int64_t now_ns,
                                bool last, Mechanism& mechanism) {
  return usage.transact([&]() -> core::Result<void> {
    const auto position = usage.position();
    if (!position) return position.error();
    auto counts = usage.open_counts(day.day);
    if (!counts) return counts.error();
    const auto cells = usage.cells(day.day);
    if (!cells) return cells.error();
    for (CellCounts& count : *counts) {
      const Variance& sigma2 = day.sigma2.of(table_of((*cells)[count.cell]));
      const auto requests = mechanism.release(
          {day.day, day.windows, count.cell, Metric::requests, day.requests_cap, sigma2.requests},
          count.requests);
      if (!requests) return requests.error();
      const auto users = mechanism.release(
          {day.day, day.windows, count.cell, Metric::users, 1, sigma2.users}, count.users);
      if (!users) return users.error();
      count = {count.cell, *requests, *users};
    }
    const auto staged = usage.close_window(day.day, now_ns, position->counted, *counts);
    if (!staged || !last) return staged;
    return usage.finish(day.day);
  });
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
  const auto staged = usage.staged();
  if (!staged) return staged.error();
  const auto waiting =
      std::ranges::count_if(*staged, [&](const StagedWindow& window) { return window.day == day; });
  out = PublishedDay{day,
                     known.final,
                     known.charged,
                     known.refused,
                     known.windows - static_cast<std::uint32_t>(waiting),
                     known.closed_ns,
                     known.requests_cap,
                     known.sigma2,
                     {}};
  for (const CellCounts& each : *counts) {
    if (each.cell < cells->size())
      out->figures.push_back({(*cells)[each.cell], each.requests, each.users});
  }
  return out;
}

}  // namespace menshen::audit::dp
