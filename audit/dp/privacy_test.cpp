// That a release is private: neighbouring logs, the vote on samples, and the options of the plan.
#include "audit/dp/accountant.h"
#include "audit/dp/sampler.h"
#include "audit/dp/usage.h"
#include "audit/dp/usage_testing.h"

#include <cmath>
#include <map>
#include <random>
#include <tuple>

namespace menshen::audit::dp {
namespace {

using namespace testing;

using Key =
    std::tuple<std::int64_t, std::uint32_t, std::uint32_t, Metric, std::uint64_t, std::uint64_t>;
Key key_of(const Query& q) { return {q.day, q.window, q.cell, q.metric, q.sensitivity, q.sigma2}; }

// Re:cord-play (PETS 2026): on neighbouring logs the same queries must be made, with inputs that
// lie within the sensitivity. The neighbour lacks all that one user did in one day.
TEST(Neighbours, DifferWithinTheSensitivityAndNowhereElse) {
  const auto run_one = [](bool with_alice) {
    struct Case : Usage {
      void TestBody() override {}
      std::vector<std::pair<Query, std::int64_t>> calls(bool alice) {
        int n = 0;
        for (const double hours : {1.2, 3.4, 9.9, 22.5}) {
          std::vector<Record> batch;
          for (int i = 0; i < 40; ++i, ++n) {
            batch.push_back(
                request("user" + std::to_string(n % 7), hours, n % 3 == 0 ? "legal" : "finance"));
            if (alice)
              batch.push_back(request("alice", hours, n % 2 == 0 ? "legal" : "finance",
                                      n % 5 == 0 ? "glm" : "qwen"));
          }
          add(batch);
          tick_at(day_zero, hours + 0.9);
        }
        tick_at(day_zero + 1, 2);
        return truth.calls;
      }
    };
    return Case().calls(with_alice);
  };
  const auto with = run_one(true);
  const auto without = run_one(false);
  ASSERT_EQ(with.size(), without.size());
  ASSERT_GE(with.size(), 40U);
  std::map<Metric, double> squares;
  std::map<Metric, std::uint64_t> sensitivity;
  for (std::size_t i = 0; i < with.size(); ++i) {
    ASSERT_EQ(key_of(with[i].first), key_of(without[i].first)) << i;
    const auto difference = static_cast<double>(with[i].second - without[i].second);
    squares[with[i].first.metric] += difference * difference;
    sensitivity[with[i].first.metric] = with[i].first.sensitivity;
  }
  for (const auto& [metric, sum] : squares) {
    EXPECT_GT(sum, 0);
    EXPECT_LE(std::sqrt(sum), static_cast<double>(sensitivity[metric]));
  }
  EXPECT_EQ(sensitivity[Metric::requests], 50U);
  EXPECT_EQ(sensitivity[Metric::users], 1U);
}

// The approximate-DP vote of google/differential-privacy: samples of one cell's release with and
// without a user's day; sum over values of max(0, p - e^eps q) must not exceed delta but for
// sampling error. Majority of nine.
bool vote(std::uint64_t sensitivity, std::uint64_t sigma2, double epsilon, double delta) {
  constexpr int n = 20'000;
  constexpr double tolerance = 0.02;
  int accepted = 0;
  for (std::uint64_t round = 0; round < 9; ++round) {
    std::map<std::int64_t, std::pair<double, double>> histogram;
    Random random = [engine = std::mt19937_64(round)]() mutable { return engine(); };
    for (int i = 0; i < n; ++i) {
      histogram[discrete_gaussian(sigma2, random).value()].first += 1.0 / n;
      histogram[discrete_gaussian(sigma2, random).value() + static_cast<std::int64_t>(sensitivity)]
          .second += 1.0 / n;
    }
    double loss = 0;
    double mirrored = 0;
    for (const auto& [value, p] : histogram) {
      loss += std::max(0.0, p.first - std::exp(epsilon) * p.second);
      mirrored += std::max(0.0, p.second - std::exp(epsilon) * p.first);
    }
    accepted += std::max(loss, mirrored) < delta + tolerance ? 1 : 0;
  }
  return accepted > 4;
}

TEST(Vote, AcceptsTheMechanismAndRejectsHalfTheNoise) {
  const std::uint64_t sigma2 = gaussian_sigma2(1, 200'000);  // rho 0.2
  const double epsilon = 0.5;
  const double delta = delta_of_rho(gaussian_rho(1, sigma2), epsilon);
  EXPECT_TRUE(vote(1, sigma2, epsilon, delta));
  EXPECT_FALSE(vote(2, sigma2, epsilon, delta));  // the bound on a user forgotten
  EXPECT_FALSE(vote(1, (sigma2 + 3) / 4, epsilon, delta));
}

TEST(Plan, ChecksItsOptions) {
  const auto code = [](const Options& options) {
    const auto plan = Plan::make(options);
    return plan ? std::string("fine") : plan.error().where;
  };
  EXPECT_EQ(code({}), "fine");
  EXPECT_EQ(Plan::make({})->sigma2_requests, 50'000U);
  EXPECT_EQ(Plan::make({})->sigma2_users, 20U);
  EXPECT_EQ(code({.requests_per_user_day_max = 0}), "requests_per_user_day_max");
  EXPECT_EQ(code({.requests_per_user_day_max = 100'001}), "requests_per_user_day_max");
  EXPECT_EQ(code({.rho_per_day = 0}), "rho_per_day");
  EXPECT_EQ(code({.rho_per_day = -1}), "rho_per_day");
  EXPECT_EQ(code({.rho_per_day = std::nan("")}), "rho_per_day");
  EXPECT_EQ(code({.rho_per_day = 0.000002}), "fine");
  EXPECT_EQ(code({.requests_per_user_day_max = 100'000, .rho_per_day = 0.000002}), "rho_per_day");
  EXPECT_EQ(code({.rho_total = 0.01}), "rho_total");
  EXPECT_EQ(code({.releases_per_day = 0}), "releases_per_day");
  EXPECT_EQ(code({.releases_per_day = 5}), "releases_per_day");
  EXPECT_EQ(code({.releases_per_day = 24}), "fine");
  EXPECT_EQ(code({.releases_per_day = 48}), "releases_per_day");
  Options many;
  many.cells.assign(cells_max - 1, {"g", "m"});
  EXPECT_EQ(code(many), "fine");
  many.cells.push_back({"g", "m"});
  EXPECT_EQ(code(many), "cells");
}

}  // namespace
}  // namespace menshen::audit::dp
