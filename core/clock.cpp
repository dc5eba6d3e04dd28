#include "core/clock.h"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace menshen::core {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

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

std::tm utc(std::int64_t wall_ns) {
  const std::time_t seconds = static_cast<std::time_t>(wall_ns / ns_per_second);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock clock;
  return clock;
}

std::string format_rfc3339(std::int64_t wall_ns) {
  const std::tm t = utc(wall_ns);
  char text[96];
  const int n = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%09lldZ",
                              t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min,
                              t.tm_sec, static_cast<long long>(wall_ns % ns_per_second));
  return {text, static_cast<std::size_t>(n)};
}

std::string format_day(std::int64_t wall_ns) { return format_rfc3339(wall_ns).substr(0, 10); }

}  // namespace menshen::core
