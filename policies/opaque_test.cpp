// Rules on what cannot be read, and the defaults where there is none.
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using core::Action;
using core::Direction;
using core::OpaqueKind;
using testing::listed;

constexpr std::string_view open_door = "access: [{id: all, effect: allow}]\n";

const core::Subject alice{"alice", core::SubjectKind::user, {"staff"}, "k1"};

std::shared_ptr<const PolicySet> load(const std::string& rest) {
  auto loaded = testing::parse(testing::with_header(std::string(open_door) + rest));
  EXPECT_EQ(listed(loaded), "");
  return loaded.set;
}

Facts facts(std::string_view model = "m", std::string_view zone = "internal") {
  return {&alice, model, core::Operation::chat, zone, 0};
}

Verdict decide(const PolicySet& set, OpaqueKind kind, const Facts& asked = facts(),
               Direction direction = Direction::request) {
  return set.content(asked, direction).decide(kind, Stands::anywhere, nullptr);
}

TEST(OpaqueRules, AreAboutTheirKindsAndTheDefaultAboutTheRest) {
  const auto set = load(
      "defaults: {opaque_content: deny}\n"
      "content:\n"
      "  - {id: pictures, find: {opaque: [image, audio]}, then: {action: allow}}\n"
      "  - {id: tokens, find: {opaque: [token_array]}, then: {action: annotate}}\n");
  for (const OpaqueKind kind : core::all_opaque_kinds) {
    const Verdict verdict = decide(*set, kind);
    const bool picture = kind == OpaqueKind::image || kind == OpaqueKind::audio;
    const bool tokens = kind == OpaqueKind::token_array;
    EXPECT_EQ(verdict.action, picture ? Action::allow : tokens ? Action::annotate : Action::deny);
    EXPECT_EQ(verdict.rule == nullptr, !picture && !tokens);
  }
}

TEST(OpaqueRules, TheStrongestWinsWhateverTheOrderAndTheDefault) {
  const std::string allow = "  - {id: a, find: {opaque: [image]}, then: {action: allow}}\n";
  const std::string deny =
      "  - {id: b, find: {opaque: [image, file]}, then: {action: deny, reason: No.}}\n";
  for (const std::string& rules : {allow + deny, deny + allow}) {
    const auto set = testing::parse(testing::with_header(
                                        std::string(open_door) +
                                        "defaults: {opaque_content: allow}\ncontent:\n" + rules))
                         .set;
    ASSERT_TRUE(set);
    EXPECT_EQ(decide(*set, OpaqueKind::image).action, Action::deny);
    EXPECT_EQ(*decide(*set, OpaqueKind::image).rule, "b");
    EXPECT_EQ(*decide(*set, OpaqueKind::image).reason, "No.");
    EXPECT_EQ(decide(*set, OpaqueKind::video).action, Action::allow);
  }
}

TEST(OpaqueRules, SelectAsOtherRulesDo) {
  const auto set = load(
      "content:\n"
      "  - {id: in, direction: request, what: {zones: [internal], models: ['v-*']},\n"
      "     find: {opaque: [image]}, then: {action: allow}}\n"
      "  - {id: try, mode: shadow, find: {opaque: [image]}, then: {action: deny}}\n");
  EXPECT_EQ(decide(*set, OpaqueKind::image, facts("v-1")).action, Action::allow);
  EXPECT_EQ(decide(*set, OpaqueKind::image, facts("w")).action, Action::deny);
  EXPECT_EQ(decide(*set, OpaqueKind::image, facts("v-1", "public")).action, Action::deny);
  EXPECT_EQ(decide(*set, OpaqueKind::image, facts("v-1"), Direction::response).action,
            Action::deny);
  Matches shadow;
  (void)set->content(facts("v-1"), Direction::request)
      .decide(OpaqueKind::image, Stands::anywhere, &shadow);
  ASSERT_EQ(shadow.size(), 1U);
  EXPECT_EQ(*shadow[0].rule, "try");
  EXPECT_EQ(shadow[0].action, Action::deny);
  EXPECT_EQ(shadow[0].of, "image");
}

TEST(OpaqueRules, WhatAProviderWantsBackPassesByDefaultAndARuleMayDenyIt) {
  const auto set = load("defaults: {opaque_content: deny}\n");
  EXPECT_EQ(set->defaults().of_opaque(true), Action::allow);
  EXPECT_EQ(set->defaults().of_opaque(false), Action::deny);
  const ContentPlan usual = set->content(facts(), Direction::request);
  EXPECT_EQ(usual.decide(OpaqueKind::encrypted_reasoning, Stands::returned, nullptr).action,
            Action::allow);
  EXPECT_EQ(usual.decide(OpaqueKind::encrypted_reasoning, Stands::anywhere, nullptr).action,
            Action::deny);
  const auto closed =
      load("content: [{id: c, find: {opaque: [encrypted_reasoning]}, then: {action: deny}}]\n");
  const ContentPlan plan = closed->content(facts(), Direction::request);
  EXPECT_EQ(plan.decide(OpaqueKind::encrypted_reasoning, Stands::returned, nullptr).action,
            Action::deny);
}

constexpr std::string_view own_reasoning =
    "content:\n"
    "  - {id: own, direction: request, find: {opaque: [encrypted_reasoning], seen: false},\n"
    "     then: {action: deny}}\n";

TEST(SeenRules, AreAboutWhatNoAnswerHadWhereverItStands) {
  const auto set =
      load(std::string("defaults: {opaque_content: allow}\n") + std::string(own_reasoning));
  EXPECT_TRUE(set->asks_what_was_seen());
  const ContentPlan plan = set->content(facts(), Direction::request);
  const auto decided = [&](Stands stands) {
    return plan.decide(OpaqueKind::encrypted_reasoning, stands, nullptr);
  };
  EXPECT_EQ(decided(Stands::seen).action, Action::allow);
  EXPECT_EQ(decided(Stands::seen).rule, nullptr);
  for (const Stands stands : {Stands::anywhere, Stands::returned}) {
    EXPECT_EQ(decided(stands).action, Action::deny);
    EXPECT_EQ(*decided(stands).rule, "own");
    EXPECT_TRUE(decided(stands).unseen);
  }
}

TEST(SeenRules, MayBeAboutWhatAnAnswerHad) {
  const auto set = load(
      "content:\n"
      "  - {id: back, direction: request, find: {opaque: [encrypted_reasoning], seen: true},\n"
      "     then: {action: annotate}}\n");
  const ContentPlan plan = set->content(facts(), Direction::request);
  EXPECT_EQ(plan.decide(OpaqueKind::encrypted_reasoning, Stands::seen, nullptr).action,
            Action::annotate);
  EXPECT_FALSE(plan.decide(OpaqueKind::encrypted_reasoning, Stands::seen, nullptr).unseen);
  EXPECT_EQ(plan.decide(OpaqueKind::encrypted_reasoning, Stands::returned, nullptr).action,
            Action::allow);
}

TEST(SeenRules, InShadowAskToo) {
  const auto set = load(
      "content:\n"
      "  - {id: try, direction: request, mode: shadow, then: {action: deny},\n"
      "     find: {opaque: [encrypted_reasoning], seen: false}}\n");
  EXPECT_TRUE(set->asks_what_was_seen());
  const ContentPlan plan = set->content(facts(), Direction::request);
  Matches shadow;
  const auto allowed = plan.decide(OpaqueKind::encrypted_reasoning, Stands::seen, &shadow);
  EXPECT_EQ(allowed.action, Action::allow);
  EXPECT_TRUE(shadow.empty());
  (void)plan.decide(OpaqueKind::encrypted_reasoning, Stands::returned, &shadow);
  ASSERT_EQ(shadow.size(), 1U);
  EXPECT_EQ(*shadow[0].rule, "try");
}

TEST(OpaqueRules, AreNamedAmongTheRulesOfTheirSet) {
  EXPECT_THAT(load(std::string(own_reasoning))->rule_ids(),
              ::testing::UnorderedElementsAre("all", "own"));
}

TEST(SeenRules, OtherSetsDoNotAsk) {
  EXPECT_FALSE(load("content: [{id: c, find: {opaque: [encrypted_reasoning]}, then: "
                    "{action: deny}}]\n")
                   ->asks_what_was_seen());
}

TEST(SeenRules, WhatCouldNotBeAskedIsAnError) {
  const auto listed_for = [](std::string_view direction, std::string_view find) {
    return listed(testing::parse(testing::with_header(
        std::string(open_door) + "content: [{id: c, direction: " + std::string(direction) +
        ", find: {" + std::string(find) + "}, then: {action: deny}}]\n")));
  };
  EXPECT_EQ(listed_for("request", "opaque: [encrypted_reasoning], seen: false"), "");
  for (const char* direction : {"response", "both"}) {
    EXPECT_THAT(listed_for(direction, "opaque: [encrypted_reasoning], seen: false"),
                ::testing::HasSubstr("write `direction: request`"));
  }
  for (const char* find :
       {"opaque: [image], seen: false", "opaque: [encrypted_reasoning, image], seen: true",
        "types: [email], seen: false"}) {
    EXPECT_THAT(listed_for("request", find),
                ::testing::HasSubstr("write `opaque: [encrypted_reasoning]`"));
  }
  EXPECT_THAT(listed_for("request", "opaque: [encrypted_reasoning], seen: 1"),
              ::testing::HasSubstr("content[0].find.seen"));
}

TEST(SeenRules, AreTestedByTheFile) {
  const auto set = load(std::string(own_reasoning) +
                        "tests:\n"
                        "  - {name: usual, given: {opaque: encrypted_reasoning},\n"
                        "     expect: {access: allow, opaque: allow}}\n"
                        "  - {name: known, given: {opaque: encrypted_reasoning, seen: true},\n"
                        "     expect: {access: allow, opaque: allow}}\n"
                        "  - {name: forged, given: {opaque: encrypted_reasoning, seen: false},\n"
                        "     expect: {access: allow, opaque: deny}}\n");
  const auto results = set->run_tests();
  ASSERT_EQ(results.size(), 3U);
  for (const TestResult& result : results) EXPECT_TRUE(result.passed) << result.detail;
  const auto loaded = testing::parse(testing::with_header(
      std::string(open_door) +
      "tests: [{name: t, given: {opaque: image, seen: true}, expect: {access: allow, opaque: "
      "deny}}]\n"));
  EXPECT_THAT(listed(loaded), ::testing::HasSubstr("write `opaque: encrypted_reasoning`"));
}

TEST(OpaqueRules, APlanWithoutASetDenies) {
  EXPECT_EQ(ContentPlan().decide(OpaqueKind::image, Stands::returned, nullptr).action,
            Action::deny);
}

TEST(OpaqueRules, AreTestedByTheFile) {
  const auto set = load(
      "content:\n"
      "  - {id: pictures, what: {zones: [internal]}, find: {opaque: [image]},\n"
      "     then: {action: annotate}}\n"
      "tests:\n"
      "  - {name: here, given: {opaque: image}, expect: {access: allow, opaque: annotate}}\n"
      "  - {name: there, given: {opaque: image, zone: public},\n"
      "     expect: {access: allow, opaque: deny}}\n"
      "  - {name: back, given: {opaque: encrypted_reasoning},\n"
      "     expect: {access: allow, opaque: allow}}\n"
      "  - {name: wrong, given: {opaque: image}, expect: {access: allow, opaque: deny}}\n");
  const auto results = set->run_tests();
  ASSERT_EQ(results.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(results[i].passed) << results[i].detail;
  EXPECT_FALSE(results[3].passed);
  EXPECT_EQ(results[3].detail,
            "expected allow, got allow by rule all; opaque: expected deny, got annotate by rule "
            "pictures");
}

TEST(OpaqueRules, ATestNamesTheKindAndWhatBecomesOfIt) {
  for (const char* test : {"{name: t, given: {opaque: image}, expect: {access: allow}}",
                           "{name: t, given: {}, expect: {access: allow, opaque: deny}}"}) {
    const auto loaded =
        testing::parse(testing::with_header(std::string(open_door) + "tests: [" + test + "]\n"));
    EXPECT_THAT(listed(loaded), ::testing::HasSubstr("`expect.opaque` belong together"));
  }
}

}  // namespace
}  // namespace menshen::policies
