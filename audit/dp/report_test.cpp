// Windows, days and the budget: what is released when, once, and how it reads.
#include "audit/dp/report.h"

#include "audit/dp/accountant.h"
#include "audit/dp/usage_testing.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace menshen::audit::dp {
namespace {

using namespace testing;

TEST_F(Usage, WindowsEndByTheClockAlone) {
  add(request("alice", 0.6));
  EXPECT_EQ(tick_at(day_zero, 0.9).windows, 0U);  // no hour is over
  EXPECT_EQ(tick_at(day_zero, 1.0).windows, 1U);
  EXPECT_EQ(tick_at(day_zero, 1.5).windows, 0U);
  EXPECT_EQ(tick_at(day_zero, 2.0).windows, 1U);
  EXPECT_EQ(tick_at(day_zero + 1, 0.05).windows, 0U);  // three minutes of grace
  EXPECT_EQ(tick_at(day_zero + 1, 0.1).windows, 1U);
  const Report r = report_at(day_zero + 1, 0.1);
  EXPECT_TRUE(r.days[0].final);
  EXPECT_EQ(r.days[0].windows, 3U);
  EXPECT_EQ(tick_at(day_zero + 1, 0.2).windows, 0U);  // the day is over for good
}

TEST_F(Usage, ADayIsReleasedOnceUnlessMoreIsAskedFor) {
  options.releases_per_day = Options().releases_per_day;
  add({request("alice", 1), request("alice", 20)});
  for (const double hours : {1.0, 12.0, 23.9}) EXPECT_EQ(tick_at(day_zero, hours).windows, 0U);
  EXPECT_EQ(tick_at(day_zero + 1, 0.1).windows, 1U);
  const DayFigures day = report_at(day_zero + 1, 12).days[0];
  EXPECT_EQ(day.windows, 1U);
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 2);
}

TEST_F(Usage, AReportReleasesNothing) {
  add(request("alice", 1));
  clock.set(day_zero + 1, 1);
  const auto before = journal().stats().records;
  EXPECT_TRUE(report(dir.path(), options, clock)->days.empty());
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "dp.db"));
  EXPECT_EQ(journal().stats().records, before);
}

TEST_F(Usage, TodaysFigureIsTheSumOfItsWindows) {
  add({request("alice", 1), request("bob", 1)});
  report_at(day_zero, 2);
  add({request("alice", 3), request("carol", 3)});
  const DayFigures day = report_at(day_zero, 4).days[0];
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 4);
  EXPECT_EQ(figure(day, {"finance", "qwen"}).users, 3);
  EXPECT_EQ(day.windows, 2U);
  const auto half_width = [](double sigma2) {
    return std::ceil(1.959963984540054 * std::sqrt(2 * sigma2));
  };
  EXPECT_EQ(figure(day, {all_name, all_name}).requests_error, half_width(100'000));
  EXPECT_EQ(figure(day, {all_name, all_name}).users_error, half_width(40));
  EXPECT_EQ(figure(day, {"finance", all_name}).requests_error, half_width(250'000));
  EXPECT_EQ(figure(day, {all_name, "qwen"}).users_error, half_width(100));
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests_error, half_width(500'000));
  EXPECT_EQ(figure(day, {"finance", "qwen"}).users_error, half_width(200));
}

TEST_F(Usage, PublishedNumbersAreNeverDrawnAgain) {
  options.mechanism = nullptr;  // true noise
  add(request("alice", 1));
  const std::string first = to_json(report_at(day_zero, 10));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(to_json(report_at(day_zero, 10.1)), first);
  const Report later = report_at(day_zero + 1, 1);
  const Report again = report_at(day_zero + 1, 1.1);
  EXPECT_EQ(later.days[0].figures.size(), again.days[0].figures.size());
  for (std::size_t i = 0; i < later.days[0].figures.size(); ++i) {
    EXPECT_EQ(later.days[0].figures[i].requests, again.days[0].figures[i].requests);
  }
}

TEST_F(Usage, DaysOnWhichTheGatewayDidNotRunAreNotReleased) {
  add(request("alice", 1));
  tick_at(day_zero + 1, 3);
  stop();
  add(event(RecordType::start, day_zero + 5, 2));
  tick_at(day_zero + 5, 3);
  tick_at(day_zero + 6, 1);
  std::vector<std::int64_t> days;
  for (const auto& [query, count] : truth.calls) {
    if (days.empty() || days.back() != query.day) days.push_back(query.day);
  }
  std::ranges::sort(days);
  days.erase(std::unique(days.begin(), days.end()), days.end());
  EXPECT_EQ(days, (std::vector<std::int64_t>{day_zero, day_zero + 1, day_zero + 5, day_zero + 6}));
}

TEST_F(Usage, DaysThatBeganLongAgoAreNotReleased) {
  add(event(RecordType::start, day_zero + 68, 1));
  add(event(RecordType::start, day_zero + 69, 1));
  tick_at(day_zero + 100, 12);
  ASSERT_FALSE(truth.calls.empty());
  EXPECT_EQ(truth.calls.front().first.day, day_zero + 100 - catch_up_days_max);
}

TEST_F(Usage, TheBudgetIsChargedOnceADayAndThenRefused) {
  options.rho_per_day = 0.05;
  options.rho_total = 0.10;
  for (int window = 2; window < 6; ++window) report_at(day_zero, window);
  tick_at(day_zero + 1, 1);
  EXPECT_NEAR(report_at(day_zero + 1, 2).statement.rho_spent, 0.10, 1e-9);
  const std::size_t calls = truth.calls.size();
  EXPECT_TRUE(tick_at(day_zero + 2, 2).refusal);
  const Report refused = report_at(day_zero + 2, 3);
  ASSERT_TRUE(refused.refusal);
  EXPECT_EQ(refused.refusal->code, "privacy_budget_exhausted");
  EXPECT_TRUE(refused.days.back().figures.empty());
  EXPECT_FALSE(refused.days.front().figures.empty());  // what was published stays
  EXPECT_TRUE(report_at(day_zero + 2, 5).refusal);
  EXPECT_TRUE(tick_at(day_zero + 3, 1).refusal);
  for (std::size_t i = calls; i < truth.calls.size(); ++i) {
    EXPECT_EQ(truth.calls[i].first.day,
              day_zero + 1);  // the last window of the day that was charged
  }
  const Ledger entries = ledger(dir.path(), options).value();
  ASSERT_EQ(entries.entries.size(), 4U) << to_text(entries);
  EXPECT_EQ(entries.entries[0].event, "charge");
  EXPECT_EQ(entries.entries[1].event, "charge");
  EXPECT_EQ(entries.entries[2].event, "refusal");
  EXPECT_EQ(entries.entries[2].day, "2026-09-06");
  EXPECT_EQ(entries.entries[3].day, "2026-09-07");
  EXPECT_NEAR(entries.rho_spent, 0.10, 1e-9);
}

TEST_F(Usage, ALargerBudgetIsTakenUpAgain) {
  options.rho_total = 0.05;
  report_at(day_zero, 2);
  EXPECT_TRUE(tick_at(day_zero + 1, 2).refusal);
  options.rho_total = 1;
  EXPECT_FALSE(tick_at(day_zero + 1, 3).refusal);
  EXPECT_FALSE(report_at(day_zero + 1, 4).refusal);
  EXPECT_EQ(ledger(dir.path(), options)->entries.size(), 3U);
}

TEST_F(Usage, ADaysParametersDoNotChangeUnderIt) {
  add(request("alice", 1));
  report_at(day_zero, 2);
  options.requests_per_user_day_max = 10;
  options.groups = {"new"};
  add(request("bob", 3));
  const DayFigures day = report_at(day_zero, 4).days[0];
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 2);
  EXPECT_EQ(truth.calls.back().first.sensitivity, 1U);
  EXPECT_EQ(truth.calls[truth.calls.size() - 2].first.sensitivity, 50U);
  report_at(day_zero + 1, 4);
  EXPECT_EQ(truth.calls[truth.calls.size() - 2].first.sensitivity, 10U);
}

TEST_F(Usage, ReportsAsTextAndJson) {
  options.releases_per_day = 1;
  add(request("alice", 1));
  tick_at(day_zero, 2);
  const Report r = report_at(day_zero + 1, 2);
  const std::string text = to_text(r);
  for (const char* line : {"  all: requests 1 \u00b1 620, users 1 \u00b1 13\n",
                           "  by group\n  finance: requests 1 \u00b1 980, users 1 \u00b1 20\n",
                           "  by model\n  glm: requests 0 \u00b1 980, users 0 \u00b1 20\n",
                           "  finance / qwen: requests 1 \u00b1 1386, users 1 \u00b1 28\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  const auto json = nlohmann::json::parse(to_json(r));
  EXPECT_EQ(json["days"][0]["total"]["requests"], 1);
  EXPECT_EQ(json["days"][0]["total"]["requests_error_95"], 620);
  EXPECT_EQ(json["days"][0]["groups"].size(), 3U);
  EXPECT_EQ(json["days"][0]["models"][0]["model"], "glm");
  EXPECT_EQ(json["days"][0]["cells"].size(), 9U);
  EXPECT_EQ(json["privacy"]["sigma2"]["total"]["requests"], 100'000);
  EXPECT_EQ(json["privacy"]["days_left"], 99);
  EXPECT_NEAR(json["privacy"]["epsilon_per_day"].get<double>(), epsilon_of_rho(0.05, 1e-6), 1e-9);
  EXPECT_NE(to_text(ledger(dir.path(), options).value()).find("charge  day 2026-09-04  rho 0.05"),
            std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(to_json(ledger(dir.path(), options).value()))["entries"].size(),
            1U);
}

// In words, and in both languages: the interval, the bound on one user, what is under (other), what
// is left out, and how long the budget lasts.
TEST_F(Usage, AReportSaysWhatAFigureCanTell) {
  options.requests_per_user_day_max = 37;
  const Report r = report_at(day_zero, 2);
  const std::string text = to_text(r);
  for (const char* words :
       {"95 lie within the \u00b1", "at most 37 answered requests", "under (other)",
        "it may be zero", "lasts for 99 more days", "95 个落在", "最多计 37 次", "(other) 之下",
        "可能是零", "还够 99 天"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words;
  }
  EXPECT_EQ(text.find("too many groups"), std::string::npos);
  const auto json = nlohmann::json::parse(to_json(r));
  EXPECT_NE(text.find(json["explanation"]["en"].get<std::string>()), std::string::npos);
  EXPECT_NE(text.find(json["explanation"]["zh"].get<std::string>()), std::string::npos);
  for (int i = 0; i < 100; ++i) {
    options.groups.push_back("g" + std::to_string(i));
    options.models.push_back("m" + std::to_string(i));
  }
  const std::string without = to_text(report(dir.path(), options, clock).value());
  EXPECT_NE(without.find("too many groups"), std::string::npos);
  EXPECT_NE(without.find("放不下"), std::string::npos);
}

}  // namespace
}  // namespace menshen::audit::dp
