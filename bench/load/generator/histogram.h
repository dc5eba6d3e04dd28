// Durations of a run, counted in buckets that are under 1 % wide, so that hours of them take 60 KB.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace menshen::load {

// One thread. Values are nanoseconds.
class Histogram {
 public:
  void add(std::uint64_t value) {
    ++buckets_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }

  // The least value that at least `share` (0 to 1) of all do not exceed, up to the width of its
  // bucket more; 0 when there are none.
  [[nodiscard]] std::uint64_t percentile(double share) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
      seen += buckets_[bucket];
      if (seen >= rank && seen > 0) return std::min(last_of(bucket), max_);
    }
    return 0;
  }

 private:
  // Up to 2^bits each value has a bucket of its own; then each power of two has half as many.
  static constexpr std::size_t bits = 8;
  static constexpr std::size_t half = std::size_t{1} << (bits - 1);

  static std::size_t bucket_of(std::uint64_t value) {
    const auto width = static_cast<std::size_t>(std::bit_width(value));
    const std::size_t shift = width > bits ? width - bits : 0;
    return shift * half + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t last_of(std::size_t bucket) {
    const std::size_t shift = bucket < 2 * half ? 0 : bucket / half - 1;
    return ((static_cast<std::uint64_t>(bucket - shift * half) + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>((64 - bits + 2) * half);
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace menshen::load
