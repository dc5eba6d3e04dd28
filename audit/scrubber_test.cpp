// What a running gateway finds when it reads its own log again.
#include "audit/scrubber.h"

#include "audit/scrubber_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Damage {
  fs::path file;
  std::string kind;
  std::string place;
};

TEST(Scrubber, TellsOnceWhatWasChangedAndWhereAndThatItWasMended) {
  TemporaryDirectory dir;
  keep_text(dir.path());
  append_all(*open_journal(dir.path()), {of_policy(RecordType::start)});
  fill(*open_journal(dir.path()), 300);  // its last head covers all that is damaged
  Scrubbed gateway(dir.path());
  fill(gateway.journal(), 300, 300);
  gateway.reach(1'024);
  const Damage all[] = {
      {dir.path() / "log" / bundle_path(1), "altered: ", "Record 3"},
      {dir.path() / "log" / tile_path(0, 1), "stored_hash: ", "record 384"},
      {policy_file(dir.path()), "text_altered: ", hash_of(policy_text)},
      {configuration_file(dir.path()), "text_altered: ", hash_of(configuration_text)},
  };
  std::size_t told = 0;
  for (const Damage& damage : all) {
    SCOPED_TRACE(damage.file.string());
    const std::string good = read_text(damage.file);
    flip(damage.file);
    gateway.whole_walk();
    gateway.whole_walk();
    ASSERT_EQ(gateway.told().size(), ++told);
    EXPECT_THAT(gateway.told().back(), AllOf(HasSubstr(damage.kind), HasSubstr(damage.place)));
    EXPECT_EQ(gateway.scrubber().stats().problems, 1U);
    EXPECT_EQ(gateway.scrubber().stats().problem, gateway.told().back());
    put(damage.file, good);
    gateway.whole_walk();
    gateway.whole_walk();
    ASSERT_EQ(gateway.told().size(), ++told);
    EXPECT_EQ(gateway.told().back(), "intact");
    EXPECT_EQ(gateway.scrubber().stats().problems, 0U);
    EXPECT_EQ(gateway.scrubber().stats().problem, "");
  }
  // The log itself can be written all the while.
  EXPECT_TRUE(gateway.journal().stats().healthy);
  fill(gateway.journal(), 1, 600);
}

TEST(Scrubber, TellsOfFilesThatAreGone) {
  TemporaryDirectory dir;
  keep_text(dir.path());
  Scrubbed gateway(dir.path());
  append_all(gateway.journal(), {of_policy(RecordType::start)});
  fill(gateway.journal(), 300);
  gateway.reach(512);
  fs::remove(dir.path() / "log" / bundle_path(1));
  fs::remove(policy_file(dir.path()));
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), ElementsAre(HasSubstr("text_missing: Record 0"),
                                          HasSubstr("missing: Records 256 to 511")));
}

TEST(Scrubber, AnotherHistoryOfTheSameKeyIsFound) {
  TemporaryDirectory dir;
  const fs::path other = dir.path() / "other";
  (void)open_journal(dir.path() / "var");
  fs::copy(dir.path() / "var", other, fs::copy_options::recursive);
  fill(*open_journal(other), 300, 1'000);
  // A head over records that will stand in bundles is known from the start.
  fill(*open_journal(dir.path() / "var"), 1, 5'000);
  Scrubbed gateway(dir.path() / "var");
  fill(gateway.journal(), 300);
  gateway.reach(512);
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), IsEmpty());
  for (const char* name : {"log/tile", "heads"}) {
    fs::remove_all(dir.path() / "var" / name);
    fs::copy(other / name, dir.path() / "var" / name, fs::copy_options::recursive);
  }
  ASSERT_TRUE(verify(other)->ok());
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), Not(IsEmpty()));
}

// Where no life of a gateway is as long as a walk, the end of the log is read as well.
TEST(Scrubber, AStartBeginsAtSomeBundle) {
  TemporaryDirectory dir;
  fill(*open_journal(dir.path()), 600);
  fill(*open_journal(dir.path()), 100, 600);  // a head over 1,200 stands within the last bundle
  const fs::path last = dir.path() / "log" / bundle_path(4);
  const std::string good = read_text(last);
  flip(last);
  {
    Reading reading(dir.path(), 1, [](std::uint64_t bundles) { return bundles - 1; });
    reading.begin(dir.path(), 1'280);
    while (reading.told().empty()) std::this_thread::yield();
    EXPECT_THAT(reading.told(), ElementsAre(AllOf(HasSubstr("altered: "), HasSubstr("Record 1"))));
    EXPECT_EQ(reading.scrubber().stats().walks, 0U);
  }
  put(last, good);
  // Wherever it begins, it wants nothing that stands before.
  for (std::uint64_t first = 0; first < 5; ++first) {
    Reading reading(dir.path(), core::gib, [&](std::uint64_t count) {
      EXPECT_EQ(count, 5U);
      return first;
    });
    reading.begin(dir.path(), 1'280);
    reading.whole_walk();
    EXPECT_THAT(reading.told(), IsEmpty()) << first;
  }
  std::set<std::uint64_t> bundles;
  for (int i = 0; i < 1'000; ++i) bundles.insert(Scrubber::draw(5));
  EXPECT_THAT(bundles, ElementsAre(0, 1, 2, 3, 4));
}

// The tiles before it are proven by the next head.
TEST(Scrubber, WhatStandsBeforeItsBeginIsHeldToTheHeads) {
  TemporaryDirectory dir;
  fill(*open_journal(dir.path()), 600);
  fill(*open_journal(dir.path()), 100, 600);
  const fs::path tile = dir.path() / "log" / tile_path(0, 1);
  std::string hashes = read_text(tile);
  hashes[5] ^= 1;
  put(tile, hashes);
  Reading reading(dir.path(), core::gib, [](std::uint64_t) { return 3; });
  reading.begin(dir.path(), 1'280);
  while (reading.told().empty()) std::this_thread::yield();
  EXPECT_THAT(reading.told().front(), AllOf(HasSubstr("head_root: "), HasSubstr("Records 0 to")));
}

TEST(Scrubber, OfManyProblemsSomeAreToldAndTheNumberOfTheRest) {
  TemporaryDirectory dir;
  Scrubbed gateway(dir.path());
  fill(gateway.journal(), 200);
  gateway.reach(256);
  put(dir.path() / "log" / tile_path(0, 0), std::string(tile_width * sizeof(Hash), '\0'));
  gateway.whole_walk();
  gateway.whole_walk();
  ASSERT_EQ(gateway.told().size(), problems_told_max + 1);
  EXPECT_THAT(gateway.told().back(), HasSubstr("and 240 problems more"));
  EXPECT_EQ(gateway.scrubber().stats().problems, 256U);
}

TEST(Scrubber, AGatewayThatWritesIsNoProblem) {
  TemporaryDirectory dir;
  Scrubbed gateway(dir.path());
  std::atomic<bool> written = false;
  const std::jthread writer([&] {
    for (int i = 0; i < 1'000; i += 20) fill(gateway.journal(), 20, i);
    written = true;
  });
  while (!written) {
    const auto report = verify(dir.path());
    ASSERT_TRUE(report && report->ok()) << to_text(*report);
  }
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), IsEmpty());
}

TEST(Scrubber, EndsWhileItWaits) {
  TemporaryDirectory dir;
  Scrubbed gateway(dir.path(), 1);
  fill(gateway.journal(), 300);
  EXPECT_EQ(gateway.scrubber().stats().walks, 0U);
}

TEST(Scrubber, ReadsNoFasterThanItMay) {
  const std::uint64_t limit = core::Limits{}.scrub_bytes_per_second;
  SetClock clock;
  Pace pace(limit, clock);
  EXPECT_EQ(pace.after(limit), std::chrono::seconds(1));
  clock.now_ns += 1'000'000'000;
  EXPECT_GT(pace.after(limit + limit / 1'000), std::chrono::seconds(1));
  // Who has not waited waits for both.
  EXPECT_GT(pace.after(limit), std::chrono::seconds(2));
  // Nothing is saved up.
  clock.now_ns += 60'000'000'000;
  EXPECT_EQ(pace.after(limit), std::chrono::seconds(1));
}

}  // namespace
}  // namespace menshen::audit
