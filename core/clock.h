// Time as a dependency, so that tests can set it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace menshen::core {

// Thread-safe. wall_ns: nanoseconds since 1970-01-01T00:00:00Z; monotonic_ns: never goes back.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::int64_t wall_ns() const noexcept = 0;
  [[nodiscard]] virtual std::int64_t monotonic_ns() const noexcept = 0;
};

[[nodiscard]] const Clock& system_clock() noexcept;

// RFC 3339 in UTC with nanoseconds: "2026-11-22T02:33:18.123456789Z".
[[nodiscard]] std::array<char, 30> rfc3339(std::int64_t wall_ns) noexcept;
[[nodiscard]] std::string format_rfc3339(std::int64_t wall_ns);
// The UTC day: "2026-11-22".
[[nodiscard]] std::string format_day(std::int64_t wall_ns);

}  // namespace menshen::core
