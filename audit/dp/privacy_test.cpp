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

// Of the cells of two groups and two models: the total, by group, by model, by both.
std::uint64_t table_number(std::uint32_t cell) {
  if (cell == 0) return 0;
  return cell < 4 ? 1 : cell < 7 ? 2 : 3;
}

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
  std::map<std::pair<std::uint64_t, Metric>, double> squares;  // by table
  std::map<Metric, std::uint64_t> sensitivity;
  double loss = 0;  // of alice's day, over every figure
  for (std::size_t i = 0; i < with.size(); ++i) {
    const Query& query = with[i].first;
    ASSERT_EQ(key_of(query), key_of(without[i].first)) << i;
    const auto difference = static_cast<double>(with[i].second - without[i].second);
    squares[{table_number(query.cell), query.metric}] += difference * difference;
    sensitivity[query.metric] = query.sensitivity;
    loss += difference * difference / (2 * static_cast<double>(query.sigma2));
  }
  EXPECT_EQ(squares.size(), 8U);
  for (const auto& [table, sum] : squares) {
    EXPECT_GT(sum, 0);
    EXPECT_LE(std::sqrt(sum), static_cast<double>(sensitivity[table.second]));
  }
  EXPECT_EQ(sensitivity[Metric::requests], 50U);
  EXPECT_EQ(sensitivity[Metric::users], 1U);
  EXPECT_GT(loss, 0.01);
  EXPECT_LE(loss, 0.05);  // what the day was charged
}

// What a day is charged is what its queries cost: the sum over tables and metrics of
// sensitivity^2 / (2 sigma2), with nothing to spare but what rounding takes.
TEST_F(Usage, ADayIsChargedWhatItsQueriesCost) {
  options.releases_per_day = 1;
  for (const double rho : {0.05, 0.2, 0.000777, 3.0}) {
    options.rho_per_day = rho;
    options.rho_total = 100;
    const TemporaryDirectory own;
    ManualClock time;
    time.set(day_zero, 1);
    truth.calls.clear();
    const auto log = open_journal(own.path());
    Releases made(*log, time, time.now_ns);
    ASSERT_TRUE(made.tick(own.path(), options));
    time.set(day_zero + 1, 1);
    const auto charged = made.tick(own.path(), options);
    ASSERT_TRUE(charged);
    std::map<std::pair<std::uint64_t, Metric>, double> costs;
    for (const auto& [query, count] : truth.calls) {
      costs[{table_number(query.cell), query.metric}] =
          gaussian_rho(query.sensitivity, query.sigma2);
    }
    EXPECT_EQ(costs.size(), 8U);
    double sum = 0;
    for (const auto& [table, cost] : costs) sum += cost;
    EXPECT_LE(sum, static_cast<double>(charged->micro_spent) * 1e-6 * (1 + 1e-9)) << rho;
    if (rho < 1) {
      EXPECT_GE(sum, 0.95 * rho) << rho;
    }
    EXPECT_NEAR(static_cast<double>(charged->micro_spent) * 1e-6, rho, 1e-6);
  }
}

// README.md says what can be seen of 40 users and their 1,400 requests.
TEST_F(Usage, FortyUsersAreNotLostInTheNoise) {
  options.releases_per_day = 1;
  std::vector<Record> records;
  for (int user = 0; user < 40; ++user) {
    for (int i = 0; i < 35; ++i) records.push_back(request("u" + std::to_string(user), 1));
  }
  add(records);
  tick_at(day_zero, 2);
  const Figure total = figure(report_at(day_zero + 1, 1).days[0], {all_name, all_name});
  EXPECT_EQ(total.requests, 1'400);
  EXPECT_EQ(total.users, 40);
  EXPECT_EQ(total.requests_error, 620);
  EXPECT_EQ(total.users_error, 13);
  // And the noise is what is said of it.
  Random random = [engine = std::mt19937_64(1)]() mutable { return engine(); };
  int requests_within = 0;
  int users_within = 0;
  constexpr int draws = 4'000;
  for (int i = 0; i < draws; ++i) {
    requests_within += std::abs(discrete_gaussian(100'000, random).value()) <= 620 ? 1 : 0;
    users_within += std::abs(discrete_gaussian(40, random).value()) <= 13 ? 1 : 0;
  }
  EXPECT_NEAR(requests_within, 0.95 * draws, 0.011 * draws);  // three standard deviations
  EXPECT_NEAR(users_within, 0.967 * draws, 0.011 * draws);    // 13 is more than 12.4
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
  EXPECT_EQ(Plan::make({})->sigma2, (Variances{{100'000, 40}, {250'000, 100}, {500'000, 200}}));
  EXPECT_EQ(code({.requests_per_user_day_max = 0}), "requests_per_user_day_max");
  EXPECT_EQ(code({.requests_per_user_day_max = 100'001}), "requests_per_user_day_max");
  EXPECT_EQ(code({.rho_per_day = 0}), "rho_per_day");
  EXPECT_EQ(code({.rho_per_day = -1}), "rho_per_day");
  EXPECT_EQ(code({.rho_per_day = std::nan("")}), "rho_per_day");
  EXPECT_EQ(code({.rho_per_day = 0.00002}), "fine");
  EXPECT_EQ(code({.rho_per_day = 0.000019}), "rho_per_day");
  EXPECT_EQ(code({.requests_per_user_day_max = 100'000, .rho_per_day = 0.00002}), "rho_per_day");
  EXPECT_EQ(code({.rho_total = 0.01}), "rho_per_day");
  EXPECT_EQ(code({.releases_per_day = 0}), "releases_per_day");
  EXPECT_EQ(code({.releases_per_day = 5}), "releases_per_day");
  EXPECT_EQ(code({.releases_per_day = 24}), "fine");
  EXPECT_EQ(code({.releases_per_day = 48}), "releases_per_day");
}

TEST(Plan, ATableByBothIsThereWhenItFits) {
  Options options;
  for (int i = 0; i < 98; ++i) {
    options.groups.push_back("g" + std::to_string(i));
    options.models.push_back("m" + std::to_string(i));
  }
  EXPECT_EQ(Plan::make(options)->cells.size(), 1U + 99 + 99 + 99 * 99);
  options.groups.emplace_back("one more");
  EXPECT_EQ(Plan::make(options)->cells.size(), 1U + 100 + 99);
  for (int i = 0; i < 2'000; ++i) options.groups.push_back("h" + std::to_string(i));
  EXPECT_EQ(Plan::make(options)->cells.size(), 1U + names_max + 1 + 99);
}

}  // namespace
}  // namespace menshen::audit::dp
