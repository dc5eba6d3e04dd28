// The rules of released statistics over what a repository remembers: counting the log, ending
// windows, and reading what was published.
//
//   auto usage = open_usage_file("var");
//   count(**usage, log, plan, now_ns);            // reads what is new in the log, exactly once
//   close_windows(**usage, now_ns, Trigger::tick, plan, mechanism);
//
// Several processes may do so at the same time: each step is one transaction, which holds the
// counts and the position in the log together. Errors: those of the repository;
// "privacy_log_changed" when the log is not the one that was counted; those of reader.h and
// sampler.h.
//
// Why one day costs one rho, however many windows it has. A unit is what one user does in one UTC
// day. Of it at most `requests_cap` requests are counted, and the user once: let x[w] be the vector
// that the unit adds to the counts of window w. Over all windows of the day the sum of |x[w]|_1 is
// at most requests_cap, so that of |x[w]|_2^2 at most requests_cap^2, and likewise 1 for users.
// Each window's counts get independent noise N_Z(0, sigma2): its loss for this unit is |x[w]|_2^2 /
// (2 sigma2), and the losses add up to at most requests_cap^2 / (2 sigma2) = rho. That holds for
// windows whose ends are chosen by the clock or by people who see earlier figures, because the
// bound on the sum holds for every way of cutting the day (adaptive composition under a bound on
// each unit's sum of losses: Feldman and Zrnic, Individual Privacy Accounting via a Renyi Filter,
// NeurIPS 2021). The ends never depend on the log: a window ends at the hour, when someone asks for
// a report (at most once in ten minutes), and with the day.
#pragma once

#include "audit/dp/mechanism.h"
#include "audit/dp/plan.h"
#include "audit/dp/usage_repository.h"
#include "audit/reader.h"
#include "core/error.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace menshen::audit::dp {

inline constexpr std::int64_t second_ns = 1'000'000'000;
inline constexpr std::int64_t hour_ns = 3'600 * second_ns;
inline constexpr std::int64_t day_ns = 24 * hour_ns;
inline constexpr std::int64_t report_pause_ns =
    600 * second_ns;                                           // between windows that reports end
inline constexpr std::int64_t day_grace_ns = 300 * second_ns;  // after midnight, for late records
inline constexpr std::int64_t catch_up_days_max =
    31;  // days that ended longer ago are not released

enum class Trigger : std::uint8_t { tick, report };

struct Closing {
  std::uint32_t windows = 0;           // ended now, over all days
  std::optional<core::Error> refusal;  // the budget is spent
};

struct PublishedFigure {
  Cell cell;
  std::int64_t requests = 0;
  std::int64_t users = 0;
};

struct PublishedDay {
  std::int64_t day = 0;
  bool final = false;
  std::uint32_t windows = 0;
  std::int64_t closed_ns = 0;  // end of the last window
  std::uint32_t requests_cap = 0;
  std::uint64_t sigma2_requests = 0;
  std::uint64_t sigma2_users = 0;
  std::vector<PublishedFigure> figures;  // empty until a window has ended
};

[[nodiscard]] core::Result<void> count(UsageRepository& usage, LogReader& log, const Plan& plan,
                                       std::int64_t now_ns);
[[nodiscard]] core::Result<Closing> close_windows(UsageRepository& usage, std::int64_t now_ns,
                                                  Trigger trigger, const Plan& plan,
                                                  Mechanism& mechanism);

// Absent: the day is not known.
[[nodiscard]] core::Result<std::optional<PublishedDay>> published(UsageRepository& usage,
                                                                  std::int64_t day);
// Of the budget, by all days so far.
[[nodiscard]] core::Result<std::uint64_t> micro_spent(UsageRepository& usage);

}  // namespace menshen::audit::dp
