#include "policies/when.h"

#include "core/yaml_reader.h"

#include <unicode/strenum.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <vector>

namespace menshen::policies {
namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::int64_t ms_per_day = ms_per_minute * minutes_per_day;
constexpr std::int64_t monday_of_epoch = 3;  // 1970-01-01 was a Thursday

std::int64_t floor_divide(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) noexcept {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<int> minute_from(std::string_view text) noexcept {
  const auto hour = digits(text, 0, 2);
  const auto minute = digits(text, 3, 2);
  if (!hour || !minute || text.size() != 5 || text[2] != ':' || *minute > 59) return std::nullopt;
  const int total = *hour * 60 + *minute;
  return total <= minutes_per_day ? std::optional(total) : std::nullopt;
}

// "Z" or "+08:00", in seconds.
std::optional<std::int64_t> offset_from(std::string_view text) noexcept {
  if (text == "Z" || text == "z") return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto minutes = minute_from(text.substr(1));
  if (!minutes || *minutes == minutes_per_day) return std::nullopt;
  return (text[0] == '-' ? -60 : 60) * std::int64_t{*minutes};
}

// Takes ".123456789" from the front of `rest`; nanoseconds.
std::optional<std::int64_t> take_fraction(std::string_view& rest) noexcept {
  if (!rest.starts_with('.')) return 0;
  std::int64_t ns = 0;
  std::size_t n = 1;
  for (; n < rest.size() && rest[n] >= '0' && rest[n] <= '9'; ++n) {
    if (n > 9) return std::nullopt;
    ns = ns * 10 + (rest[n] - '0');
  }
  if (n == 1) return std::nullopt;
  for (std::size_t i = n; i <= 9; ++i) ns *= 10;
  rest.remove_prefix(n);
  return ns;
}

}  // namespace

bool Window::holds(LocalTime now) const noexcept {
  const auto on = [&](int weekday) { return (days >> ((weekday + 7) % 7) & 1) != 0; };
  if (begin < end) return on(now.weekday) && now.minute >= begin && now.minute < end;
  if (now.minute >= begin) return on(now.weekday);
  return now.minute < end && on(now.weekday - 1);
}

struct TimeZone::Impl {
  std::unique_ptr<const icu::TimeZone> zone;
};

std::optional<TimeZone> TimeZone::find(const std::string& name) {
  if (name != "UTC" && name.find('/') == std::string::npos) return std::nullopt;
  const icu::UnicodeString id = icu::UnicodeString::fromUTF8(name);
  icu::UnicodeString canonical;
  UBool is_system = false;
  UErrorCode status = U_ZERO_ERROR;
  icu::TimeZone::getCanonicalID(id, canonical, is_system, status);
  if (U_FAILURE(status) || !is_system || name == "Etc/Unknown") return std::nullopt;
  std::unique_ptr<const icu::TimeZone> zone(icu::TimeZone::createTimeZone(id));
  icu::UnicodeString made;
  if (zone == nullptr || zone->getID(made) != id) return std::nullopt;
  return TimeZone(std::make_shared<const Impl>(Impl{std::move(zone)}));
}

std::optional<LocalTime> TimeZone::at(std::int64_t wall_ns) const noexcept {
  const std::int64_t utc_ms = floor_divide(wall_ns, ns_per_ms);
  std::int32_t raw = 0;
  std::int32_t dst = 0;
  UErrorCode status = U_ZERO_ERROR;
  impl_->zone->getOffset(static_cast<UDate>(utc_ms), false, raw, dst, status);
  if (U_FAILURE(status)) return std::nullopt;
  const std::int64_t local_ms = utc_ms + raw + dst;
  const std::int64_t day = floor_divide(local_ms, ms_per_day);
  const std::int64_t weekday = ((day + monday_of_epoch) % 7 + 7) % 7;
  return LocalTime{static_cast<int>(weekday),
                   static_cast<int>((local_ms - day * ms_per_day) / ms_per_minute)};
}

std::optional<std::pair<int, int>> hours_from(std::string_view text) noexcept {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto begin = minute_from(text.substr(0, 5));
  const auto end = minute_from(text.substr(6));
  if (!begin || !end || *begin == *end || *begin == minutes_per_day) return std::nullopt;
  return std::pair(*begin, *end);
}

// Dashes, colons and blanks as people and input methods write them, and hours of one digit.
std::string hours_meant(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> spellings[] = {
      {" ", ""},   {"–", "-"},  {"—", "-"},  {"－", "-"}, {"~", "-"}, {"～", "-"},
      {"至", "-"}, {"到", "-"}, {"to", "-"}, {"：", ":"}, {".", ":"}};
  std::string plain;
  while (!text.empty()) {
    const auto known = std::ranges::find_if(
        spellings, [&](const auto& spelling) { return text.starts_with(spelling.first); });
    const bool other = known == std::end(spellings);
    plain.append(other ? text.substr(0, 1) : known->second);
    text.remove_prefix(other ? 1 : known->first.size());
  }
  const auto padded = [](const std::string& time) {
    const std::size_t colon = std::min(time.find(':'), time.size());
    return (colon == 1 ? "0" : "") + time + (colon == time.size() ? ":00" : "");
  };
  const std::size_t dash = plain.find('-');
  if (dash == std::string::npos) return {};
  std::string meant = padded(plain.substr(0, dash)) + "-" + padded(plain.substr(dash + 1));
  return hours_from(meant) ? meant : std::string{};
}

// A city under another area, as people write it ("Asia/Beijing", "Shanghai", "Asia/Sanghai").
std::string time_zone_meant(const std::string& name) {
  constexpr std::pair<std::string_view, std::string_view> cities[] = {
      {"beijing", "Asia/Shanghai"},
      {"shenzhen", "Asia/Shanghai"},
      {"guangzhou", "Asia/Shanghai"},
      {"hangzhou", "Asia/Shanghai"},
      {"chengdu", "Asia/Shanghai"},
      {"prc", "Asia/Shanghai"},
      {"mumbai", "Asia/Kolkata"},
      {"delhi", "Asia/Kolkata"},
      {"munich", "Europe/Berlin"},
      {"washington", "America/New_York"},
      {"gmt", "UTC"},
      {"z", "UTC"}};
  const auto lower = [](std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == ' ' ? '_' : c;
    });
    return out;
  };
  const auto city_of = [](std::string_view zone) { return zone.substr(zone.rfind('/') + 1); };
  const std::string wanted = lower(city_of(name));
  for (const auto& [city, zone] : cities) {
    if (wanted == city) return std::string(zone);
  }
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::StringEnumeration> all(icu::TimeZone::createTimeZoneIDEnumeration(
      UCAL_ZONE_TYPE_CANONICAL, nullptr, nullptr, status));
  std::vector<std::string> zones;
  while (all != nullptr && U_SUCCESS(status)) {
    const char* const zone = all->next(nullptr, status);
    if (zone == nullptr) break;
    if (lower(city_of(zone)) == wanted && TimeZone::find(zone)) return zone;
    if (TimeZone::find(zone)) zones.emplace_back(zone);
  }
  const std::vector<std::string_view> names(zones.begin(), zones.end());
  return std::string(core::nearest_name(name, names));
}

std::optional<std::int64_t> rfc3339_from(std::string_view text) noexcept {
  namespace chrono = std::chrono;
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const bool separated = text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't') &&
                         text[13] == ':' && text[16] == ':';
  const chrono::year_month_day date{chrono::year(*year),
                                    chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day))};
  std::string_view rest = text.substr(19);
  const auto fraction = take_fraction(rest);
  const auto offset = offset_from(rest);
  if (!separated || !date.ok() || *hour > 23 || *minute > 59 || *second > 59 || !fraction ||
      !offset || *year < 1970 || *year > 2200) {
    return std::nullopt;
  }
  const std::int64_t days = chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + *hour * 3600 + *minute * 60 + *second - *offset;
  return seconds * 1'000'000'000 + *fraction;
}

}  // namespace menshen::policies
