#include "audit/dp/accountant.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

#include "audit/test_support.h"

namespace menshen::audit::dp {
namespace {

using Json = nlohmann::json;

Json vectors() {
  std::ifstream file(MENSHEN_SOURCE_DIR "/audit/testdata/privacy.json");
  return Json::parse(file);
}

double number(const Json& text) { return std::stod(text.get<std::string>()); }

// opendp: rust/src/combinators/measure_cast/zCDP_to_approxDP and cdp_delta tests.
TEST(Accountant, ValuesOfOpenDP) {
  EXPECT_NEAR(epsilon_of_rho(1.0 / 32, 1e-3), 0.6880024554878085, 1e-9);
  EXPECT_NEAR(delta_of_rho(1.0 / 32, 0), 0.1508457845622862, 1e-9);
  EXPECT_NEAR(delta_of_rho(0.05, 0.25), 0.0817727531036956, 1e-9);
  EXPECT_NEAR(delta_of_rho(0.5, 0), 0.5588356393474351, 1e-9);
  EXPECT_NEAR(delta_of_rho(5e-30, 1e-13) / 2.619676329730346e-234, 1, 1e-6);
}

// mpmath at 40 digits.
TEST(Accountant, EpsilonOfRho) {
  int checked = 0;
  const Json list = vectors()["zcdp_to_eps"];
  for (const Json& v : list) {
    const double exact = v["cks"];
    const double epsilon = epsilon_of_rho(number(v["rho"]), number(v["delta"]));
    EXPECT_NEAR(epsilon, exact, 1e-9 * exact) << v;
    EXPECT_LE(epsilon, v["simple"].get<double>());          // no worse than the simple bound
    EXPECT_GE(epsilon, v["gaussian_exact"].get<double>());  // no better than the truth
    ++checked;
  }
  EXPECT_GT(checked, 10);
}

// Several Gaussians are one of a smaller variance, whose exact epsilon is known: the accountant
// must not promise less loss than there is, and wastes little.
TEST(Accountant, SumsOfGaussians) {
  const Json list = vectors()["k_gaussians"];
  for (const Json& v : list) {
    const double sigma = v["sigma"];
    const double rho = v["k"].get<double>() / (2 * sigma * sigma);
    const double exact = v["eps"];
    const double epsilon = epsilon_of_rho(rho, number(v["delta"]));
    EXPECT_GE(epsilon, exact) << v;
    EXPECT_LE(epsilon, exact * 1.2) << v;
  }
  EXPECT_FALSE(list.empty());
}

TEST(Accountant, SigmasOfTheAnalyticGaussian) {
  const Json list = vectors()["analytic_gaussian_sigma"];
  for (const Json& v : list) {
    const double sigma = v["sigma"];
    EXPECT_GE(epsilon_of_rho(1 / (2 * sigma * sigma), number(v["delta"])), number(v["eps"])) << v;
  }
  EXPECT_FALSE(list.empty());
}

TEST(Accountant, ErrsOnTheSafeSide) {
  for (const double rho : {1e-4, 0.025, 0.05, 1.0, 5.0}) {
    for (const double delta : {1e-3, 1e-6, 1e-9}) {
      const double epsilon = epsilon_of_rho(rho, delta);
      EXPECT_LE(delta_of_rho(rho, epsilon), delta);
      EXPECT_GT(delta_of_rho(rho, epsilon * 0.999), delta);
    }
  }
  EXPECT_EQ(epsilon_of_rho(0, 1e-6), 0);
  EXPECT_EQ(delta_of_rho(0, 1), 0);
  EXPECT_EQ(epsilon_of_rho(1e-6, 0.5), 0);
  EXPECT_LE(delta_of_rho(100, 0), 1);
}

// The exact delta of the discrete Gaussian (Theorem 7 of Canonne, Kamath, Steinke), by summation.
double exact_delta(double sigma, double epsilon) {
  const double sigma2 = sigma * sigma;
  double total = 0;
  double above = 0;
  double below = 0;
  for (int y = -2'000; y <= 2'000; ++y) {
    const double weight = std::exp(-y * static_cast<double>(y) / (2 * sigma2));
    total += weight;
    if (y > epsilon * sigma2 - 0.5) above += weight;
    if (y > epsilon * sigma2 + 0.5) below += weight;
  }
  return above / total - std::exp(epsilon) * below / total;
}

TEST(Accountant, BoundsTheExactLossOfTheDiscreteGaussian) {
  EXPECT_NEAR(exact_delta(1, 1), 0.1413513394, 1e-10);
  EXPECT_NEAR(exact_delta(2, 0.5), 0.05400722369, 1e-10);
  EXPECT_NEAR(exact_delta(10, 0.2), 9.399225473e-4, 1e-12);
  for (const std::uint64_t sigma : {1U, 2U, 5U, 10U}) {
    for (const double epsilon : {0.1, 0.2, 0.5, 1.0, 2.0}) {
      EXPECT_LE(exact_delta(static_cast<double>(sigma), epsilon),
                delta_of_rho(gaussian_rho(1, sigma * sigma), epsilon));
    }
  }
}

// README.md promises these.
TEST(Accountant, FiguresOfTheReadme) {
  EXPECT_GT(1.472, epsilon_of_rho(0.05, 1e-6));
  EXPECT_LT(1.471, epsilon_of_rho(0.05, 1e-6));
  EXPECT_GT(20.56, epsilon_of_rho(5.0, 1e-6));
  EXPECT_LT(20.55, epsilon_of_rho(5.0, 1e-6));
  EXPECT_GT(3.14, epsilon_of_rho(0.2, 1e-6));
  EXPECT_LT(3.13, epsilon_of_rho(0.2, 1e-6));
  const std::string readme = read_text(MENSHEN_SOURCE_DIR "/audit/dp/README.md");
  for (const char* stated : {"1.472", "20.56", "3.14"}) {
    EXPECT_NE(readme.find(stated), std::string::npos) << stated;
  }
}

TEST(Accountant, VarianceIsRoundedUp) {
  EXPECT_EQ(gaussian_sigma2(1, 25'000), 20U);
  EXPECT_EQ(gaussian_sigma2(50, 25'000), 50'000U);
  EXPECT_EQ(gaussian_sigma2(1, 1'000'000), 1U);
  EXPECT_EQ(gaussian_sigma2(3, 7), 642'858U);
  for (const std::uint64_t micro_rho : {1U, 7U, 333U, 25'000U, 999'999U}) {
    for (const std::uint64_t sensitivity : {1U, 50U, 1'000U}) {
      const std::uint64_t sigma2 = gaussian_sigma2(sensitivity, micro_rho);
      EXPECT_LE(gaussian_rho(sensitivity, sigma2),
                static_cast<double>(micro_rho) * 1e-6 * (1 + 2e-12));
      if (sigma2 > 1) {
        EXPECT_GT(gaussian_rho(sensitivity, sigma2 - 1), static_cast<double>(micro_rho) * 1e-6);
      }
    }
  }
}

}  // namespace
}  // namespace menshen::audit::dp
