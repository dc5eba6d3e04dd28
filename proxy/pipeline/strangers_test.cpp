#include "proxy/pipeline/strangers.h"

#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

namespace menshen::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using namespace testing;

class StandingClock final : public core::Clock {
 public:
  std::int64_t wall = 1'000'000'000;
  [[nodiscard]] std::int64_t wall_ns() const noexcept override { return wall; }
  [[nodiscard]] std::int64_t monotonic_ns() const noexcept override { return wall; }
};

class StrangersTest : public ::testing::Test {
 protected:
  void refuse(const std::string& client, const std::string& error) {
    audit::Record record;
    record.client = client;
    record.error = error;
    strangers_.refused(record);
  }

  Log log_;
  FakeJournal journal_{log_};
  StandingClock clock_;
  Strangers strangers_{journal_, clock_, {.interval = std::chrono::hours(1), .sources_max = 3}};
};

TEST_F(StrangersTest, AreSummedBySourceAndError) {
  for (int i = 0; i < 4'500; ++i) refuse("aa", "invalid_api_key");
  clock_.wall += 2'000'000'000;
  refuse("aa", "unknown_path");
  refuse("bb", "invalid_api_key");
  EXPECT_THAT(journal_.records, IsEmpty());
  strangers_.flush();
  ASSERT_EQ(journal_.records.size(), 2U);
  const audit::Record& first = journal_.records[0];
  EXPECT_EQ(first.type, audit::RecordType::refusals);
  EXPECT_EQ(first.client, "aa");
  EXPECT_THAT(first.refusals,
              ElementsAre(Pair("invalid_api_key", 4'500U), Pair("unknown_path", 1U)));
  EXPECT_EQ(first.wall_ns, clock_.wall);
  EXPECT_EQ(first.duration_us, 2'000'000);
  EXPECT_EQ(journal_.records[1].duration_us, 0);
  strangers_.flush();
  EXPECT_EQ(journal_.records.size(), 2U);
}

TEST_F(StrangersTest, CauseAtMostSoManyRecordsHoweverManySourcesThereAre) {
  for (int i = 0; i < 3; ++i) refuse("source " + std::to_string(i), "invalid_api_key");
  strangers_.flush();
  EXPECT_EQ(journal_.records.size(), 3U);  // at the bound
  journal_.records.clear();
  for (int i = 0; i < 1'000; ++i) refuse("source " + std::to_string(i), "invalid_api_key");
  strangers_.flush();
  ASSERT_EQ(journal_.records.size(), 4U);
  std::uint32_t sum = 0;
  for (const audit::Record& record : journal_.records) sum += record.refusals.at("invalid_api_key");
  EXPECT_EQ(sum, 1'000U);
  EXPECT_EQ(journal_.records[0].client, "(others)");
  EXPECT_EQ(journal_.records[0].refusals.at("invalid_api_key"), 997U);
}

TEST_F(StrangersTest, CauseAtMost65RecordsIn10SecondsByDefault) {
  Log log;
  FakeJournal journal(log);
  {
    Strangers strangers(journal, clock_);
    audit::Record record;
    record.error = "invalid_api_key";
    for (int i = 0; i < 1'000; ++i) {
      record.client = std::to_string(i);
      strangers.refused(record);
    }
  }
  EXPECT_EQ(journal.records.size(), 65U);
  EXPECT_EQ(Strangers::Options{}.interval, std::chrono::seconds(10));
}

TEST_F(StrangersTest, AreCountedOnWhenTheLogCannotBeWritten) {
  journal_.fail_outcomes = true;
  refuse("aa", "invalid_api_key");
  strangers_.flush();
  EXPECT_THAT(journal_.records, IsEmpty());
  clock_.wall += 1'000'000;
  refuse("aa", "invalid_api_key");
  journal_.fail_outcomes = false;
  strangers_.flush();
  ASSERT_EQ(journal_.records.size(), 1U);
  EXPECT_EQ(journal_.records[0].refusals.at("invalid_api_key"), 2U);
  EXPECT_EQ(journal_.records[0].duration_us, 1'000);
}

TEST(Strangers, AreWrittenByTheirOwnThreadAndAtTheEnd) {
  Log log;
  FakeJournal journal(log);
  audit::Record record;
  record.client = "aa";
  record.error = "invalid_api_key";
  {
    Strangers strangers(journal, core::system_clock(), {.interval = std::chrono::milliseconds(1)});
    strangers.refused(record);
  }
  ASSERT_EQ(journal.records.size(), 1U);
  {
    Strangers strangers(journal, core::system_clock(), {.interval = std::chrono::hours(1)});
    strangers.refused(record);
  }
  EXPECT_EQ(journal.records.size(), 2U);
}

TEST_F(GatewayTest, NothingThatAStrangerWritesStandsInTheLog) {
  const std::string word = "13800138000";
  ask(chat("Hi"), "/v1/" + word, "GET", word);
  ask(chat("Hi"), "/v1/chat/completions?x=" + word, "POST", word);
  ask(chat("Hi"), "/v1/models/" + word, "GET", word);
  ask(chat("Hi"), "/v1/chat/completions", "M" + word, word);
  ask(chat("Hi"), "/v1/chat/completions", "POST", word);
  EXPECT_THAT(log_, ElementsAre("send", "send", "send", "send", "send"));
  strangers_->flush();
  ASSERT_EQ(journal_.records.size(), 1U);
  EXPECT_THAT(audit::canonical(outcome(), 0), Not(HasSubstr(word)));
  EXPECT_THAT(outcome().client, ::testing::SizeIs(16));
  std::uint32_t sum = 0;
  for (const auto& [error, count] : outcome().refusals) sum += count;
  EXPECT_EQ(sum, 5U);
  EXPECT_THAT(observer_.seen, Not(HasSubstr(word)));
}

}  // namespace
}  // namespace menshen::pipeline
