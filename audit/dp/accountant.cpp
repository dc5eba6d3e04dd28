#include "audit/dp/accountant.h"

#include <algorithm>
#include <cmath>

#include "audit/dp/sampler.h"

namespace menshen::audit::dp {
namespace {

using Real = long double;
constexpr Real padding = 1e-12L;
constexpr int bisections_max = 400;

double raised(Real value) { return static_cast<double>(value * (1 + padding)); }

// delta for one order alpha > 1: any order gives a bound, the best one gives the smallest.
Real delta_at(Real rho, Real epsilon, Real alpha) {
  const Real exponent = (alpha - 1) * (alpha * rho - epsilon) + alpha * std::log1p(-1 / alpha);
  return std::exp(exponent) / (alpha - 1);
}

Real smallest_delta(Real rho, Real epsilon) {
  Real low = 1.01L;
  Real high = (epsilon + 1) / (2 * rho) + 2;
  for (int i = 0; i < bisections_max; ++i) {
    const Real middle = low + (high - low) / 2;
    if (middle == low || middle == high) break;
    const Real slope = (2 * middle - 1) * rho - epsilon + std::log1p(-1 / middle);
    (slope < 0 ? low : high) = middle;
  }
  return std::min(delta_at(rho, epsilon, high), Real{1});
}

}  // namespace

double gaussian_rho(std::uint64_t sensitivity, std::uint64_t sigma2) {
  const Real delta = static_cast<Real>(sensitivity);
  return raised(delta * delta / (2 * static_cast<Real>(sigma2)));
}

std::uint64_t gaussian_sigma2(std::uint64_t sensitivity, std::uint64_t micro_rho) {
  const Wide numerator = Wide{sensitivity} * sensitivity * 1'000'000;
  const Wide denominator = Wide{micro_rho} * 2;
  return static_cast<std::uint64_t>((numerator + denominator - 1) / denominator);
}

double delta_of_rho(double rho, double epsilon) {
  if (rho <= 0) return 0;
  return std::min(raised(smallest_delta(rho, epsilon)), 1.0);
}

double epsilon_of_rho(double rho, double delta) {
  if (rho <= 0) return 0;
  const Real wide_rho = rho;
  Real low = 0;
  Real high = wide_rho + 2 * std::sqrt(wide_rho * std::log(1 / static_cast<Real>(delta)));
  if (smallest_delta(wide_rho, low) <= delta) return 0;
  for (int i = 0; i < bisections_max; ++i) {
    const Real middle = low + (high - low) / 2;
    if (middle == low || middle == high) break;
    (smallest_delta(wide_rho, middle) <= delta ? high : low) = middle;
  }
  return raised(high);
}

}  // namespace menshen::audit::dp
