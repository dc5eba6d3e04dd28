// The rules of released statistics over what a repository remembers: counting the log, and ending
// windows. releases.h puts them together.
//
//   auto usage = open_usage_file("var");
//   take_up(**usage, log, size, plan, today);     // days, charges, releases
//   count(**usage, log, size);                    // exchanges, exactly once
//   stage_window(**usage, day, now_ns, mechanism);
//
// Each step is one transaction, which holds what was read and the position in the log together.
// Errors: those of the repository and of account.h; "privacy_log_changed" when the log is not the
// one that was counted; those of reader.h and sampler.h.
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
// NeurIPS 2021). The ends never depend on the log: the clock alone ends windows.
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

inline constexpr std::int64_t day_grace_ns = hour_ns / 12;  // after midnight, for late records
// Days that began longer ago are not counted.
inline constexpr std::int64_t catch_up_days_max = 31;

struct PublishedFigure {
  Cell cell;
  std::int64_t requests = 0;
  std::int64_t users = 0;
};

struct PublishedDay {
  std::int64_t day = 0;
  bool final = false;
  bool charged = false;
  bool refused = false;
  std::uint32_t windows = 0;   // published; a day that is final, charged and has none is lost
  std::int64_t closed_ns = 0;  // end of the last window
  std::uint32_t requests_cap = 0;
  Variances sigma2;
  std::vector<PublishedFigure> figures;  // empty until a window has ended
};

// What take_up() makes of charges and releases: recover() knows them already.
enum class Account : std::uint8_t { applied, passed_over };

// Reads the log up to `size` for what is no exchange.
[[nodiscard]] core::Result<void> take_up(UsageRepository& usage, LogReader& log, std::uint64_t size,
                                         const Plan& plan, std::int64_t now_ns, Account account);
// A day of which nothing is known is counted from now on.
[[nodiscard]] core::Result<void> add_day(UsageRepository& usage, std::int64_t day,
                                         const Plan& plan);
// And for exchanges, no further than take_up() came, and than `size`.
[[nodiscard]] core::Result<void> count(UsageRepository& usage, LogReader& log, std::uint64_t size);

[[nodiscard]] bool window_is_over(const DayRow& day, std::int64_t now_ns, const Plan& plan);
// Every cell gets its noise, zeros too, and the true counts are wiped. With the last window the
// day is finished. The day was charged.
[[nodiscard]] core::Result<void> stage_window(UsageRepository& usage, const DayRow& day,
                                              std::int64_t now_ns, bool last, Mechanism& mechanism);

// Absent: the day is not known.
[[nodiscard]] core::Result<std::optional<PublishedDay>> published(UsageRepository& usage,
                                                                  std::int64_t day);

}  // namespace menshen::audit::dp
