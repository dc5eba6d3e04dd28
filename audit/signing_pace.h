// When a head may be signed with a group of records although none is due to be published: so often
// that signing takes a small part of the time, whatever one signature costs (23 us with a key in
// memory, milliseconds in a token). What a crash leaves unsigned is then what came in some
// milliseconds. One thread.
//
//   if (pace.allows(now)) { sign(); pace.signed_between(now, clock.monotonic_ns()); }
#pragma once

#include <cstdint>

namespace menshen::audit {

class SigningPace {
 public:
  // Of the time, one part in so many; 0: never.
  explicit SigningPace(std::uint32_t share) noexcept : share_(share) {}

  [[nodiscard]] bool allows(std::int64_t now_ns) const noexcept {
    return share_ > 0 && now_ns - ended_ns_ >= share_ * took_ns_;
  }
  void signed_between(std::int64_t begun_ns, std::int64_t ended_ns) noexcept {
    took_ns_ = ended_ns - begun_ns;
    ended_ns_ = ended_ns;
  }

 private:
  std::int64_t share_;
  std::int64_t took_ns_ = 0;
  std::int64_t ended_ns_ = 0;
};

}  // namespace menshen::audit
