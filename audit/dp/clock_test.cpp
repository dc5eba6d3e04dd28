// Clocks that are wrong: they spend no budget, and release no day twice.
#include "audit/dp/account.h"
#include "audit/dp/clock_watch.h"
#include "audit/dp/usage_testing.h"

#include <set>

namespace menshen::audit::dp {
namespace {

using namespace testing;

class Clocks : public Usage {
 protected:
  Clocks() { options.releases_per_day = 1; }
  std::set<std::int64_t> days_drawn() const {
    std::set<std::int64_t> out;
    for (const auto& [query, count] : truth.calls) out.insert(query.day);
    return out;
  }
  std::vector<std::string> clock_notes() {
    auto log = LogReader::open(dir.path()).value();
    std::vector<std::string> out;
    for (const StoredRecord& stored : log.read(0, 100'000).value()) {
      const auto record = parse_record(stored.body).value().record;
      if (record.type == RecordType::clock && !record.note.empty()) out.push_back(record.note);
    }
    return out;
  }
};

TEST_F(Clocks, MonthsAheadCostNoMoreThanADay) {
  tick_at(day_zero, 10);
  add(request("alice", 11));
  tick_at(day_zero, 12);
  clock.step(200);
  const Tick stepped = tick().value();
  EXPECT_EQ(stepped.clock_step_ns, 200 * day_ns);
  EXPECT_EQ(stepped.windows, 0U);
  // It is not mended: the day that was cut short is released, and none of the 200.
  clock.now_ns += clock_settle_ns;
  EXPECT_EQ(tick()->windows, 1U);
  EXPECT_EQ(days_drawn(), std::set<std::int64_t>{day_zero});
  EXPECT_EQ(tick()->micro_spent, 50'000U);
  EXPECT_EQ(clock_notes(), std::vector<std::string>{"The clock was set by 17280000 s."});
}

TEST_F(Clocks, WhatIsMendedWithinTheHourChangesNothing) {
  tick_at(day_zero, 10);
  add(request("alice", 11));
  tick_at(day_zero, 12);
  clock.step(200);
  EXPECT_NE(tick()->clock_step_ns, 0);
  clock.now_ns += clock_settle_ns / 2;
  EXPECT_EQ(tick()->windows, 0U);
  clock.step(-200);
  EXPECT_NE(tick()->clock_step_ns, 0);
  add(request("bob", 13));
  tick_at(day_zero, 23);
  const Report r = report_at(day_zero + 1, 1);
  EXPECT_EQ(figure(r.days[0], {"finance", "qwen"}).requests, 2);
  EXPECT_EQ(days_drawn(), std::set<std::int64_t>{day_zero});
  EXPECT_EQ(clock_notes().size(), 2U);
}

// Whoever moves the clock to and fro gets no more days than pass.
TEST_F(Clocks, AClockThatWandersCostsNoMoreThanTimeDoes) {
  options.rho_total = 100;
  tick_at(day_zero, 10);
  for (int i = 0; i < 60; ++i) {
    clock.step(i % 2 == 0 ? 3 : -1);
    clock.now_ns += clock_settle_ns;
    ASSERT_TRUE(tick());
  }
  // Two and a half days have passed.
  EXPECT_LE(days_drawn().size(), 5U);
  EXPECT_LE(tick()->micro_spent, 5 * 50'000U);
}

TEST_F(Clocks, SetBackItReleasesNoDayAgain) {
  tick_at(day_zero, 10);
  add(request("alice", 11));
  tick_at(day_zero, 12);
  tick_at(day_zero + 1, 1);
  const std::size_t drawn = truth.calls.size();
  clock.step(-1);
  EXPECT_EQ(tick()->clock_step_ns, -day_ns);
  add(request("bob", 2));  // of a day that is over
  for (int hour = 0; hour < 30; ++hour) {
    clock.now_ns += hour_ns;
    ASSERT_TRUE(tick());
  }
  for (std::size_t i = drawn; i < truth.calls.size(); ++i) {
    EXPECT_NE(truth.calls[i].first.day, day_zero);
  }
  const auto shown = report(dir.path(), options, clock);
  EXPECT_EQ(figure(shown->days[0], {"finance", "qwen"}).requests, 1);
}

TEST_F(Clocks, AStartBehindTheLogIsNoticed) {
  add(request("alice", 20));
  EXPECT_EQ(tick_at(day_zero, 10).clock_step_ns, -10 * hour_ns);
  EXPECT_EQ(tick_at(day_zero, 10.1).clock_step_ns, 0);
}

TEST_F(Clocks, AdjustmentIsNoStep) {
  tick_at(day_zero, 10);
  clock.step(30.0 / 86'400);
  EXPECT_EQ(tick()->clock_step_ns, 0);
  EXPECT_TRUE(clock_notes().empty());
}

// What has happened today is known after a loss: days are in the log, whether or not anybody came.
TEST_F(Clocks, EachDayOfARunIsInTheLog) {
  for (int day = 0; day < 4; ++day) tick_at(day_zero + day, 12);
  stop();
  std::filesystem::remove(dir.path() / "dp.db");
  clock.set(day_zero + 3, 13);
  ASSERT_TRUE(recover(dir.path(), options, clock));
  truth.calls.clear();
  tick_at(day_zero + 4, 1);
  EXPECT_EQ(days_drawn(), std::set<std::int64_t>{day_zero + 3});
}

TEST(ClockWatchTest, ARunBeginsTheDayOfItsStartTheNextAndOneIn24Hours) {
  ManualClock clock;
  ClockWatch watch(clock);
  const auto begin = [&](std::int64_t day) {
    std::ignore = watch.look(0);
    if (watch.has_begun(day) || !watch.may_begin()) return watch.has_begun(day);
    watch.begin(day);
    return true;
  };
  clock.set(day_zero, 23.9);
  EXPECT_TRUE(begin(day_zero));
  clock.set(day_zero + 1, 0);
  EXPECT_TRUE(begin(day_zero + 1));
  EXPECT_FALSE(begin(day_zero + 2));
  EXPECT_TRUE(begin(day_zero));
  for (int day = 2; day < 500; ++day) {
    clock.set(day_zero + day, 0);
    EXPECT_TRUE(begin(day_zero + day)) << day;
  }
}

}  // namespace
}  // namespace menshen::audit::dp
