#include "core/clock.h"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace menshen::core {
namespace {

class SystemClock final : public Clock {
 public:
  std::int64_t wall_ns() const noexcept override {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
  std::int64_t monotonic_ns() const noexcept override {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
  }
};

template <class Integer>
void put_digits(char* end, int count, Integer value) {
  for (; count > 0; --count, value /= 10) *--end = static_cast<char>('0' + value % 10);
}

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock clock;
  return clock;
}

std::array<char, 30> rfc3339(std::int64_t wall_ns) noexcept {
  const std::chrono::nanoseconds since(wall_ns);
  const auto day = std::chrono::floor<std::chrono::days>(since);
  const std::chrono::year_month_day date{std::chrono::sys_days(day)};
  const std::chrono::hh_mm_ss time(since - day);
  std::array<char, 30> text;
  std::ranges::copy(std::string_view("0000-00-00T00:00:00.000000000Z"), text.begin());
  put_digits(text.data() + 4, 4, static_cast<int>(date.year()));
  put_digits(text.data() + 7, 2, static_cast<unsigned>(date.month()));
  put_digits(text.data() + 10, 2, static_cast<unsigned>(date.day()));
  put_digits(text.data() + 13, 2, time.hours().count());
  put_digits(text.data() + 16, 2, time.minutes().count());
  put_digits(text.data() + 19, 2, time.seconds().count());
  put_digits(text.data() + 29, 9, time.subseconds().count());
  return text;
}

std::string format_rfc3339(std::int64_t wall_ns) {
  const auto text = rfc3339(wall_ns);
  return {text.data(), text.size()};
}

std::string format_day(std::int64_t wall_ns) { return format_rfc3339(wall_ns).substr(0, 10); }

}  // namespace menshen::core
