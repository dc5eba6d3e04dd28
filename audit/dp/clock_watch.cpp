#include "audit/dp/clock_watch.h"

#include <algorithm>
#include <cstdlib>

namespace menshen::audit::dp {
namespace {

constexpr std::size_t days_remembered_max = 64;

}  // namespace

ClockWatch::Look ClockWatch::look(std::int64_t log_ns) {
  Look out;
  out.now_ns = clock_.wall_ns();
  const std::int64_t mono_ns = clock_.monotonic_ns();
  std::int64_t step_ns = 0;
  if (first_mono_ns_) {
    step_ns = (out.now_ns - last_wall_ns_) - (mono_ns - last_mono_ns_);
  } else {
    first_mono_ns_ = mono_ns;
    step_ns = std::min<std::int64_t>(out.now_ns - log_ns, 0);
  }
  last_wall_ns_ = out.now_ns;
  last_mono_ns_ = mono_ns;
  if (std::abs(step_ns) >= clock_step_ns_min) {
    out.step_ns = step_ns;
    settle_from_ns_ = mono_ns;
  }
  out.settled = !settle_from_ns_ || mono_ns - *settle_from_ns_ >= clock_settle_ns;
  return out;
}

// A run has seen the day that it began in, the next one after any time, and then one in 24 hours.
bool ClockWatch::may_begin() const {
  return days_begun_ < 2 + (last_mono_ns_ - first_mono_ns_.value_or(0)) / day_ns;
}

void ClockWatch::begin(std::int64_t day) {
  ++days_begun_;
  days_.insert(day);
  if (days_.size() > days_remembered_max) days_.erase(days_.begin());
}

}  // namespace menshen::audit::dp
