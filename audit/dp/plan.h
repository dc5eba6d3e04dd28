// The operator's choices for released statistics, checked and turned into integers: which figures
// there are, and how much noise each table of them gets.
//
//   const auto plan = Plan::make({.groups = {"finance"}, .models = {"qwen3-32b"}});
//
// There are four tables: the total, by group, by model, and by both. One user's day moves each of
// them by at most the same bound, whatever he did, so each is a query of its own on the whole day,
// and the losses of the four add up (sequential composition; README.md has the shares). The tables
// by group and by model are drawn by themselves rather than summed up from the cells: a sum over n
// cells would carry the noise of n.
//
// Values. Errors: invalid_config, code "invalid_privacy_options", with the name of the option.
#pragma once

#include "core/error.h"
#include "core/privacy.h"

#include <cstdint>
#include <string>
#include <vector>

namespace menshen::audit::dp {

class Mechanism;

// A group and a model, both names that the operator's own configuration lists, or one of the two
// below. The key space is public, so all cells are published, zeros too.
struct Cell {
  std::string group;
  std::string model;
  bool operator==(const Cell&) const = default;
};

// Holds what no listed name holds; always there.
inline constexpr const char* other_name = "(other)";
// Of a table that is not by this.
inline constexpr const char* all_name = "(all)";

enum class Table : std::uint8_t { total, marginal, both };  // marginal: by group, or by model
[[nodiscard]] Table table_of(const Cell& cell);

struct Variance {
  std::uint64_t requests = 0;
  std::uint64_t users = 0;
  bool operator==(const Variance&) const = default;
};

// Of each cell of a table.
struct Variances {
  Variance total;
  Variance marginal;
  Variance both;
  [[nodiscard]] const Variance& of(Table table) const;
  bool operator==(const Variances&) const = default;
};

struct Options {
  std::vector<std::string> groups{};
  std::vector<std::string> models{};
  // core/privacy.inc has their ranges. The budget of a day is for all its figures; past rho_total
  // every release is refused; the sum of a day's releases is its figure, with the noise of each.
  std::uint32_t requests_per_user_day_max = core::PrivacySettings{}.requests_per_user_day_max;
  double rho_per_day = core::PrivacySettings{}.rho_per_day;
  double rho_total = core::PrivacySettings{}.rho_total;
  std::uint32_t releases_per_day = core::PrivacySettings{}.releases_per_day;
  Mechanism* mechanism = nullptr;  // tests; otherwise DiscreteGaussian
};

inline constexpr std::size_t cells_max = 10'000;
inline constexpr std::size_t names_max = 1'000;  // of groups, and of models; others are (other)

// Budgets are counted in millionths of rho, so that adding them is exact.
struct Plan {
  // The total, by group, by model; by both, if that many fit into cells_max.
  std::vector<Cell> cells;
  std::uint32_t requests_cap = 0;
  Variances sigma2;
  std::uint64_t micro_rho_day = 0;
  std::uint64_t micro_rho_total = 0;
  std::uint32_t releases_per_day = 1;

  [[nodiscard]] static core::Result<Plan> make(const Options& options);
};

}  // namespace menshen::audit::dp
