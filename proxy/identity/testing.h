// For tests: a clock that stands.
#pragma once

#include "core/clock.h"

#include <cstdint>

namespace menshen::identity::testing {

class FixedClock final : public core::Clock {
 public:
  std::int64_t wall = 1'700'000'000'000'000'000;
  std::int64_t monotonic = 1'000'000'000;
  [[nodiscard]] std::int64_t wall_ns() const noexcept override { return wall; }
  [[nodiscard]] std::int64_t monotonic_ns() const noexcept override { return monotonic; }
};

}  // namespace menshen::identity::testing
