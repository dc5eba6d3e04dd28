// How often values fell into which bucket: what a histogram shows. Buckets are named by the largest
// value that they hold; the last holds all others.
//
//   Distribution durations(duration_bounds);     // ascending; they outlive it
//   durations.observe(0.25);
//
// One thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace menshen::admin {

class Distribution {
 public:
  explicit Distribution(std::span<const double> bounds)
      : bounds_(bounds), counts_(bounds.size() + 1) {}

  void observe(double value) noexcept {
    const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    ++counts_[static_cast<std::size_t>(bucket)];
    sum_ += value;
  }
  // Of the same bounds.
  void add(const Distribution& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    sum_ += other.sum_;
  }
  // What somebody else has counted; as many as there are buckets.
  void add(std::span<const std::uint64_t> counts, double sum) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += counts[i];
    sum_ += sum;
  }

  [[nodiscard]] std::span<const double> bounds() const noexcept { return bounds_; }
  [[nodiscard]] std::span<const std::uint64_t> counts() const noexcept { return counts_; }
  [[nodiscard]] double sum() const noexcept { return sum_; }
  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t all = 0;
    for (const std::uint64_t n : counts_) all += n;
    return all;
  }

 private:
  std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_;
  double sum_ = 0;
};

}  // namespace menshen::admin
