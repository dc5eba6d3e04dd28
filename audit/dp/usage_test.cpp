// What is counted, of whom, and that each request is counted once whatever fails.
#include "audit/dp/usage.h"

#include "audit/dp/usage_testing.h"
#include "audit/joined.h"
#include "store/sqlite.h"
#include "store/testing/fault_vfs.h"

#include <filesystem>
#include <map>

namespace menshen::audit::dp {
namespace {

using namespace testing;

TEST_F(Usage, CountsRequestsAndUsersPerCell) {
  add({request("alice", 1), request("alice", 2), request("bob", 3),
       request("carol", 4, "legal", "glm"), request("dave", 4, "visitors", "glm"),
       request("alice", 5, "legal", "glm")});
  const Report r = report_at(day_zero, 10);
  ASSERT_EQ(r.days.size(), 1U);
  const DayFigures& day = r.days[0];
  EXPECT_EQ(day.day, "2026-09-04");
  EXPECT_FALSE(day.final);
  ASSERT_EQ(day.figures.size(), 1U + 3 + 3 + 9);  // zeros too, and (other)
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 3);
  EXPECT_EQ(figure(day, {"finance", "qwen"}).users, 2);
  EXPECT_EQ(figure(day, {"legal", "glm"}).requests, 2);
  EXPECT_EQ(figure(day, {"legal", "glm"}).users, 1);  // alice was counted where she came first
  EXPECT_EQ(figure(day, {"legal", "qwen"}).requests, 0);
  EXPECT_EQ(figure(day, {"(other)", "glm"}).requests, 1);
  EXPECT_EQ(figure(day, {"(other)", "(other)"}).requests, 0);
}

TEST_F(Usage, TotalsGroupsAndModelsHaveFiguresOfTheirOwn) {
  add({request("alice", 1), request("alice", 2, "finance", "glm"), request("bob", 3),
       request("carol", 4, "legal", "glm"), request("dave", 4, "visitors", "elsewhere")});
  const DayFigures day = report_at(day_zero, 10).days[0];
  const auto counted = [&](const char* group, const char* model) {
    const Figure each = figure(day, {group, model});
    return std::pair(each.requests, each.users);
  };
  using Counts = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(counted(all_name, all_name), Counts(5, 4));
  EXPECT_EQ(counted("finance", all_name), Counts(3, 2));
  EXPECT_EQ(counted("legal", all_name), Counts(1, 1));
  EXPECT_EQ(counted(other_name, all_name), Counts(1, 1));
  EXPECT_EQ(counted(all_name, "qwen"), Counts(2, 2));
  EXPECT_EQ(counted(all_name, "glm"), Counts(2, 1));  // alice began with the other one
  EXPECT_EQ(counted(all_name, other_name), Counts(1, 1));
  EXPECT_EQ(counted(other_name, other_name), Counts(1, 1));
}

// Nobody counts under a name that means something else here.
TEST_F(Usage, NamesOfTablesAreNoNames) {
  options.groups.push_back(all_name);
  options.models.push_back(other_name);
  add({request("alice", 1, all_name, all_name), request("bob", 1, other_name, other_name)});
  const DayFigures day = report_at(day_zero, 10).days[0];
  EXPECT_EQ(day.figures.size(), 1U + 3 + 3 + 9);
  EXPECT_EQ(figure(day, {all_name, all_name}).requests, 2);
  EXPECT_EQ(figure(day, {other_name, other_name}).requests, 2);
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

// Whether the intent was read together with the outcome or long before.
TEST_F(Usage, CountsByWhatOutcomesLeaveToTheirIntents) {
  std::vector<Record> intents;
  for (int i = 0; i < 1'500; ++i) {
    intents.push_back(request("user-" + std::to_string(i % 3), 1, "legal", "glm"));
    intents.back().type = RecordType::intent;
    intents.back().status = 0;
  }
  const auto seqs = append_all(journal(), intents);
  std::vector<Record> outcomes;
  for (const std::size_t i : {0U, 3U, 4U, 1'499U}) {
    outcomes.push_back(intents[i]);
    outcomes.back().type = RecordType::outcome;
    outcomes.back().status = 200;
    refer(outcomes.back(), seqs[i].value(), intents[i]);
    EXPECT_EQ(canonical(outcomes.back(), 0).find("legal"), std::string::npos);
  }
  add(outcomes);
  const auto counted = figure(report_at(day_zero, 10).days[0], {"legal", "glm"});
  EXPECT_EQ(counted.requests, 4);
  EXPECT_EQ(counted.users, 3);
}

TEST_F(Usage, AnOutcomeThatRefersToNoIntentOfItsOwnIsNotGuessed) {
  Record intent = request("alice", 1);
  intent.type = RecordType::intent;
  const std::uint64_t seq = append_all(journal(), {intent}).front().value();
  Record outcome = request("alice", 1);  // of another exchange
  outcome.intent = seq;
  outcome.subject.clear();
  add(outcome);
  clock.set(day_zero, 10);
  EXPECT_EQ(refusal_of_tick(), "privacy_log_changed");
}

// As no gateway writes it.
TEST_F(Usage, AnIntentBehindItsOutcomeIsNotItsOwn) {
  Record meant = request("alice", 1);
  Record answered = meant;
  meant.type = RecordType::intent;
  answered.subject.clear();
  Record other = meant;
  other.exchange = "another";
  answered.intent = append_all(journal(), {other}).front().value() + 2;
  append_all(journal(), {answered, meant});
  clock.set(day_zero, 10);
  EXPECT_EQ(refusal_of_tick(), "privacy_log_changed");
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
    if (query.day == day_zero && query.cell == 0) total[query.metric] += count;
  }
  EXPECT_EQ(total[Metric::requests], 50);
  EXPECT_EQ(total[Metric::users], 1);
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
  EXPECT_EQ(open("SELECT min(length(key)) FROM days"), 32);
  EXPECT_EQ(read_text(dir.path() / "dp.db").find("alice"), std::string::npos);
  tick_at(day_zero + 1, 1);
  EXPECT_EQ(open("SELECT count(*) FROM contributions"), 0);
  EXPECT_EQ(open("SELECT length(key) FROM days WHERE final = 1"), 0);
}

TEST_F(Usage, AQuestionBeginsNoStore) {
  const TemporaryDirectory empty;
  EXPECT_EQ(ledger(empty.path(), options).error().code, "no_audit_log");
  EXPECT_EQ(report(empty.path(), options, clock).error().code, "no_audit_log");
  EXPECT_TRUE(std::filesystem::is_empty(empty.path()));
}

TEST_F(Usage, AnotherLogIsNotCounted) {
  add(request("alice", 1));
  report_at(day_zero, 2);
  stop();
  for (const char* name :
       {"segment.0", "segment.1", "log", "heads", "audit.key", "audit.vkey", "commitment.key"}) {
    std::filesystem::remove_all(dir.path() / name);
  }
  clock.set(day_zero, 3);
  EXPECT_EQ(report(dir.path(), options, clock).error().code, "no_audit_log");
  // A journal does not begin a log beside counts of another one: somebody puts one there.
  std::filesystem::rename(dir.path() / "dp.db", dir.path() / "aside");
  open_journal(dir.path());
  std::filesystem::rename(dir.path() / "aside", dir.path() / "dp.db");
  add(event(RecordType::start, day_zero, 3));
  EXPECT_EQ(report(dir.path(), options, clock)->refusal->code, "privacy_log_changed");
  EXPECT_EQ(refusal_of_tick(), "privacy_log_changed");
  add({event(RecordType::start, day_zero, 3), request("bob", 3), request("bob", 3)});
  EXPECT_EQ(refusal_of_tick(), "privacy_log_changed");
  EXPECT_EQ(report(dir.path(), options, clock)->refusal->code, "privacy_log_changed");
}

// A failing disk at every operation of a release: afterwards each request has been counted once,
// and the day has cost once.
TEST_F(Usage, CountsEachRequestOnceWhateverFails) {
  std::vector<Record> records;
  for (int i = 0; i < 30; ++i) records.push_back(request("user" + std::to_string(i % 5), 1));
  add(records);
  stop();
  const TemporaryDirectory pristine;
  std::filesystem::copy(dir.path(), pristine.path() / "var",
                        std::filesystem::copy_options::recursive);
  const auto var = pristine.path() / "copy";
  const auto run_once = [&]() -> core::Result<Tick> {
    auto own = Journal::open({.directory = var, .commit_timeout_ms = 60'000}, core::system_clock());
    if (!own) return own.error();
    return Releases(**own, clock, clock.now_ns).tick(var, options);
  };
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
      failures += run_once() ? 0 : 1;
      clean = !vfs.hit();
      if (k % 2 == 1 && vfs.hit()) vfs.restore_after_power_cut(k);
    }
    clock.set(day_zero + 1, 1);
    const auto after = run_once();
    ASSERT_TRUE(after) << core::to_string(after.error());
    const auto shown = report(var, options, clock);
    ASSERT_TRUE(shown && !shown->refusal);
    EXPECT_EQ(figure(shown->days[0], {"finance", "qwen"}).requests, 30);
    EXPECT_EQ(figure(shown->days[0], {"finance", "qwen"}).users, 5);
    EXPECT_NEAR(shown->statement.rho_spent, 0.10, 1e-9);
    if (HasFailure()) return;
  }
  EXPECT_TRUE(clean);
  EXPECT_GT(failures, 20);
}

}  // namespace
}  // namespace menshen::audit::dp
