// What the gateway's own look at the statistics says to operators.
#include "proxy/gateway/statistics.h"

#include "audit/test_support.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace menshen::gateway {
namespace {

class StatisticsTest : public ::testing::Test {
 protected:
  StatisticsTest() {
    config_->store = dir_.path() / "var";
    config_->log.file = dir_.path() / "log";
  }
  // A start, the look that it makes at once, and the end. Gives the state and what was logged.
  std::pair<admin::StatisticsState, std::string> look() {
    auto journal = audit::Journal::open({.directory = config_->store}, core::system_clock());
    admin::StatisticsState state;
    {
      Log log(config_->log);  // its end writes what is left of it
      EXPECT_TRUE(log.open());
      Statistics statistics(**journal, log, [this] { return config_; });
      statistics.start(core::system_clock().wall_ns());
      statistics.stop();
      state = statistics.state();
    }
    std::ostringstream text;
    text << std::ifstream(config_->log.file).rdbuf();
    return {state, text.str()};
  }

  audit::TemporaryDirectory dir_;
  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
};

TEST_F(StatisticsTest, ABudgetThatLastsIsNotTalkedOf) {
  const auto [state, log] = look();
  EXPECT_EQ(state.problem, "");
  EXPECT_EQ(state.rho_spent, 0);
  EXPECT_EQ(state.rho_total, 5);
  EXPECT_EQ(state.days_left, 100);
  EXPECT_EQ(log.find("privacy_budget_low"), log.npos);
}

TEST_F(StatisticsTest, TheEndOfTheBudgetIsSaidAhead) {
  config_->privacy.rho_total = 0.72;
  const auto [state, log] = look();
  EXPECT_EQ(state.days_left, 14);
  EXPECT_EQ(state.problem, "");
  EXPECT_NE(log.find("privacy_budget_low"), log.npos) << log;
  EXPECT_NE(log.find("14 days left"), log.npos) << log;
}

TEST_F(StatisticsTest, TheBudgetIsTheNumberOfTheConfiguration) {
  config_->privacy.rho_total = 0.1;
  EXPECT_EQ(look().first.rho_total, 0.1);
}

// One check for both: whatever the configuration accepts, statistics accept.
TEST_F(StatisticsTest, WhatTheConfigurationAcceptsStatisticsAccept) {
  int accepted = 0;
  for (const double rho : {0.00001, 0.00002, 0.05, 100.0, 101.0}) {
    for (const double total : {0.00002, 5.0, 10'000.0}) {
      for (const std::uint32_t cap : {0U, 1U, 50U, 1'482U, 1'483U, 100'000U, 100'001U}) {
        for (const std::uint32_t releases : {0U, 1U, 5U, 24U}) {
          audit::dp::Options options;
          options.rho_per_day = rho;
          options.rho_total = total;
          options.requests_per_user_day_max = cap;
          options.releases_per_day = releases;
          const bool fine = !core::check_privacy({rho, total, cap, releases});
          EXPECT_EQ(audit::dp::Plan::make(options).has_value(), fine);
          accepted += fine ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(accepted, 20);
}

TEST_F(StatisticsTest, WhatKeepsThemFromTheirReleaseIsSaid) {
  std::filesystem::create_directory(config_->store);
  std::filesystem::permissions(config_->store, std::filesystem::perms::owner_all);
  { auto made = audit::Journal::open({.directory = config_->store}, core::system_clock()); }
  std::ofstream(config_->store / "dp.db") << std::string(8'192, 'x');
  const auto [state, log] = look();
  EXPECT_EQ(state.problem, "privacy_store_unavailable");
  EXPECT_TRUE(std::isnan(state.rho_spent));
  EXPECT_TRUE(std::isnan(state.days_left));
  EXPECT_EQ(state.rho_total, 5);
  EXPECT_NE(log.find("statistics_failed"), log.npos) << log;
}

}  // namespace
}  // namespace menshen::gateway
