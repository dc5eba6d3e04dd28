// What is remembered of answers: by subject, within bounds, for a time.
#include "proxy/pipeline/seen_values.h"

#include "core/limits.h"
#include "proxy/pipeline/gateway_fakes.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace menshen::pipeline {
namespace {

core::Subject user(std::string id) { return {std::move(id), core::SubjectKind::user, {}}; }

class SeenValuesTest : public ::testing::Test {
 protected:
  SeenValues make(std::size_t values_max, std::size_t subject_values_max) {
    return SeenValues({.values_max = values_max,
                       .subject_values_max = subject_values_max,
                       .lifetime_ns = 1'000'000'000,
                       .parts = 1},
                      clock_);
  }
  void give(SeenValues& seen, const std::string& subject, const std::string& value) {
    ++clock_.now;
    const core::Digest digest = core::sha256(value);
    seen.remember(user(subject), {&digest, 1});
  }
  static bool knows(const SeenValues& seen, const std::string& subject, const std::string& value) {
    return seen.knows(user(subject), core::sha256(value));
  }

  testing::MovingClock clock_;
};

TEST_F(SeenValuesTest, AreKnownToTheirSubjectAlone) {
  SeenValues seen = make(10, 10);
  give(seen, "alice", "gAAA");
  EXPECT_TRUE(knows(seen, "alice", "gAAA"));
  EXPECT_FALSE(knows(seen, "alice", "gAAB"));
  EXPECT_FALSE(knows(seen, "bob", "gAAA"));
  // A service of the same name is another subject.
  EXPECT_FALSE(seen.knows({"alice", core::SubjectKind::service, {}}, core::sha256("gAAA")));
  EXPECT_FALSE(knows(make(10, 10), "alice", "gAAA"));
}

TEST_F(SeenValuesTest, OfOneSubjectHaveABound) {
  SeenValues seen = make(100, 3);  // seen_subject_values_max
  for (const char* value : {"1", "2", "3"}) give(seen, "alice", value);
  EXPECT_TRUE(knows(seen, "alice", "1"));
  give(seen, "alice", "1");  // given again: the newest now
  give(seen, "alice", "4");
  EXPECT_FALSE(knows(seen, "alice", "2"));
  for (const char* value : {"1", "3", "4"}) EXPECT_TRUE(knows(seen, "alice", value)) << value;
  EXPECT_EQ(seen.stats().values, 3U);
  EXPECT_EQ(seen.stats().displaced, 1U);
}

TEST_F(SeenValuesTest, OfAllSubjectsHaveABound) {
  SeenValues seen = make(4, 4);  // seen_values_max
  for (const char* value : {"1", "2", "3"}) give(seen, "greedy", value);
  give(seen, "alice", "a");
  EXPECT_TRUE(knows(seen, "greedy", "1"));
  give(seen, "bob", "b");
  EXPECT_FALSE(knows(seen, "greedy", "1"));
  EXPECT_TRUE(knows(seen, "greedy", "2"));
  EXPECT_EQ(seen.stats().values, 4U);
  EXPECT_EQ(seen.stats().crowded_out, 1U);
}

TEST_F(SeenValuesTest, AreNotLostToASubjectThatHasMore) {
  SeenValues seen = make(4, 4);
  give(seen, "alice", "a");
  for (int i = 0; i < 100; ++i) give(seen, "greedy", std::to_string(i));
  EXPECT_TRUE(knows(seen, "alice", "a"));
  for (int i = 97; i < 100; ++i) EXPECT_TRUE(knows(seen, "greedy", std::to_string(i)));
  // Nor to one that comes to have as many.
  give(seen, "bob", "b");
  give(seen, "bob", "c");
  give(seen, "bob", "d");
  EXPECT_TRUE(knows(seen, "alice", "a"));
  EXPECT_TRUE(knows(seen, "greedy", "99"));
  EXPECT_FALSE(knows(seen, "bob", "b"));
  EXPECT_EQ(seen.stats().values, 4U);
}

TEST_F(SeenValuesTest, AreKnownForATime) {
  SeenValues seen = make(10, 10);
  give(seen, "alice", "1");
  give(seen, "bob", "2");
  clock_.now += 999'999'999;  // seen_lifetime_ms
  EXPECT_TRUE(knows(seen, "alice", "1"));
  ++clock_.now;
  EXPECT_FALSE(knows(seen, "alice", "1"));
  EXPECT_TRUE(knows(seen, "bob", "2"));
  ++clock_.now;
  EXPECT_FALSE(knows(seen, "bob", "2"));
  EXPECT_EQ(seen.stats().values, 2U);
  give(seen, "carol", "3");  // makes room
  EXPECT_EQ(seen.stats().values, 1U);
  EXPECT_EQ(seen.stats().aged, 2U);
}

TEST_F(SeenValuesTest, AreSpreadOverParts) {
  SeenValues seen({.values_max = 4096, .subject_values_max = 100, .lifetime_ns = 1'000'000'000'000},
                  clock_);
  for (int i = 0; i < 200; ++i) give(seen, "user " + std::to_string(i), "value");
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(knows(seen, "user " + std::to_string(i), "value"));
  EXPECT_EQ(seen.stats().values, 200U);
}

TEST_F(SeenValuesTest, MayBeAskedByManyThreads) {
  SeenValues seen({.values_max = 1024, .subject_values_max = 50, .lifetime_ns = 1'000'000'000},
                  clock_);
  const auto work = [&](const std::string& name) {
    for (int i = 0; i < 500; ++i) {
      const core::Digest value = core::sha256(std::to_string(i));
      for (const std::string& subject : {name, std::string("shared")}) {
        seen.remember(user(subject), {&value, 1});
        EXPECT_TRUE(seen.knows(user(subject), value) || subject == "shared");
      }
      (void)seen.stats();
    }
  };
  std::thread other(work, "alice");
  work("bob");
  other.join();
  EXPECT_LE(seen.stats().values, 150U);
}

TEST(AnswerValuesTest, AreWholeOnesHoweverTheyCome) {
  AnswerValues values;
  values.add("gAAA", 0);
  values.add("Er", 1);
  values.add("Em", 2);
  values.add("UB", 1);
  values.add("wK", 2);
  const auto digests = values.finish();
  const auto has = [&](std::string_view text) {
    return std::ranges::find(digests, core::sha256(text)) != digests.end();
  };
  EXPECT_EQ(digests.size(), 3U);
  for (const char* whole : {"gAAA", "ErUB", "EmwK"}) EXPECT_TRUE(has(whole)) << whole;
}

TEST(AnswerValuesTest, HaveABound) {
  AnswerValues values;
  for (std::size_t i = 0; i + 1 < core::answer_seen_values_max; ++i) {
    values.add(std::to_string(i), i % 2 == 0 ? 0 : static_cast<std::uint32_t>(i));
  }
  values.add("at the bound", 0);
  values.add("past it", 0);
  values.add("past it, in pieces", 77'777);
  values.add(" goes on", 1);
  const auto digests = values.finish();
  EXPECT_EQ(digests.size(), core::answer_seen_values_max);
  const auto has = [&](std::string_view text) {
    return std::ranges::find(digests, core::sha256(text)) != digests.end();
  };
  EXPECT_TRUE(has("at the bound"));
  EXPECT_TRUE(has("1 goes on"));
  EXPECT_FALSE(has("past it"));
}

}  // namespace
}  // namespace menshen::pipeline
