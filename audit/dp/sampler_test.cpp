// The statistical suite that OpenDP adopted after a biased sampler: 120,000 draws, and bounds at
// six standard deviations, so that a true sampler fails a check about once in 10^9 runs.
#include "audit/dp/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <random>

namespace menshen::audit::dp {
namespace {

constexpr int draws = 120'000;
constexpr double z = 6;

// Repeatable, and much faster than the generator of a release, which has a test of its own.
Random test_random(std::uint64_t seed) {
  return [engine = std::mt19937_64(seed)]() mutable { return engine(); };
}

using Histogram = std::map<std::int64_t, int>;
using Sampler = std::function<std::int64_t()>;
using Density = std::function<double(std::int64_t)>;

Histogram sample(const Sampler& sampler) {
  Histogram out;
  for (int i = 0; i < draws; ++i) ++out[sampler()];
  return out;
}

// Probabilities of the discrete Gaussian, by summing the density: nothing is shared with the
// sampler.
Density gaussian_density(double sigma2) {
  double total = 0;
  const auto reach = static_cast<std::int64_t>(40 * std::sqrt(sigma2)) + 40;
  for (std::int64_t x = -reach; x <= reach; ++x) {
    total += std::exp(-static_cast<double>(x) * static_cast<double>(x) / (2 * sigma2));
  }
  return [sigma2, total](std::int64_t x) {
    return std::exp(-static_cast<double>(x) * static_cast<double>(x) / (2 * sigma2)) / total;
  };
}

Density laplace_density(double scale) {
  const double a = std::exp(-1 / scale);
  return [a](std::int64_t x) {
    return (1 - a) / (1 + a) * std::pow(a, std::abs(static_cast<double>(x)));
  };
}

// Bins of at least five expected draws; what is left over goes to the two tails. Gives how far the
// statistic lies above its mean, in units of its standard deviation.
double chi_square_excess(const Histogram& histogram, const Density& density) {
  std::int64_t reach = 0;
  while (density(reach + 1) * draws >= 5) ++reach;
  double inside = 0;
  double statistic = 0;
  int seen = 0;
  for (std::int64_t x = -reach; x <= reach; ++x) {
    const double expected = density(x) * draws;
    const auto bin = histogram.find(x);
    const int count = bin == histogram.end() ? 0 : bin->second;
    inside += expected;
    seen += count;
    statistic += (count - expected) * (count - expected) / expected;
  }
  const double tail = std::max(draws - inside, 1e-9);
  if (tail >= 5) statistic += (draws - seen - tail) * (draws - seen - tail) / tail;
  const double freedom = static_cast<double>(2 * reach) + (tail >= 5 ? 1 : 0);
  return (statistic - freedom) / std::sqrt(2 * freedom);
}

bool looks_right(const Histogram& histogram, const Density& density, double variance) {
  double sum = 0;
  double squares = 0;
  bool ok = chi_square_excess(histogram, density) <= z;
  for (const auto& [x, count] : histogram) {
    const auto value = static_cast<double>(x);
    sum += value * count;
    squares += value * value * count;
    const auto mirror = histogram.find(-x);
    const int other = mirror == histogram.end() ? 0 : mirror->second;
    if (x > 0 && std::abs(count - other) > z * std::sqrt(count + other) + 1) ok = false;
  }
  const double zero = density(0);
  const auto at_zero = histogram.find(0);
  const double observed = at_zero == histogram.end() ? 0 : at_zero->second / double{draws};
  ok = ok && std::abs(observed - zero) <= z * std::sqrt(zero * (1 - zero) / draws);
  ok = ok && std::abs(sum / draws) <= z * std::sqrt(variance / draws);
  // The fourth moment of both families is at most 6 variance^2 (Laplace), so 5 bounds the variance
  // of x^2.
  ok = ok && std::abs(squares / draws - variance) <= z * variance * std::sqrt(5.0 / draws) + 1e-3;
  return ok;
}

Sampler exact_gaussian(std::uint64_t sigma2, Random random) {
  return [sigma2, random]() mutable { return discrete_gaussian(sigma2, random).value(); };
}

TEST(Sampler, DiscreteGaussian) {
  const std::map<std::uint64_t, double> variances = {
      {1, 0.99999978876773}, {4, 4.0}, {9, 9.0}, {50, 50.0}, {100, 100.0}, {50'000, 50'000.0}};
  for (const auto& [sigma2, variance] : variances) {
    EXPECT_TRUE(looks_right(sample(exact_gaussian(sigma2, test_random(sigma2))),
                            gaussian_density(static_cast<double>(sigma2)), variance))
        << sigma2;
  }
}

TEST(Sampler, DiscreteLaplace) {
  const std::map<std::uint64_t, double> variances = {
      {1, 1.84134718842}, {2, 7.83539617807}, {10, 199.833416634}};
  for (const auto& [scale, variance] : variances) {
    Random random = test_random(scale);
    EXPECT_TRUE(looks_right(sample([&] { return discrete_laplace(scale, random).value(); }),
                            laplace_density(static_cast<double>(scale)), variance))
        << scale;
  }
}

TEST(Sampler, WithTheGeneratorOfAReleaseToo) {
  EXPECT_TRUE(looks_right(sample(exact_gaussian(20, secure_random())), gaussian_density(20), 20));
}

// Computed with mpmath at 40 digits, as a check of this file's own densities.
TEST(Sampler, DensitiesOfThisTest) {
  EXPECT_NEAR(gaussian_density(1)(0), 0.39894227826686, 1e-13);
  EXPECT_NEAR(gaussian_density(4)(1), 0.17603266338215, 1e-13);
  EXPECT_NEAR(gaussian_density(100)(2), 0.039104269397546, 1e-13);
  EXPECT_NEAR(laplace_density(2)(0), 0.244918662404, 1e-12);
}

TEST(Sampler, BernoulliExp) {
  const std::pair<std::uint64_t, std::uint64_t> ratios[] = {{0, 1}, {1, 7}, {1, 1}, {5, 2}, {7, 1}};
  for (const auto& [numerator, denominator] : ratios) {
    Random random = test_random(numerator);
    int kept = 0;
    for (int i = 0; i < draws; ++i) kept += bernoulli_exp(numerator, denominator, random).value();
    const double p = std::exp(-static_cast<double>(numerator) / static_cast<double>(denominator));
    EXPECT_LE(std::abs(kept - p * draws), z * std::sqrt(p * (1 - p) * draws) + 1e-6) << p;
  }
}

TEST(Sampler, UniformReachesAllValuesAndNoOther) {
  Random random = test_random(1);
  EXPECT_EQ(uniform_below(1, random), Wide{0});
  std::map<std::uint64_t, int> seen;
  for (int i = 0; i < draws; ++i) ++seen[static_cast<std::uint64_t>(uniform_below(5, random))];
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_EQ(seen.rbegin()->first, 4U);
  for (const auto& [value, count] : seen)
    EXPECT_NEAR(count, draws / 5.0, z * std::sqrt(draws * 0.16));
  const Wide wide = Wide{1} << 100;
  bool high = false;
  for (int i = 0; i < 200; ++i) {
    const Wide draw = uniform_below(wide, random);
    EXPECT_LT(draw, wide);
    high = high || draw >= wide / 2;
  }
  EXPECT_TRUE(high);
}

// Each of these is a mistake that was made somewhere; the suite must see it.
TEST(Sampler, TheSuiteSeesBrokenSamplers) {
  const Density density = gaussian_density(9);
  const auto broken = [&](const Sampler& sampler) {
    return !looks_right(sample(sampler), density, 9);
  };
  Random random = test_random(2);
  EXPECT_TRUE(broken([&] { return discrete_gaussian(10, random).value(); }));  // wrong variance
  EXPECT_TRUE(broken([&] { return discrete_gaussian(8, random).value(); }));
  EXPECT_TRUE(broken([&] {  // zero counted twice
    for (;;) {
      const std::int64_t x = discrete_gaussian(9, random).value();
      if (x != 0 || random() % 100 < 90) return x;
    }
  }));
  EXPECT_TRUE(broken([&] {  // a biased sign
    const std::int64_t x = discrete_gaussian(9, random).value();
    return random() % 100 < 5 ? std::abs(x) : x;
  }));
  EXPECT_TRUE(broken([&] { return discrete_laplace(2, random).value(); }));  // wrong family
  EXPECT_TRUE(broken([&] {                                                   // shifted
    return discrete_gaussian(9, random).value() + (random() % 100 < 10 ? 1 : 0);
  }));
}

// Seven of eight bits are zero: a stand-in for a generator that is broken.
TEST(Sampler, TheSuiteSeesABadGenerator) {
  Random random = test_random(3);
  Random poor = [&random] { return random() & random() & random(); };
  EXPECT_FALSE(looks_right(sample([&] { return discrete_gaussian(9, poor).value(); }),
                           gaussian_density(9), 9));
}

TEST(Sampler, LargestVarianceAndBeyond) {
  Random random = test_random(4);
  double squares = 0;
  constexpr int few = 2'000;
  for (int i = 0; i < few; ++i) {
    const auto x = static_cast<double>(discrete_gaussian(sigma2_max, random).value());
    squares += x * x / static_cast<double>(sigma2_max);
  }
  EXPECT_NEAR(squares / few, 1, z * std::sqrt(2.0 / few));
  EXPECT_FALSE(discrete_gaussian(0, random));
  EXPECT_FALSE(discrete_gaussian(sigma2_max + 1, random));
  EXPECT_FALSE(discrete_laplace(0, random));
}

// A generator under which Bernoulli(exp(-1)) never fails: the Laplace tail has no end. The sampler
// gives up instead of leaving the range in which its arithmetic is exact.
TEST(Sampler, GivesUpRatherThanLeaveItsRange) {
  // Algorithm 1 asks for uniforms below K = 1 (no bits), 2, 3: zero, then the largest, ends at K
  // = 3.
  int calls = 0;
  Random endless = [&calls]() -> std::uint64_t { return ++calls % 2 == 1 ? 0 : 2; };
  const auto draw = discrete_laplace(1, endless);
  ASSERT_FALSE(draw);
  EXPECT_EQ(draw.error().code, "noise_out_of_range");
}

}  // namespace
}  // namespace menshen::audit::dp
