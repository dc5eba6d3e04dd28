#include "audit/dp/plan.h"

#include <algorithm>
#include <cmath>

#include "audit/dp/accountant.h"
#include "audit/dp/mechanism.h"
#include "audit/dp/sampler.h"

namespace menshen::audit::dp {
namespace {

core::Error invalid(const char* option, const char* why) {
  return core::gateway_error(core::ErrorKind::invalid_config, "invalid_privacy_options", why,
                             option);
}

constexpr double micro_per_unit = 1e6;
constexpr double rho_max = 1e6;

}  // namespace

core::Result<Plan> Plan::make(const Options& options) {
  Plan plan;
  plan.cells = options.cells;
  std::erase(plan.cells, Cell{other_name, other_name});
  plan.cells.push_back({other_name, other_name});
  if (plan.cells.size() > cells_max) return invalid("cells", "There are too many cells.");
  plan.requests_cap = options.requests_per_user_day_max;
  if (plan.requests_cap == 0 || plan.requests_cap > requests_cap_max) {
    return invalid("requests_per_user_day_max", "The bound must be from 1 to 100000.");
  }
  if (!(options.rho_per_day * micro_per_unit >= 2) || !(options.rho_per_day <= rho_max)) {
    return invalid("rho_per_day", "The budget of a day must be from 0.000002 to 1000000.");
  }
  if (!(options.rho_total >= options.rho_per_day) || !(options.rho_total <= rho_max)) {
    return invalid("rho_total", "The whole budget must be at least that of a day.");
  }
  plan.releases_per_day = options.releases_per_day;
  if (plan.releases_per_day == 0 || releases_per_day_max % plan.releases_per_day != 0) {
    return invalid("releases_per_day", "The releases of a day must divide its 24 hours.");
  }
  plan.micro_rho_day =
      static_cast<std::uint64_t>(std::llround(options.rho_per_day * micro_per_unit));
  plan.micro_rho_total =
      static_cast<std::uint64_t>(std::llround(options.rho_total * micro_per_unit));
  const std::uint64_t half = plan.micro_rho_day / 2;  // one half for each metric
  plan.sigma2_requests = gaussian_sigma2(plan.requests_cap, half);
  plan.sigma2_users = gaussian_sigma2(1, half);
  if (std::max(plan.sigma2_requests, plan.sigma2_users) > sigma2_max) {
    return invalid("rho_per_day", "The budget of a day is too small for the bound on requests.");
  }
  return plan;
}

core::Result<std::int64_t> DiscreteGaussian::release(const Query& query, std::int64_t count) {
  Random random = secure_random();
  const auto noise = discrete_gaussian(query.sigma2, random);
  if (!noise) return noise;
  return count + *noise;
}

}  // namespace menshen::audit::dp
