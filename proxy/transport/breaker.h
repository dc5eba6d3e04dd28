// A circuit breaker, shared by all threads. Closed: calls pass. After so many failures in a row it
// opens: none pass for a while. Then it is half-open: one call passes as a probe, and its outcome
// closes or reopens it.
//
//   if (const auto permit = breaker.admit(now_ns); permit == Breaker::Permit::refused) return
//   unavailable;
//   ... breaker.report(permit, Breaker::Outcome::failure, now_ns);
//
// Lock-free. Every permit that is not refused must be reported once.
#pragma once

#include "proxy/config/config.h"

#include <atomic>
#include <cstdint>

namespace menshen::transport {

class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };
  enum class Permit : std::uint8_t { refused, normal, probe };
  enum class Outcome : std::uint8_t { success, failure, unknown };  // unknown: the caller went away

  enum class Change : std::uint8_t { none, opened, closed };

  explicit Breaker(config::Breaker options) noexcept : options_(options) {}

  // Times are of one monotonic clock.
  [[nodiscard]] State state(std::int64_t now_ns) const noexcept;
  // Whether admit() would pass now.
  [[nodiscard]] bool available(std::int64_t now_ns) const noexcept;
  [[nodiscard]] Permit admit(std::int64_t now_ns) noexcept;
  // What the report changed, if anything; of reports at once one is told.
  Change report(Permit permit, Outcome outcome, std::int64_t now_ns) noexcept;

 private:
  static constexpr std::int64_t closed = -1;
  config::Breaker options_;
  std::atomic<std::uint32_t> failures_{0};  // in a row
  std::atomic<std::int64_t> open_until_ns_{closed};
  std::atomic<bool> probing_{false};
};

}  // namespace menshen::transport
