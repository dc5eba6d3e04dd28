// How one true count becomes one published number.
//
//   DiscreteGaussian mechanism;
//   const auto published = mechanism.release({.sensitivity = 1, .sigma2 = 20}, 17);
//
// The interface exists so that tests can record every call: on two logs that differ in one user's
// day the sequence of queries must be the same, and the values must lie within the sensitivity. One
// thread at a time. Errors: those of sampler.h; the release is then not made.
#pragma once

#include "core/error.h"

#include <cstdint>

namespace menshen::audit::dp {

enum class Metric : std::uint8_t { requests, users };

// Everything but the count itself: nothing in it depends on the log's exchanges.
struct Query {
  std::int64_t day = 0;      // since 1970-01-01, UTC
  std::uint32_t window = 0;  // of the day, from 0
  std::uint32_t cell = 0;
  Metric metric = Metric::requests;
  std::uint64_t sensitivity = 0;  // how far one user's day can move the day's counts of the metric
  std::uint64_t sigma2 = 0;
};

class Mechanism {
 public:
  virtual ~Mechanism() = default;
  [[nodiscard]] virtual core::Result<std::int64_t> release(const Query& query,
                                                           std::int64_t count) = 0;
};

class DiscreteGaussian final : public Mechanism {
 public:
  [[nodiscard]] core::Result<std::int64_t> release(const Query& query, std::int64_t count) override;
};

}  // namespace menshen::audit::dp
