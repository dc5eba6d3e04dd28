// Times of the week in a time zone, and the instants that tests and commands name. But for these
// internal to policies.
//
// A window is a set of days and a span of local wall-clock minutes, its begin included and its end
// excluded. One that ends at or before its begin wraps midnight, and belongs to the day on which it
// begins: fri 22:00-06:00 holds until Saturday at six. When clocks go forward the skipped minutes
// do not occur; when they go back the repeated ones occur twice.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace menshen::policies {

inline constexpr int minutes_per_day = 24 * 60;

struct LocalTime {
  int weekday = 0;  // 0: Monday
  int minute = 0;   // of the day
};

struct Window {
  std::uint8_t days = 0x7F;  // bit 0: Monday
  int begin = 0;             // minute of the day
  int end = minutes_per_day;

  [[nodiscard]] bool holds(LocalTime now) const noexcept;
  friend bool operator==(const Window&, const Window&) = default;
};

// A zone of the IANA database, as ICU's data has it. Immutable, any thread.
class TimeZone {
 public:
  // nullopt: no such name. Abbreviations such as CST, which mean several zones, are no names.
  [[nodiscard]] static std::optional<TimeZone> find(const std::string& name);

  // nullopt: ICU could not tell.
  [[nodiscard]] std::optional<LocalTime> at(std::int64_t wall_ns) const noexcept;

 private:
  struct Impl;
  explicit TimeZone(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// "08:00-20:00" -> begin and end in minutes; 24:00 may be an end. nullopt: not of this form, or
// empty.
[[nodiscard]] std::optional<std::pair<int, int>> hours_from(std::string_view text) noexcept;

// What was meant by hours of another form, such as "8:00 – 20:00"; empty: who knows.
[[nodiscard]] std::string hours_meant(std::string_view text);

// The name of a time zone that was meant by one that is none; empty: who knows. Looks through all.
[[nodiscard]] std::string time_zone_meant(const std::string& name);

// RFC 3339: "2026-01-05T12:00:00+08:00", "2026-01-05T04:00:00.5Z".
[[nodiscard]] std::optional<std::int64_t> rfc3339_from(std::string_view text) noexcept;

}  // namespace menshen::policies
