#include "audit/dp/plan.h"

#include <algorithm>
#include <cmath>

#include "audit/dp/accountant.h"
#include "audit/dp/mechanism.h"
#include "audit/dp/sampler.h"
#include "core/privacy.h"

namespace menshen::audit::dp {
namespace {

constexpr double micro_per_unit = 1e6;
// Of a metric's half of the day: the total gets the half, because it is what a small house can see
// at all; each of the two marginals a fifth, the table by both a tenth.
constexpr std::uint64_t total_share = 2;
constexpr std::uint64_t marginal_share = 5;
constexpr std::uint64_t both_share = 10;
static_assert(core::privacy_parts == 2 * both_share);
static_assert(core::noise_sigma2_max == sigma2_max);

std::vector<std::string> names_of(std::vector<std::string> names) {
  std::erase_if(names,
                [](const std::string& name) { return name == other_name || name == all_name; });
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() > names_max) names.resize(names_max);
  names.emplace_back(other_name);
  return names;
}

std::vector<Cell> cells_of(const Options& options) {
  const auto groups = names_of(options.groups);
  const auto models = names_of(options.models);
  std::vector<Cell> out{{all_name, all_name}};
  for (const std::string& group : groups) out.push_back({group, all_name});
  for (const std::string& model : models) out.push_back({all_name, model});
  if (groups.size() * models.size() > cells_max - out.size()) return out;
  for (const std::string& group : groups) {
    for (const std::string& model : models) out.push_back({group, model});
  }
  return out;
}

}  // namespace

Table table_of(const Cell& cell) {
  const bool of_all_groups = cell.group == all_name;
  const bool of_all_models = cell.model == all_name;
  if (of_all_groups && of_all_models) return Table::total;
  return of_all_groups || of_all_models ? Table::marginal : Table::both;
}

const Variance& Variances::of(Table table) const {
  if (table == Table::total) return total;
  return table == Table::marginal ? marginal : both;
}

core::Result<Plan> Plan::make(const Options& options) {
  Plan plan;
  plan.cells = cells_of(options);
  const core::PrivacySettings settings{options.rho_per_day, options.rho_total,
                                       options.requests_per_user_day_max, options.releases_per_day};
  if (const auto fault = core::check_privacy(settings)) {
    return core::gateway_error(core::ErrorKind::invalid_config, "invalid_privacy_options",
                               std::string(fault->message), std::string(fault->name));
  }
  plan.requests_cap = options.requests_per_user_day_max;
  plan.releases_per_day = options.releases_per_day;
  plan.micro_rho_day =
      static_cast<std::uint64_t>(std::llround(options.rho_per_day * micro_per_unit));
  plan.micro_rho_total =
      static_cast<std::uint64_t>(std::llround(options.rho_total * micro_per_unit));
  const std::uint64_t half = plan.micro_rho_day / 2;  // one half for each metric
  const auto variance = [&](std::uint64_t share) {
    return Variance{gaussian_sigma2(plan.requests_cap, half / share),
                    gaussian_sigma2(1, half / share)};
  };
  plan.sigma2 = {variance(total_share), variance(marginal_share), variance(both_share)};
  return plan;
}

core::Result<std::int64_t> DiscreteGaussian::release(const Query& query, std::int64_t count) {
  Random random = secure_random();
  const auto noise = discrete_gaussian(query.sigma2, random);
  if (!noise) return noise;
  return count + *noise;
}

}  // namespace menshen::audit::dp
