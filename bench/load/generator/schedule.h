// When the requests of an open loop are due: as independent users send them, whatever the server
// does.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace menshen::load {

// A Poisson process: exponential gaps. The same seed gives the same times, so that every server is
// asked at the same ones.
class Schedule {
 public:
  // `rate`: requests a second, above 0.
  Schedule(double rate, std::uint64_t seed) : gap_ns_(1e9 / rate), random_(seed) { next(); }

  // Nanoseconds from the begin of the run to the request that is due next.
  [[nodiscard]] std::uint64_t due() const { return static_cast<std::uint64_t>(due_ns_); }

  void next() {
    const double uniform = static_cast<double>(random_() >> 11) * 0x1p-53;  // below 1
    due_ns_ -= gap_ns_ * std::log1p(-uniform);
  }

 private:
  double gap_ns_;
  double due_ns_ = 0;
  std::mt19937_64 random_;
};

}  // namespace menshen::load
