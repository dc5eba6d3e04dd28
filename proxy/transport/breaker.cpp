#include "proxy/transport/breaker.h"

namespace menshen::transport {

Breaker::State Breaker::state(std::int64_t now_ns) const noexcept {
  const auto until = open_until_ns_.load();
  if (until == closed) return State::closed;
  return now_ns < until ? State::open : State::half_open;
}

bool Breaker::available(std::int64_t now_ns) const noexcept {
  const State now = state(now_ns);
  return now == State::closed || (now == State::half_open && !probing_.load());
}

Breaker::Permit Breaker::admit(std::int64_t now_ns) noexcept {
  switch (state(now_ns)) {
    case State::closed: return Permit::normal;
    case State::open: return Permit::refused;
    case State::half_open: break;
  }
  return probing_.exchange(true) ? Permit::refused : Permit::probe;
}

Breaker::Change Breaker::report(Permit permit, Outcome outcome, std::int64_t now_ns) noexcept {
  const auto open_until = now_ns + std::int64_t{1'000'000} * options_.open_ms;
  if (permit == Permit::probe) {
    if (outcome == Outcome::success) {
      failures_ = 0;
      open_until_ns_ = closed;
    } else if (outcome == Outcome::failure) {
      open_until_ns_ = open_until;
    }
    probing_ = false;
    return outcome == Outcome::success ? Change::closed : Change::none;
  }
  if (permit == Permit::refused || outcome == Outcome::unknown) return Change::none;
  if (outcome == Outcome::success) {
    failures_ = 0;  // it does not close an open breaker: the call may be older than what opened it
    return Change::none;
  }
  if (failures_.fetch_add(1) + 1 < options_.failures) return Change::none;
  auto expected = closed;
  const bool opened = open_until_ns_.compare_exchange_strong(expected, open_until);
  return opened ? Change::opened : Change::none;
}

}  // namespace menshen::transport
