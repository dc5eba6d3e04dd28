// The contract of usage_repository.h, held to the usage file and to repositories that break it.
#include "audit/dp/usage_planted_testing.h"
#include "audit/dp/usage_repository.h"
#include "store/testing/contract.h"
#include "store/testing/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>

namespace menshen::audit::dp {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using Open = store::testing::Open<UsageRepository>;
using Rule = store::testing::Rule<UsageRepository>;
using namespace testing;

const std::vector<Cell> cells = {{"财务", "qwen"}, {"legal", "glm"}, {"(other)", "(other)"}};

DayRow day_row(std::int64_t day) {
  DayRow row;
  row.day = day;
  row.key = std::string("\0k\0", 3) + std::to_string(day);
  row.requests_cap = 50;
  row.sigma2 = {{100'000, 40}, {250'000, 100}, {500'000, 200}};
  row.micro_rho = 50'000;
  row.closed_ns = day * 1'000;
  return row;
}

void the_position_is_kept(const Open& open) {
  EXPECT_EQ(open()->position().value(), Position{});
  for (const Position& position :
       {Position{7, 5, std::string("\0leaf\xff", 6)}, Position{8, 8, "other"}}) {
    open()->set_position(position).value();
    EXPECT_EQ(open()->position().value(), position);
  }
}

void a_day_is_kept(const Open& open) {
  EXPECT_EQ(open()->day(1).value(), std::nullopt);
  EXPECT_THAT(open()->cells(1).value(), IsEmpty());
  open()->add_day(day_row(1), cells).value();
  EXPECT_EQ(open()->day(1).value(), day_row(1));
  EXPECT_THAT(open()->cells(1).value(), ElementsAreArray(cells));
  EXPECT_EQ(open()->day(2).value(), std::nullopt);
}

void a_days_parameters_stand(const Open& open) {
  open()->add_day(day_row(1), cells).value();
  DayRow changed = day_row(1);
  changed.key = "new";
  changed.requests_cap = 1'000;
  open()->add_day(changed, std::span(cells).first(1)).value();
  EXPECT_EQ(open()->day(1).value(), day_row(1));
  EXPECT_THAT(open()->cells(1).value(), ElementsAreArray(cells));
}

void open_days_ascend(const Open& open) {
  for (const std::int64_t day : {5, -1, 3, 4}) open()->add_day(day_row(day), cells).value();
  open()->finish(4).value();
  EXPECT_THAT(open()->open_days().value(), ElementsAre(day_row(-1), day_row(3), day_row(5)));
}

void contributions_are_of_a_day_and_a_pseudonym(const Open& open) {
  const std::string_view who("\0who\0", 5);
  EXPECT_EQ(open()->contribution(1, who).value(), 0U);
  open()->set_contribution(1, who, 3).value();
  open()->set_contribution(1, who, 4).value();
  open()->set_contribution(2, who, 9).value();
  EXPECT_EQ(open()->contribution(1, who).value(), 4U);
  EXPECT_EQ(open()->contribution(2, who).value(), 9U);
  EXPECT_EQ(open()->contribution(1, who.substr(0, 4)).value(), 0U);
}

void counts_add_up(const Open& open) {
  open()->add_day(day_row(1), cells).value();
  open()->add_day(day_row(2), cells).value();
  open()->add_counts(1, {2, 5, 2}).value();
  open()->add_counts(1, {2, 3, 1}).value();
  open()->add_counts(1, {0, 1, 1}).value();
  EXPECT_THAT(open()->open_counts(1).value(),
              ElementsAre(CellCounts{0, 1, 1}, CellCounts{1, 0, 0}, CellCounts{2, 8, 3}));
  EXPECT_THAT(open()->open_counts(2).value(),
              ElementsAre(CellCounts{0, 0, 0}, CellCounts{1, 0, 0}, CellCounts{2, 0, 0}));
}

void a_window_is_staged_and_its_counts_are_gone(const Open& open) {
  open()->add_day(day_row(1), cells).value();
  open()->add_counts(1, {0, 4, 2}).value();
  const CellCounts first[] = {{0, 6, -1}, {1, -2, 0}};
  open()->close_window(1, 77, 5, first).value();
  EXPECT_THAT(open()->open_counts(1).value(),
              ElementsAre(CellCounts{0, 0, 0}, CellCounts{1, 0, 0}, CellCounts{2, 0, 0}));
  EXPECT_THAT(open()->staged().value(),
              ElementsAre(StagedWindow{1, 0, 5, {{0, 6, -1}, {1, -2, 0}}}));
  EXPECT_THAT(open()->published(1).value(), IsEmpty());
  DayRow closed = day_row(1);
  closed.windows = 1;
  closed.closed_ns = 77;
  EXPECT_EQ(open()->day(1).value(), closed);
}

void a_window_is_published_once_it_is_in_the_log(const Open& open) {
  open()->add_day(day_row(1), cells).value();
  const CellCounts first[] = {{0, 6, -1}, {1, -2, 0}};
  const CellCounts second[] = {{1, 5, 5}, {0, 1, 4}};
  open()->close_window(1, 77, 5, first).value();
  open()->publish_window(1, 0).value();
  open()->close_window(1, 88, 6, second).value();
  EXPECT_THAT(open()->published(1).value(),
              ElementsAre(CellCounts{0, 6, -1}, CellCounts{1, -2, 0}));
  EXPECT_TRUE(open()->has_window(1, 0).value());
  EXPECT_TRUE(open()->has_window(1, 1).value());
  EXPECT_FALSE(open()->has_window(1, 2).value());
  EXPECT_FALSE(open()->has_window(2, 0).value());
  open()->publish_window(1, 1).value();
  EXPECT_THAT(open()->staged().value(), IsEmpty());
  EXPECT_THAT(open()->published(1).value(), ElementsAre(CellCounts{0, 7, 3}, CellCounts{1, 3, 5}));
}

void with_the_day_goes_what_ties_it_to_people(const Open& open) {
  for (const std::int64_t day : {1, 2}) {
    open()->add_day(day_row(day), cells).value();
    open()->set_contribution(day, "who", 3).value();
    open()->add_counts(day, {0, 3, 1}).value();
    const CellCounts noisy[] = {{0, 9, 9}};
    open()->close_window(day, 77, 5, noisy).value();
    open()->publish_window(day, 0).value();
    open()->add_counts(day, {0, 1, 0}).value();
  }
  open()->finish(1).value();
  const DayRow over = open()->day(1).value().value_or(DayRow{});
  EXPECT_TRUE(over.final);
  EXPECT_EQ(over.key, "");
  EXPECT_EQ(over.windows, 1U);
  EXPECT_EQ(open()->contribution(1, "who").value(), 0U);
  EXPECT_EQ(open()->open_counts(1).value().at(0), CellCounts{});
  EXPECT_THAT(open()->published(1).value(), ElementsAre(CellCounts{0, 9, 9}));
  EXPECT_EQ(open()->contribution(2, "who").value(), 3U);
  EXPECT_EQ(open()->open_counts(2).value().at(0), (CellCounts{0, 1, 0}));
  EXPECT_EQ(open()->day(2).value().value_or(DayRow{}).key, day_row(2).key);
}

void the_ledger_is_kept_in_order(const Open& open) {
  EXPECT_THAT(open()->ledger().value(), IsEmpty());
  for (const std::int64_t day : {1, 2}) open()->add_day(day_row(day), cells).value();
  const LedgerRow charge{9, 2, false, 50'000, 100'000, 17};
  const LedgerRow refusal{8, 1, true, 70'000, 100'000, {}};
  open()->add_to_ledger(charge).value();
  open()->add_to_ledger(refusal).value();
  EXPECT_THAT(open()->ledger().value(), ElementsAre(charge, refusal));
  DayRow charged = day_row(2);
  charged.charged = true;
  EXPECT_EQ(open()->day(2).value(), charged);
  DayRow refused = day_row(1);
  refused.refused = true;
  EXPECT_EQ(open()->day(1).value(), refused);
}

void a_day_knows_what_the_ledger_says_of_it(const Open& open) {
  open()->add_to_ledger({9, 1, false, 50'000, 100'000, {}}).value();
  open()->add_day(day_row(1), cells).value();
  EXPECT_TRUE(open()->day(1).value()->charged);
  EXPECT_FALSE(open()->day(1).value()->refused);
}

void rows_of_the_ledger_get_numbers(const Open& open) {
  const LedgerRow old{9, 2, false, 50'000, 100'000, 17};
  LedgerRow row{9, 1, false, 50'000, 100'000, {}};
  open()->add_to_ledger(old).value();
  open()->add_to_ledger(row).value();
  open()->number_ledger(1, 33).value();
  open()->number_ledger(2, 34).value();
  row.seq = 33;
  EXPECT_THAT(open()->ledger().value(), ElementsAre(old, row));
}

void all_of_it_can_be_forgotten(const Open& open) {
  open()->set_position({3, 3, "x"}).value();
  open()->add_day(day_row(1), cells).value();
  open()->set_contribution(1, "who", 8).value();
  const CellCounts noisy[] = {{0, 8, 8}};
  open()->close_window(1, 99, 5, noisy).value();
  open()->add_to_ledger({9, 1, false, 8, 8, 1}).value();
  open()->clear().value();
  EXPECT_EQ(open()->position().value(), Position{});
  EXPECT_EQ(open()->day(1).value(), std::nullopt);
  EXPECT_THAT(open()->cells(1).value(), IsEmpty());
  EXPECT_EQ(open()->contribution(1, "who").value(), 0U);
  EXPECT_THAT(open()->staged().value(), IsEmpty());
  EXPECT_THAT(open()->ledger().value(), IsEmpty());
}

// One call of each kind that writes.
Done write_everything(UsageRepository& usage) {
  usage.set_position({3, 3, "x"}).value();
  usage.add_day(day_row(3), cells).value();
  usage.set_contribution(1, "who", 8).value();
  usage.add_counts(1, {1, 8, 8}).value();
  const CellCounts noisy[] = {{0, 8, 8}};
  usage.close_window(1, 99, 5, noisy).value();
  usage.publish_window(1, 0).value();
  usage.add_to_ledger({9, 1, false, 8, 8, {}}).value();
  usage.number_ledger(1, 4).value();
  usage.finish(2).value();
  return {};
}

struct Everything {
  Position position;
  std::vector<DayRow> days;
  std::uint64_t contribution = 0;
  std::vector<CellCounts> open, published;
  std::vector<LedgerRow> ledger;
  bool operator==(const Everything&) const = default;
};

Everything everything(UsageRepository& usage) {
  return {usage.position().value(),
          usage.open_days().value(),
          usage.contribution(1, "who").value(),
          usage.open_counts(1).value(),
          usage.published(1).value(),
          usage.ledger().value()};
}

void a_transaction_that_fails_leaves_nothing(const Open& open) {
  for (const std::int64_t day : {1, 2}) open()->add_day(day_row(day), cells).value();
  open()->set_contribution(1, "who", 1).value();
  open()->add_counts(1, {1, 1, 1}).value();
  const auto usage = open();
  const Everything before = everything(*usage);
  const auto failed = usage->transact([&]() -> Done {
    write_everything(*usage).value();
    EXPECT_NE(everything(*usage), before);  // its own writing it sees
    return core::gateway_error(core::ErrorKind::internal, "planted", "");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "planted");
  EXPECT_EQ(everything(*usage), before);
  EXPECT_EQ(everything(*open()), before);
  usage->set_position({1, 1, "afterwards"}).value();  // the failure is over
  EXPECT_EQ(open()->position().value().leaf, "afterwards");
}

void a_transaction_that_ends_stands_whole(const Open& open) {
  for (const std::int64_t day : {1, 2}) open()->add_day(day_row(day), cells).value();
  const auto usage = open();
  int runs = 0;
  usage
      ->transact([&] {
        ++runs;
        return write_everything(*usage);
      })
      .value();
  EXPECT_EQ(runs, 1);
  const Everything now = everything(*open());
  EXPECT_EQ(now.position, (Position{3, 3, "x"}));
  EXPECT_EQ(now.days.size(), 2U);
  EXPECT_EQ(now.contribution, 8U);
  EXPECT_THAT(now.published, ElementsAre(CellCounts{0, 8, 8}));
  EXPECT_EQ(now.ledger.size(), 1U);
}

void transactions_follow_each_other(const Open& open) {
  constexpr std::uint64_t rounds = 25;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([usage = open()] {
      for (std::uint64_t round = 0; round < rounds; ++round) {
        // A failure shows in the sum below.
        std::ignore = usage->transact([&]() -> Done {
          auto position = usage->position();
          if (!position) return position.error();
          std::this_thread::yield();
          ++position->counted;
          return usage->set_position(*position);
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(open()->position().value().counted, 3 * rounds);
}

const Rule rules[] = {
    {"ThePositionIsKept", the_position_is_kept},
    {"ADayIsKept", a_day_is_kept},
    {"ADaysParametersStand", a_days_parameters_stand},
    {"OpenDaysAscend", open_days_ascend},
    {"ContributionsAreOfADayAndAPseudonym", contributions_are_of_a_day_and_a_pseudonym},
    {"CountsAddUp", counts_add_up},
    {"AWindowIsStagedAndItsCountsAreGone", a_window_is_staged_and_its_counts_are_gone},
    {"AWindowIsPublishedOnceItIsInTheLog", a_window_is_published_once_it_is_in_the_log},
    {"WithTheDayGoesWhatTiesItToPeople", with_the_day_goes_what_ties_it_to_people},
    {"TheLedgerIsKeptInOrder", the_ledger_is_kept_in_order},
    {"ADayKnowsWhatTheLedgerSaysOfIt", a_day_knows_what_the_ledger_says_of_it},
    {"RowsOfTheLedgerGetNumbers", rows_of_the_ledger_get_numbers},
    {"AllOfItCanBeForgotten", all_of_it_can_be_forgotten},
    {"ATransactionThatFailsLeavesNothing", a_transaction_that_fails_leaves_nothing},
    {"ATransactionThatEndsStandsWhole", a_transaction_that_ends_stands_whole},
    {"TransactionsFollowEachOther", transactions_follow_each_other},
};

Open usage_files(const store::testing::TemporaryDirectory& dir) {
  return [&dir] { return open_usage_file(dir.path()).value(); };
}

template <class Broken>
Open broken(const store::testing::TemporaryDirectory& dir) {
  return [&dir] { return std::make_unique<Broken>(open_usage_file(dir.path()).value()); };
}

struct Planted {
  const char* rule;  // that must notice
  Open (*open)(const store::testing::TemporaryDirectory& dir);
};

const Planted planted[] = {
    {"ThePositionIsKept", broken<CutsLeavesAtZeros>},
    {"ADayIsKept", broken<CutsKeysAtZeros>},
    {"ADaysParametersStand", broken<ChangesParametersUnderADay>},
    {"OpenDaysAscend", broken<NeverCallsADayFinal>},
    {"ContributionsAreOfADayAndAPseudonym", broken<MixesDaysUp>},
    {"CountsAddUp", broken<CountsOverCounts>},
    {"AWindowIsStagedAndItsCountsAreGone", broken<KeepsTrueCounts>},
    {"AWindowIsStagedAndItsCountsAreGone", broken<PublishesWhatIsStaged>},
    {"AWindowIsPublishedOnceItIsInTheLog", broken<ForgetsWhatIsPublished>},
    {"WithTheDayGoesWhatTiesItToPeople", broken<KeepsContributions>},
    {"TheLedgerIsKeptInOrder", broken<ChargesWhatWasRefused>},
    {"ADayKnowsWhatTheLedgerSaysOfIt", broken<RefusesWhatWasCharged>},
    {"RowsOfTheLedgerGetNumbers", broken<NumbersNothing>},
    {"AllOfItCanBeForgotten", broken<KeepsTheLedger>},
    {"ATransactionThatFailsLeavesNothing", broken<RunsWithoutATransaction>},
    {"ATransactionThatFailsLeavesNothing", broken<SwallowsErrors>},
    {"ATransactionThatEndsStandsWhole", broken<RollsEverythingBack>},
    {"ATransactionThatEndsStandsWhole", broken<RunsTwice>},
    {"TransactionsFollowEachOther", broken<RollsEverythingBack>},
};

class UsageContract : public ::testing::TestWithParam<Rule> {
 protected:
  store::testing::TemporaryDirectory dir_;
};

TEST_P(UsageContract, TheUsageFileKeepsIt) { check(GetParam(), usage_files(dir_)); }

TEST_P(UsageContract, NoticesWhoBreaksIt) {
  int breaking = 0;
  for (const Planted& each : planted) {
    if (std::string_view(each.rule) != GetParam().name) continue;
    ++breaking;
    const store::testing::TemporaryDirectory dir;
    EXPECT_GT(failures_of(GetParam(), each.open(dir)), 0) << "planted " << breaking;
  }
  EXPECT_GT(breaking, 0) << "nothing is planted against this rule";
}

TEST_P(UsageContract, FindsNoFaultWithTheFaithful) {
  EXPECT_EQ(failures_of(GetParam(), broken<Faithful>(dir_)), 0);
}

INSTANTIATE_TEST_SUITE_P(Rules, UsageContract, ::testing::ValuesIn(rules),
                         [](const auto& rule) { return std::string(rule.param.name); });

}  // namespace
}  // namespace menshen::audit::dp
