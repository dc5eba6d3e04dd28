// Which scores texts need: those that a rule is about that applies to them.
#include "policies/policy_set.h"
#include "policies/testing.h"

#include <gtest/gtest.h>

#include <string>

namespace menshen::policies {
namespace {

using core::Direction;
using core::Operation;

const core::Subject ann{"ann", core::SubjectKind::user, {}, "k1"};
const core::Subject machine{"machine", core::SubjectKind::service, {}, "k2"};

Facts facts_of(const core::Subject& subject, std::string_view zone = "internal") {
  return {&subject, "m", Operation::chat, zone, 0};
}

std::shared_ptr<const PolicySet> set_of(const std::string& rules) {
  const auto loaded =
      testing::parse(testing::with_header("access: [{id: all, effect: allow}]\n" + rules));
  EXPECT_TRUE(loaded.set) << testing::listed(loaded);
  return loaded.set;
}

std::string names_asked(const PolicySet& set, const Facts& f, Direction direction) {
  const core::ScoreKinds kinds = set.scores_asked(f, direction);
  EXPECT_TRUE(kinds == set.content(f, direction).scores_asked());
  std::string out;
  for (const core::ScoreKind* kind : testing::score_kinds) {
    if (kinds.has(*kind)) out.append(kind->name).append(" ");
  }
  return out;
}

TEST(AskedScores, AreThoseOfRulesInForceAndInShadow) {
  const auto set = set_of(
      "content:\n"
      "  - {id: a, direction: request, find: {scores: {injection: {above: 0.5}}},\n"
      "     mode: shadow, then: {action: deny}}\n"
      "  - {id: b, who: {kinds: [service]}, find: {scores: {bias: {above: 0.5}}},\n"
      "     then: {action: annotate}}\n"
      "  - {id: c, direction: response, what: {zones: [public]},\n"
      "     find: {scores: {grounding: {below: 0.5}}}, then: {action: allow}}\n");
  EXPECT_EQ(names_asked(*set, facts_of(ann), Direction::request), "injection ");
  EXPECT_EQ(names_asked(*set, facts_of(ann), Direction::response), "");
  EXPECT_EQ(names_asked(*set, facts_of(machine), Direction::request), "bias injection ");
  EXPECT_EQ(names_asked(*set, facts_of(machine), Direction::response), "bias ");
  const Facts outside = facts_of(machine, "public");
  EXPECT_EQ(names_asked(*set, outside, Direction::response), "bias grounding ");
  const auto none =
      set_of("content:\n  - {id: a, find: {types: [email]}, then: {action: annotate}}\n");
  EXPECT_EQ(names_asked(*none, facts_of(ann), Direction::request), "");
}

TEST(AskedScores, MayBeAll) {
  const auto set = set_of("defaults: {scores: always}\n");
  EXPECT_EQ(names_asked(*set, facts_of(ann), Direction::request), "bias injection toxicity ");
  EXPECT_EQ(names_asked(*set, facts_of(ann), Direction::response), "bias grounding toxicity ");
  EXPECT_EQ(names_asked(*set_of("defaults: {scores: asked}\n"), facts_of(ann), Direction::request),
            "");
}

}  // namespace
}  // namespace menshen::policies
