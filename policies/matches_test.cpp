// Which rules matched, beside the one that decides: those in shadow, and those of each score.
#include "policies/policy_set.h"
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using core::Action;
using core::Direction;
using ::testing::SizeIs;

const core::Subject caller{"alice", core::SubjectKind::user, {}, "k1"};
const Facts asked{&caller, "m", core::Operation::chat, "internal", 0};

ContentPlan plan_of(const std::string& rules) {
  const auto loaded = testing::parse(
      testing::with_header("access: [{id: all, effect: allow}]\ncontent:\n" + rules));
  EXPECT_TRUE(loaded.set) << testing::listed(loaded);
  return loaded.set->content(asked, Direction::request);
}

TEST(Matches, OfRulesInShadowSayWhatTheyWouldDo) {
  const ContentPlan plan = plan_of(
      "  - {id: s, find: {types: [email]}, then: {action: deny}, mode: shadow}\n"
      "  - {id: t, direction: request, find: {scores: {injection: {above: 0.5}}},\n"
      "     then: {action: annotate}, mode: shadow}\n");
  Matches shadow;
  const core::Finding mail = testing::finding(testing::email, 1);
  EXPECT_EQ(plan.decide(mail, &shadow).action, Action::allow);
  EXPECT_EQ(plan.decide(mail, nullptr).rule, nullptr);
  ASSERT_THAT(shadow, SizeIs(1));
  EXPECT_EQ(*shadow[0].rule, "s");
  EXPECT_EQ(shadow[0].action, Action::deny);
  EXPECT_EQ(shadow[0].of, "email");
  core::Scores scores;
  scores.set(testing::injection, 0.51F);
  EXPECT_EQ(plan.decide(scores, &shadow).action, Action::allow);
  ASSERT_THAT(shadow, SizeIs(2));
  EXPECT_EQ(*shadow[1].rule, "t");
  EXPECT_EQ(shadow[1].action, Action::annotate);
  EXPECT_EQ(shadow[1].of, "injection");
  EXPECT_FALSE(plan.scores_hold_streams());
}

TEST(Matches, NameTheStrongestRuleOfEachScore) {
  const ContentPlan plan = plan_of(
      "  - {id: a, direction: request, find: {scores: {injection: {above: 0.5}}},\n"
      "     then: {action: annotate}}\n"
      "  - {id: b, find: {scores: {toxicity: {above: 0.5}}}, then: {action: annotate}}\n"
      "  - {id: c, find: {scores: {toxicity: {above: 0.9}}}, then: {action: deny}}\n");
  core::Scores scores;
  scores.set(testing::injection, 0.6F);
  scores.set(testing::toxicity, 0.6F);
  Matches enforced;
  EXPECT_EQ(*plan.decide(scores, nullptr, &enforced).rule, "a");
  ASSERT_THAT(enforced, SizeIs(2));
  EXPECT_EQ(*enforced[0].rule, "a");
  EXPECT_EQ(enforced[0].of, "injection");
  EXPECT_EQ(*enforced[1].rule, "b");
  EXPECT_EQ(enforced[1].of, "toxicity");
  scores.set(testing::toxicity, 0.95F);
  enforced.clear();
  EXPECT_EQ(*plan.decide(scores, nullptr, &enforced).rule, "c");
  ASSERT_THAT(enforced, SizeIs(2));
  EXPECT_EQ(*enforced[1].rule, "c");
}

}  // namespace
}  // namespace menshen::policies
