// What a run may believe of the wall clock, by which days are told apart.
//
//   ClockWatch watch(clock);
//   const auto look = watch.look();         // every minute or so
//   if (look.step_ns != 0) ...              // somebody set the clock
//   if (look.settled) ...                   // days may be closed by it
//   if (!watch.has_begun(day) && watch.may_begin()) watch.begin(day);
//
// A clock that is set wrong must not spend the privacy budget: each day costs, so a run counts at
// most as many days as its monotonic clock has seen begin. After a step nothing is closed for a
// while, so that a mistake that is mended within that time ends no day early. One thread.
#pragma once

#include "audit/dp/usage_repository.h"
#include "core/clock.h"

#include <cstdint>
#include <optional>
#include <set>

namespace menshen::audit::dp {

inline constexpr std::int64_t clock_step_ns_min = hour_ns / 60;  // less is adjustment
inline constexpr std::int64_t clock_settle_ns = hour_ns;         // after a step

class ClockWatch {
 public:
  explicit ClockWatch(const core::Clock& clock) : clock_(clock) {}

  struct Look {
    std::int64_t now_ns = 0;
    std::int64_t step_ns = 0;  // since the last look; 0: none
    bool settled = true;
  };
  // The first look is held against `log_ns`, the latest time in the log, 0 when there is
  // none: a clock that is behind it was set back. A clock ahead cannot be told from a pause.
  [[nodiscard]] Look look(std::int64_t log_ns);

  // Of UTC days: those that have begun in this run, and whether one more may.
  [[nodiscard]] bool has_begun(std::int64_t day) const { return days_.contains(day); }
  [[nodiscard]] bool may_begin() const;
  void begin(std::int64_t day);

 private:
  const core::Clock& clock_;
  std::optional<std::int64_t> first_mono_ns_;
  std::int64_t last_wall_ns_ = 0;
  std::int64_t last_mono_ns_ = 0;
  std::optional<std::int64_t> settle_from_ns_;  // monotonic
  std::set<std::int64_t> days_;                 // begun; the latest of them
  std::int64_t days_begun_ = 0;
};

}  // namespace menshen::audit::dp
