// The operator's choices for released statistics, checked and turned into integers.
//
//   const auto plan = Plan::make({.cells = {{"finance", "qwen3-32b"}}});
//
// Values. Errors: invalid_config, code "invalid_privacy_options", with the name of the option.
#pragma once

#include "core/error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace menshen::audit::dp {

class Mechanism;

// A group and a model, both names that the operator's own configuration lists: the key space is
// public, so all cells are published, zeros too.
struct Cell {
  std::string group;
  std::string model;
  bool operator==(const Cell&) const = default;
};

// Holds what no listed cell holds; always there.
inline constexpr const char* other_name = "(other)";

struct Options {
  std::vector<Cell> cells{};
  std::uint32_t requests_per_user_day_max = 50;
  double rho_per_day = 0.05;           // for one day's figures of both metrics
  double rho_total = 5.0;              // over all days; a release past it is refused
  std::uint32_t releases_per_day = 1;  // whose sum is the day's figure: more noise with each
  Mechanism* mechanism = nullptr;      // tests; otherwise DiscreteGaussian
};

inline constexpr std::size_t cells_max = 10'000;
inline constexpr std::uint32_t requests_cap_max = 100'000;
inline constexpr std::uint32_t releases_per_day_max = 24;  // and a divisor of it

// Budgets are counted in millionths of rho, so that adding them is exact.
struct Plan {
  std::vector<Cell> cells;  // the last is (other)
  std::uint32_t requests_cap = 0;
  std::uint64_t sigma2_requests = 0;
  std::uint64_t sigma2_users = 0;
  std::uint64_t micro_rho_day = 0;
  std::uint64_t micro_rho_total = 0;
  std::uint32_t releases_per_day = 1;

  [[nodiscard]] static core::Result<Plan> make(const Options& options);
};

}  // namespace menshen::audit::dp
