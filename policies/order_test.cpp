// Law 10: decisions are those of the definition, and the order of rules decides nothing.
#include "policies/random_set.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace menshen::policies {
namespace {

using testing::RandomFacts;
using testing::RandomRule;
using testing::RandomSet;

class RandomSets : public ::testing::TestWithParam<unsigned> {
 protected:
  std::mt19937 random_{GetParam()};
  testing::Draw draw_ = [this](std::size_t n) { return random_() % n; };
};

std::shared_ptr<const PolicySet> load(const RandomSet& set) {
  const auto loaded = testing::parse(testing::yaml_of(set));
  EXPECT_TRUE(loaded.set) << testing::listed(loaded) << testing::yaml_of(set);
  return loaded.set;
}

TEST_P(RandomSets, DecideByDefinition) {
  int allowed = 0;
  int denied = 0;
  for (int round = 0; round < 40; ++round) {
    const RandomSet drawn = testing::random_set(draw_, 12);
    const auto set = load(drawn);
    ASSERT_TRUE(set);
    for (int i = 0; i < 20; ++i) {
      const RandomFacts f = testing::random_facts(draw_);
      const bool expected = access_by_definition(drawn, f);
      (expected ? allowed : denied) += 1;
      ASSERT_EQ(set->access(f.facts()).allowed, expected) << testing::yaml_of(drawn);
    }
  }
  EXPECT_GT(allowed, 50);
  EXPECT_GT(denied, 50);
}

TEST_P(RandomSets, TakeTheStrongestActionByDefinition) {
  std::array<int, 9> seen{};
  for (int round = 0; round < 40; ++round) {
    const RandomSet drawn = testing::random_set(draw_, 12);
    const auto set = load(drawn);
    ASSERT_TRUE(set);
    const RandomFacts f = testing::random_facts(draw_);
    for (const auto direction : {core::Direction::request, core::Direction::response}) {
      const ContentPlan plan = set->content(f.facts(), direction);
      for (const core::FindingType* type : testing::types) {
        for (const int percent : {0, 25, 49, 50, 51, 75, 100}) {
          const int expected =
              strength_by_definition(drawn, f, direction, [&](const RandomRule& rule) {
                return percent >= rule.confidence_percent &&
                       std::ranges::find(rule.types, type) != rule.types.end();
              });
          const auto found = testing::finding(*type, static_cast<float>(percent * 0.01));
          seen[static_cast<std::size_t>(expected + 1)] += 1;
          ASSERT_EQ(testing::strength_of(plan.decide(found, nullptr)), expected)
              << testing::yaml_of(drawn);
        }
      }
      for (const core::OpaqueKind kind : core::all_opaque_kinds) {
        const int expected = strength_by_definition(
            drawn, f, direction, [&](const RandomRule& rule) { return rule.opaque.has(kind); });
        const Verdict verdict = plan.decide(kind, Stands::anywhere, nullptr);
        ASSERT_EQ(testing::strength_of(verdict), expected) << testing::yaml_of(drawn);
        if (expected < 0) {
          ASSERT_EQ(verdict.action, core::Action::deny);
        }
      }
      const bool is_asked = std::ranges::any_of(drawn.content, [&](const RandomRule& rule) {
        return rule.toxicity_above_percent && applies(rule, f, direction);
      });
      ASSERT_EQ(plan.scores_asked().has(testing::toxicity), is_asked) << testing::yaml_of(drawn);
      ASSERT_TRUE(plan.scores_asked() == set->scores_asked(f.facts(), direction));
      for (const int percent : {0, 24, 26, 49, 51, 100}) {
        core::Scores scores;
        scores.set(testing::toxicity, static_cast<float>(percent * 0.01));
        const int expected =
            strength_by_definition(drawn, f, direction, [&](const RandomRule& rule) {
              return rule.toxicity_above_percent && percent > *rule.toxicity_above_percent;
            });
        ASSERT_EQ(testing::strength_of(plan.decide(scores, nullptr)), expected)
            << testing::yaml_of(drawn);
      }
    }
  }
  for (const int count : seen) EXPECT_GT(count, 0);
}

TEST_P(RandomSets, AnswerTheSameInAnyOrder) {
  for (int round = 0; round < 25; ++round) {
    RandomSet drawn = testing::random_set(draw_, 12);
    const auto set = load(drawn);
    ASSERT_TRUE(set);
    std::ranges::shuffle(drawn.access, random_);
    std::ranges::shuffle(drawn.content, random_);
    const auto shuffled = load(drawn);
    ASSERT_TRUE(shuffled);
    for (int i = 0; i < 10; ++i) {
      const RandomFacts f = testing::random_facts(draw_);
      ASSERT_EQ(answers(*set, f), answers(*shuffled, f)) << testing::yaml_of(drawn);
    }
  }
}

TEST_P(RandomSets, AnswerTheSameOnEveryThread) {
  RandomSet drawn;
  while (drawn.content.empty()) drawn = testing::random_set(draw_, 12);
  const auto set = testing::parse(testing::yaml_of(drawn) +
                                  "  - {id: night, when: {hours: '22:00-06:00', timezone: "
                                  "Europe/London}, find: {types: [email]}, then: {action: deny}}\n")
                       .set;
  ASSERT_TRUE(set);
  const RandomFacts f = testing::random_facts(draw_);
  const std::string expected = answers(*set, f);
  std::vector<std::string> got(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& answer : got) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) answer = answers(*set, f);
      });
    }
  }
  for (const std::string& answer : got) EXPECT_EQ(answer, expected);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomSets, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace menshen::policies
