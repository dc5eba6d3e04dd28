// Counting, releasing and the budget, on logs that a journal wrote.
#include "audit/dp/report.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <cmath>
#include <map>
#include <random>
#include <thread>
#include <tuple>

#include "audit/dp/accountant.h"
#include "audit/dp/mechanism.h"
#include "audit/dp/sampler.h"
#include "audit/dp/usage.h"
#include "audit/test_support.h"
#include "store/testing/fault_vfs.h"

namespace menshen::audit::dp {
namespace {

constexpr std::int64_t day_zero = 20'700;  // 2026-09-04

class ManualClock : public core::Clock {
 public:
  std::int64_t wall_ns() const noexcept override { return now_ns; }
  std::int64_t monotonic_ns() const noexcept override { return now_ns; }
  void set(std::int64_t day, double hours) {
    now_ns = day * day_ns + static_cast<std::int64_t>(hours * static_cast<double>(hour_ns));
  }
  std::int64_t now_ns = day_zero * day_ns;
};

// Publishes the truth and keeps every call: what a grey-box test needs to see.
class Truth : public Mechanism {
 public:
  core::Result<std::int64_t> release(const Query& query, std::int64_t count) override {
    calls.emplace_back(query, count);
    return count;
  }
  std::vector<std::pair<Query, std::int64_t>> calls;
};

using Key =
    std::tuple<std::int64_t, std::uint32_t, std::uint32_t, Metric, std::uint64_t, std::uint64_t>;
Key key_of(const Query& q) { return {q.day, q.window, q.cell, q.metric, q.sensitivity, q.sigma2}; }

class Usage : public ::testing::Test {
 protected:
  Usage() {
    options.cells = {{"finance", "qwen"}, {"legal", "qwen"}, {"legal", "glm"}};
    options.mechanism = &truth;
    add(event(RecordType::start, day_zero, 0.5));
  }

  static Record event(RecordType type, std::int64_t day, double hours) {
    Record record;
    record.type = type;
    record.wall_ns = day * day_ns + static_cast<std::int64_t>(hours * static_cast<double>(hour_ns));
    return record;
  }
  Record request(const std::string& who, double hours, const std::string& group = "finance",
                 const std::string& model = "qwen", std::int64_t day = day_zero) {
    Record record = event(RecordType::outcome, day, hours);
    record.exchange = "x" + std::to_string(++exchanges_);
    record.subject = who;
    record.subject_kind = "user";
    record.groups = {group};
    record.model = model;
    record.status = 200;
    return record;
  }
  void add(const Record& record) { add(std::vector{record}); }
  void add(const std::vector<Record>& records) {
    const auto journal = open_journal(dir.path());
    for (const auto& seq : append_all(*journal, records)) ASSERT_TRUE(seq);
  }
  Report report_at(std::int64_t day, double hours) {
    clock.set(day, hours);
    auto out = report(dir.path(), options, clock);
    if (!out) throw std::runtime_error(core::to_string(out.error()));
    return *out;
  }
  Tick tick_at(std::int64_t day, double hours) {
    clock.set(day, hours);
    auto out = tick(dir.path(), options, clock);
    if (!out) throw std::runtime_error(core::to_string(out.error()));
    return *out;
  }
  static Figure figure(const DayFigures& day, const Cell& cell) {
    for (const Figure& f : day.figures) {
      if (f.cell == cell) return f;
    }
    throw std::runtime_error("no such cell");
  }

  TemporaryDirectory dir;
  ManualClock clock;
  Truth truth;
  Options options;

 private:
  int exchanges_ = 0;
};

TEST_F(Usage, CountsRequestsAndUsersPerCell) {
  add({request("alice", 1), request("alice", 2), request("bob", 3),
       request("carol", 4, "legal", "glm"), request("dave", 4, "visitors", "glm"),
       request("alice", 5, "legal", "glm")});
  const Report r = report_at(day_zero, 10);
  ASSERT_EQ(r.days.size(), 1U);
  const DayFigures& day = r.days[0];
  EXPECT_EQ(day.day, "2026-09-04");
  EXPECT_FALSE(day.final);
  ASSERT_EQ(day.figures.size(), 4U);  // zeros too, and (other)
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 3);
  EXPECT_EQ(figure(day, {"finance", "qwen"}).users, 2);
  EXPECT_EQ(figure(day, {"legal", "glm"}).requests, 2);
  EXPECT_EQ(figure(day, {"legal", "glm"}).users, 1);  // alice was counted where she came first
  EXPECT_EQ(figure(day, {"legal", "qwen"}).requests, 0);
  EXPECT_EQ(figure(day, {"(other)", "(other)"}).requests, 1);
}

TEST_F(Usage, OnlyAnsweredRequestsOfKnownSubjectsCount) {
  Record refused = request("alice", 1);
  refused.status = 403;
  Record nobody = request("", 1);
  Record meant = request("alice", 1);
  meant.type = RecordType::intent;
  add({refused, nobody, meant});
  EXPECT_EQ(figure(report_at(day_zero, 10).days[0], {"finance", "qwen"}).requests, 0);
}

TEST_F(Usage, GroupsCountUnderTheFirstInSortedOrder) {
  Record r = request("alice", 1);
  r.groups = {"legal", "finance"};
  add(r);
  EXPECT_EQ(figure(report_at(day_zero, 10).days[0], {"finance", "qwen"}).requests, 1);
}

TEST_F(Usage, UsersAndServicesOfOneNameAreTwo) {
  Record service = request("alice", 1);
  service.subject_kind = "service";
  add({request("alice", 1), service});
  EXPECT_EQ(figure(report_at(day_zero, 10).days[0], {"finance", "qwen"}).users, 2);
}

TEST_F(Usage, APersonBehindServicesIsOneUser) {
  std::vector<Record> records;
  for (int i = 0; i < 60; ++i) {
    records.push_back(request("alice", 1 + i * 0.001));
    if (i % 3 != 0) records.back().actor = i % 3 == 1 ? "portal" : "mail";
  }
  records.push_back(request("bob", 2));
  records.back().actor = "portal";
  add(records);
  const auto counted = figure(report_at(day_zero, 10).days[0], {"finance", "qwen"});
  EXPECT_EQ(counted.users, 2);
  EXPECT_EQ(counted.requests, 51);  // of alice as many as of anybody, however she calls
}

TEST_F(Usage, OneUserMovesTheDayByAtMostTheBound) {
  std::vector<Record> many;
  for (int i = 0; i < 10'000; ++i) {
    many.push_back(request("alice", 0.6 + i * 0.001, i % 2 == 0 ? "finance" : "legal"));
  }
  add(std::vector(many.begin(), many.begin() + 30));
  report_at(day_zero, 1);
  add(std::vector(many.begin() + 30, many.end()));
  report_at(day_zero, 12);
  tick_at(day_zero + 1, 0.5);
  std::map<Metric, std::int64_t> total;
  for (const auto& [query, count] : truth.calls) {
    if (query.day == day_zero) total[query.metric] += count;
  }
  EXPECT_EQ(total[Metric::requests], 50);
  EXPECT_EQ(total[Metric::users], 1);
}

TEST_F(Usage, WindowsEndByTheClockAlone) {
  add(request("alice", 1));
  EXPECT_EQ(tick_at(day_zero, 0.9).windows, 0U);  // no hour is over
  EXPECT_EQ(tick_at(day_zero, 1.0).windows, 1U);
  EXPECT_EQ(tick_at(day_zero, 1.5).windows, 0U);
  EXPECT_EQ(report_at(day_zero, 1.1).days[0].windows, 1U);   // six minutes after the last
  EXPECT_EQ(report_at(day_zero, 1.17).days[0].windows, 2U);  // ten
  EXPECT_EQ(report_at(day_zero, 1.17).days[0].windows, 2U);
  EXPECT_EQ(tick_at(day_zero, 2.0).windows, 1U);
  EXPECT_EQ(tick_at(day_zero + 1, 0.05).windows, 0U);  // three minutes of grace
  EXPECT_EQ(tick_at(day_zero + 1, 0.1).windows, 1U);
  const Report r = report_at(day_zero + 1, 0.1);
  EXPECT_TRUE(r.days[0].final);
  EXPECT_EQ(r.days[0].windows, 4U);
  EXPECT_EQ(tick_at(day_zero + 1, 0.2).windows, 0U);  // the day is over for good
}

TEST_F(Usage, TodaysFigureIsTheSumOfItsWindows) {
  add({request("alice", 1), request("bob", 1)});
  report_at(day_zero, 2);
  add({request("alice", 3), request("carol", 3)});
  const DayFigures day = report_at(day_zero, 4).days[0];
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 4);
  EXPECT_EQ(figure(day, {"finance", "qwen"}).users, 3);
  EXPECT_EQ(day.windows, 2U);
  EXPECT_EQ(day.requests_error, std::ceil(1.959963984540054 * std::sqrt(2 * 50'000.0)));
  EXPECT_EQ(day.users_error, std::ceil(1.959963984540054 * std::sqrt(2 * 20.0)));
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

TEST_F(Usage, LateRecordsOfAFinishedDayAreDropped) {
  tick_at(day_zero + 1, 1);
  add(request("alice", 23.9));
  const DayFigures day = report_at(day_zero + 1, 2).days[0];
  EXPECT_TRUE(day.final);
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 0);
}

TEST_F(Usage, WhatTiesCountsToPeopleGoesWithTheDay) {
  add(request("alice", 1));
  report_at(day_zero, 2);
  const auto open = [&](const char* sql) {
    const auto db = store::Database::open(dir.path() / "dp.db", {});
    return db->query_integer(sql).value();
  };
  EXPECT_EQ(open("SELECT count(*) FROM contributions"), 1);
  EXPECT_EQ(open("SELECT sum(open_requests) FROM cells"), 0);
  EXPECT_EQ(open("SELECT length(key) FROM days"), 32);
  EXPECT_EQ(read_text(dir.path() / "dp.db").find("alice"), std::string::npos);
  tick_at(day_zero + 1, 1);
  EXPECT_EQ(open("SELECT count(*) FROM contributions"), 0);
  EXPECT_EQ(open("SELECT length(key) FROM days WHERE final = 1"), 0);
}

TEST_F(Usage, DaysOnWhichTheGatewayDidNotRunAreNotReleased) {
  add({request("alice", 1), event(RecordType::stop, day_zero + 1, 3)});
  add(event(RecordType::start, day_zero + 5, 2));
  tick_at(day_zero + 6, 1);
  std::vector<std::int64_t> days;
  for (const auto& [query, count] : truth.calls) {
    if (days.empty() || days.back() != query.day) days.push_back(query.day);
  }
  EXPECT_EQ(days, (std::vector<std::int64_t>{day_zero, day_zero + 1, day_zero + 5, day_zero + 6}));
}

TEST_F(Usage, DaysThatEndedLongAgoAreNotReleased) {
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
  const Report refused = report_at(day_zero + 2, 3);
  ASSERT_TRUE(refused.refusal);
  EXPECT_EQ(refused.refusal->code, "privacy_budget_exhausted");
  EXPECT_TRUE(refused.days.back().figures.empty());
  EXPECT_FALSE(refused.days.front().figures.empty());  // what was published stays
  EXPECT_TRUE(report_at(day_zero + 2, 5).refusal);     // every call opens the store anew
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
  EXPECT_TRUE(report_at(day_zero + 1, 2).refusal);
  options.rho_total = 1;
  EXPECT_FALSE(report_at(day_zero + 1, 3).refusal);
  EXPECT_EQ(ledger(dir.path(), options)->entries.size(), 3U);
}

TEST_F(Usage, ADaysParametersDoNotChangeUnderIt) {
  add(request("alice", 1));
  report_at(day_zero, 2);
  options.requests_per_user_day_max = 10;
  options.cells = {{"new", "model"}};
  add(request("bob", 3));
  const DayFigures day = report_at(day_zero, 4).days[0];
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 2);
  EXPECT_EQ(truth.calls.back().first.sensitivity, 1U);
  EXPECT_EQ(truth.calls[truth.calls.size() - 2].first.sensitivity, 50U);
  report_at(day_zero + 1, 4);
  EXPECT_EQ(truth.calls[truth.calls.size() - 2].first.sensitivity, 10U);
}

TEST_F(Usage, AnotherLogIsNotCounted) {
  add(request("alice", 1));
  report_at(day_zero, 2);
  for (const char* name : {"audit.db", "checkpoint", "audit.key", "audit.vkey", "commitment.key"}) {
    std::filesystem::remove(dir.path() / name);
  }
  clock.set(day_zero, 3);
  EXPECT_EQ(report(dir.path(), options, clock).error().code, "no_audit_log");
  // A journal does not begin a log beside counts of another one: somebody puts one there.
  std::filesystem::rename(dir.path() / "dp.db", dir.path() / "aside");
  open_journal(dir.path());
  std::filesystem::rename(dir.path() / "aside", dir.path() / "dp.db");
  add(event(RecordType::start, day_zero, 3));
  EXPECT_EQ(report(dir.path(), options, clock).error().code, "privacy_log_changed");
  add({event(RecordType::start, day_zero, 3), request("bob", 3), request("bob", 3)});
  EXPECT_EQ(report(dir.path(), options, clock).error().code, "privacy_log_changed");
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
          tick_at(day_zero, hours + 0.7);
          report_at(day_zero, hours + 0.9);
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
  ASSERT_GT(with.size(), 40U);
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

// A failing disk at every operation of a report: afterwards each request has been counted once.
TEST_F(Usage, CountsEachRequestOnceWhateverFails) {
  std::vector<Record> records;
  for (int i = 0; i < 30; ++i) records.push_back(request("user" + std::to_string(i % 5), 1));
  add(records);
  const TemporaryDirectory pristine;
  std::filesystem::copy(dir.path(), pristine.path() / "var",
                        std::filesystem::copy_options::recursive);
  const auto var = pristine.path() / "copy";
  int failures = 0;
  bool clean = false;
  for (std::uint64_t k = 1; k < 2'000 && !clean; ++k) {
    SCOPED_TRACE(k);
    std::filesystem::remove_all(var);
    std::filesystem::copy(pristine.path() / "var", var, std::filesystem::copy_options::recursive);
    clock.set(day_zero, 5);
    {
      using Mode = store::testing::FaultVfs::Mode;
      store::testing::FaultVfs vfs;
      vfs.fail_at(k, k % 2 == 0 ? Mode::once : Mode::power_cut);
      failures += report(var, options, clock) ? 0 : 1;
      clean = !vfs.hit();
      if (k % 2 == 1 && vfs.hit()) vfs.restore_after_power_cut(k);
    }
    clock.set(day_zero + 1, 1);
    const auto after = report(var, options, clock);
    ASSERT_TRUE(after) << core::to_string(after.error());
    EXPECT_EQ(figure(after->days[0], {"finance", "qwen"}).requests, 30);
    EXPECT_EQ(figure(after->days[0], {"finance", "qwen"}).users, 5);
    EXPECT_NEAR(after->statement.rho_spent, 0.10, 1e-9);
    if (HasFailure()) return;
  }
  EXPECT_TRUE(clean);
  EXPECT_GT(failures, 20);
}

TEST_F(Usage, SeveralProcessesAtOnceCountEachRequestOnce) {
  std::vector<Record> records;
  for (int i = 0; i < 300; ++i) records.push_back(request("user" + std::to_string(i), 1));
  add(records);
  options.mechanism = nullptr;
  clock.set(day_zero, 5);
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Truth own;
      Options mine = options;
      mine.mechanism = &own;
      if (!report(dir.path(), mine, clock)) ++failures;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  const DayFigures day = report_at(day_zero, 5).days[0];
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 300);
  EXPECT_EQ(day.windows, 1U);
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
  Options many;
  many.cells.assign(cells_max - 1, {"g", "m"});
  EXPECT_EQ(code(many), "fine");
  many.cells.push_back({"g", "m"});
  EXPECT_EQ(code(many), "cells");
}

TEST_F(Usage, ReportsAsTextAndJson) {
  add(request("alice", 1));
  const Report r = report_at(day_zero, 2);
  EXPECT_NE(to_text(r).find("finance / qwen: requests 1 \u00b1 439, users 1 \u00b1 9"),
            std::string::npos)
      << to_text(r);
  const auto json = nlohmann::json::parse(to_json(r));
  EXPECT_EQ(json["days"][0]["cells"][0]["requests"], 1);
  EXPECT_EQ(json["privacy"]["sigma2_requests"], 50'000);
  EXPECT_NEAR(json["privacy"]["epsilon_per_day"].get<double>(), epsilon_of_rho(0.05, 1e-6), 1e-9);
  EXPECT_NE(to_text(ledger(dir.path(), options).value()).find("charge  day 2026-09-04  rho 0.05"),
            std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(to_json(ledger(dir.path(), options).value()))["entries"].size(),
            1U);
}

}  // namespace
}  // namespace menshen::audit::dp
