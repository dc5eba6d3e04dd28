#include "policies/policy_set.h"

#include "core/digest.h"
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <sstream>

namespace menshen::policies {
namespace {

using core::Action;
using core::Direction;
using core::Operation;
using testing::email;
using testing::finding;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::jwt;
using testing::listed;
using testing::phone;
using ::testing::SizeIs;
using testing::with_header;

const core::Subject alice{"alice", core::SubjectKind::user, {"finance", "staff"}, "k1"};
const core::Subject robot{"robot", core::SubjectKind::service, {"finance"}, "k2"};
const core::Subject nobody{"nobody", core::SubjectKind::user, {}, "k3"};

std::shared_ptr<const PolicySet> load(std::string_view rules) {
  auto loaded = testing::parse(with_header(rules));
  EXPECT_TRUE(loaded.set) << listed(loaded);
  return loaded.set;
}

Facts facts(const core::Subject& subject, std::string_view model = "qwen3-32b",
            Operation operation = Operation::chat, std::string_view zone = "internal") {
  return {&subject, model, operation, zone, 1'767'585'600'000'000'000};
}

TEST(Access, IsDeniedUnlessARuleAllows) {
  const auto set = load("access:\n  - {id: a, effect: allow, who: {groups: [finance]}}\n");
  EXPECT_TRUE(set->access(facts(alice)).allowed);
  EXPECT_EQ(set->access(facts(alice)).rule, "a");
  const AccessDecision denied = set->access(facts(nobody));
  EXPECT_FALSE(denied.allowed);
  EXPECT_EQ(denied.rule, "");
  EXPECT_EQ(denied.reason, "");
}

TEST(Access, AnEmptySetDeniesEverythingAndSaysSo) {
  const auto loaded = testing::parse(with_header(""));
  ASSERT_TRUE(loaded.set);
  EXPECT_FALSE(loaded.set->access(facts(alice)).allowed);
  EXPECT_THAT(listed(loaded), HasSubstr("No access rule allows anything"));
}

TEST(Access, ADenyWinsWhereverItStands) {
  const std::string_view allow = "  - {id: a, effect: allow}\n";
  const std::string_view deny =
      "  - {id: z, effect: deny, who: {groups: [staff]}, reason: No staff.}\n";
  for (const std::string& rules : {"access:\n" + std::string(allow) + std::string(deny),
                                   "access:\n" + std::string(deny) + std::string(allow)}) {
    const auto set = load(rules);
    const AccessDecision decision = set->access(facts(alice));
    EXPECT_FALSE(decision.allowed);
    EXPECT_EQ(decision.rule, "z");
    EXPECT_EQ(decision.reason, "No staff.");
    EXPECT_TRUE(set->access(facts(robot)).allowed);
  }
}

TEST(Access, EveryKeyOfASelectionMustMatch) {
  const auto set = load(
      "access:\n  - {id: a, effect: allow, who: {groups: [finance], kinds: [user]},\n"
      "     what: {models: ['qwen3-*', exact], operations: [chat, embeddings],\n"
      "            zones: [internal]}}\n");
  const auto allowed = [&](const Facts& f) { return set->access(f).allowed; };
  EXPECT_TRUE(allowed(facts(alice)));
  EXPECT_TRUE(allowed(facts(alice, "exact", Operation::embeddings)));
  EXPECT_FALSE(allowed(facts(nobody)));
  EXPECT_FALSE(allowed(facts(robot)));
  EXPECT_FALSE(allowed(facts(alice, "QWEN3-32b")));
  EXPECT_FALSE(allowed(facts(alice, "exact2")));
  EXPECT_FALSE(allowed(facts(alice, "exact", Operation::completion)));
  EXPECT_FALSE(allowed(facts(alice, "exact", Operation::chat, "public")));
}

TEST(Access, UsersAreNamedExactly) {
  const auto set = load("access:\n  - {id: a, effect: allow, who: {users: [alice]}}\n");
  EXPECT_TRUE(set->access(facts(alice)).allowed);
  EXPECT_FALSE(set->access(facts(robot)).allowed);
}

TEST(Access, AnOverlongModelIsRefusedEvenIfEverythingIsAllowed) {
  const auto set = load("access:\n  - {id: a, effect: allow}\n");
  EXPECT_TRUE(set->access(facts(alice, std::string(512, 'x'))).allowed);
  const AccessDecision decision = set->access(facts(alice, std::string(513, 'x')));
  EXPECT_FALSE(decision.allowed);
  EXPECT_THAT(decision.reason, HasSubstr("too long"));
}

// What a provider may take for gpt-4o, and a rule that names it.
constexpr std::string_view spellings_of_gpt_4o[] = {
    " GPT-4o ",          "Gpt-4O", "gpt-4o\n", "\tgpt-4o", "\xc2\xa0gpt-4o", "gpt-4o\xe3\x80\x80",
    "\xef\xbb\xbfgpt-4o"};

TEST(Access, ADenyIsNotDodgedByCaseOrBlanks) {
  const auto set = load(
      "access:\n  - {id: a, effect: allow}\n"
      "  - {id: z, effect: deny, what: {models: [gpt-4o, Claude-*]}}\n");
  for (const std::string_view name : spellings_of_gpt_4o) {
    EXPECT_EQ(set->access(facts(alice, name)).rule, "z") << name;
  }
  EXPECT_EQ(set->access(facts(alice, "claude-9")).rule, "z");
  EXPECT_EQ(set->access(facts(alice, " CLAUDE-9")).rule, "z");
  EXPECT_TRUE(set->access(facts(alice, "gpt-4o-mini")).allowed);
  EXPECT_TRUE(set->access(facts(alice, "gpt 4o")).allowed);
}

TEST(Access, ADenyIsNotDodgedByWhatOllamaFillsIn) {
  const auto set = load(
      "access:\n  - {id: a, effect: allow}\n"
      "  - {id: z, effect: deny, what: {models: [llama3, 'qwen3:latest', 'secret-*', "
      "'*:latest']}}\n");
  for (const std::string_view name :
       {"llama3:latest", "library/llama3", "registry.ollama.ai/library/llama3",
        "https://registry.ollama.ai/library/LLAMA3:latest", "qwen3", "library/qwen3:latest",
        "library/secret-1", "http://registry.ollama.ai/library/secret-1:8b", "phi4:Latest"}) {
    EXPECT_EQ(set->access(facts(alice, name)).rule, "z") << name;
  }
  for (const std::string_view name : {"llama3:8b", "team/llama3", "qwen3:8b", "phi4"}) {
    EXPECT_TRUE(set->access(facts(alice, name)).allowed) << name;
  }
}

TEST(Access, AnAllowWantsTheNameAsItIsWritten) {
  const auto set = load("access:\n  - {id: a, effect: allow, what: {models: [gpt-4o]}}\n");
  EXPECT_TRUE(set->access(facts(alice, "gpt-4o")).allowed);
  for (const std::string_view name : spellings_of_gpt_4o) {
    EXPECT_FALSE(set->access(facts(alice, name)).allowed) << name;
  }
}

TEST(Access, AnyModelIsDeniedOnlyWhenEveryModelIs) {
  const auto answer = [](std::string_view rules) {
    Facts any = facts(alice, {}, Operation::models);
    any.any_model = true;
    return load("access:\n" + std::string(rules))->access(any);
  };
  constexpr std::string_view open = "  - {id: a, effect: allow}\n";
  EXPECT_TRUE(answer(open).allowed);
  EXPECT_TRUE(answer("  - {id: a, effect: allow, what: {models: [gpt-4o]}}\n").allowed);
  EXPECT_FALSE(answer("  - {id: a, effect: allow, what: {operations: [chat]}}\n").allowed);
  const auto denied = [&](std::string_view what) {
    return answer(std::string(open) + "  - {id: z, effect: deny, what: {" + std::string(what) +
                  "}}\n");
  };
  EXPECT_EQ(denied("operations: [models]").rule, "z");
  EXPECT_EQ(denied("operations: [models], models: [gpt-4o, '**']").rule, "z");
  EXPECT_TRUE(denied("operations: [models], models: [gpt-*]").allowed);
  EXPECT_TRUE(denied("operations: [models], zones: [public]").allowed);
  EXPECT_TRUE(denied("operations: [chat]").allowed);
}

TEST(Access, TimesAreThoseOfTheRulesZone) {
  const auto set = load(
      "access:\n  - {id: a, effect: allow, when: {days: [mon], hours: '12:00-13:00',\n"
      "     timezone: Asia/Shanghai}}\n");
  Facts at = facts(alice);  // 2026-01-05T04:00:00Z, a Monday, 12:00 in Shanghai
  EXPECT_TRUE(set->access(at).allowed);
  at.wall_ns += 3'599'999'999'999;
  EXPECT_TRUE(set->access(at).allowed);
  at.wall_ns += 1;
  EXPECT_FALSE(set->access(at).allowed);
  at.wall_ns = 1'767'585'600'000'000'000 - 1;
  EXPECT_FALSE(set->access(at).allowed);
}

constexpr std::string_view open_door = "access:\n  - {id: open, effect: allow}\n";

std::shared_ptr<const PolicySet> load_content(std::string_view rules) {
  return load(std::string(open_door) + "content:\n" + std::string(rules));
}

TEST(Content, ARuleForAModelIsNotDodgedByCaseOrBlanks) {
  const auto set = load_content(
      "  - {id: no, what: {models: [gpt-4o]}, find: {types: [email]}, then: {action: deny}}\n");
  const auto action = [&](std::string_view name) {
    return set->content(facts(alice, name), core::Direction::request)
        .decide(testing::finding(email, 1), nullptr)
        .action;
  };
  EXPECT_EQ(action("gpt-4o"), core::Action::deny);
  for (const std::string_view name : spellings_of_gpt_4o) {
    EXPECT_EQ(action(name), core::Action::deny) << name;
  }
  EXPECT_EQ(action("gpt-4"), core::Action::allow);
}

TEST(Content, TheStrongestEnforcedActionWins) {
  const auto set = load_content(
      "  - {id: note, find: {categories: [pii]}, then: {action: annotate}}\n"
      "  - {id: tag, find: {types: [email]}, then: {action: redact}}\n"
      "  - {id: stop, direction: request, find: {types: [email], confidence_min: 0.9},\n"
      "     then: {action: deny, reason: No mail.}}\n"
      "  - {id: allow, find: {types: [email]}, then: {action: allow}}\n");
  const auto request = set->content(facts(alice), Direction::request);
  const auto response = set->content(facts(alice), Direction::response);
  const Verdict strong = request.decide(finding(email, 0.95F), nullptr);
  EXPECT_EQ(strong.action, Action::deny);
  EXPECT_EQ(*strong.rule, "stop");
  EXPECT_EQ(*strong.reason, "No mail.");
  EXPECT_EQ(request.decide(finding(email, 0.89F), nullptr).action, Action::redact);
  EXPECT_EQ(response.decide(finding(email, 0.95F), nullptr).action, Action::redact);
  EXPECT_EQ(*request.decide(finding(phone, 0.5F), nullptr).rule, "note");
  EXPECT_EQ(request.decide(finding(phone, 0.49F), nullptr).rule, nullptr);
  EXPECT_EQ(request.decide(finding(jwt, 1), nullptr).action, Action::allow);
}

TEST(Content, ScoresAreComparedStrictly) {
  const auto set = load_content(
      "  - {id: low, direction: response, find: {scores: {grounding: {below: 0.5}}},\n"
      "     then: {action: deny}}\n"
      "  - {id: high, find: {scores: {bias: {above: 0.5}, toxicity: {above: 0.7}}},\n"
      "     then: {action: annotate}}\n");
  const auto plan = set->content(facts(alice), Direction::response);
  const auto rule_for = [&](const core::ScoreKind& kind, float value) -> std::string {
    core::Scores scores;
    scores.set(kind, value);
    const Verdict verdict = plan.decide(scores, nullptr);
    return verdict.rule ? *verdict.rule : "";
  };
  EXPECT_EQ(rule_for(testing::grounding, 0.5F), "");
  EXPECT_EQ(rule_for(testing::grounding, 0.49F), "low");
  EXPECT_EQ(rule_for(testing::bias, 0.5F), "");
  EXPECT_EQ(rule_for(testing::bias, 0.51F), "high");
  EXPECT_EQ(rule_for(testing::toxicity, 0.6F), "");
  EXPECT_EQ(rule_for(testing::toxicity, 0.8F), "high");
  EXPECT_EQ(rule_for(testing::grounding, std::numeric_limits<float>::quiet_NaN()), "low");
  EXPECT_EQ(plan.decide(core::Scores{}, nullptr).rule, nullptr);
}

TEST(Content, OnlyEnforcedRulesOnScoresOfAnswersHoldStreams) {
  const auto holds = [](std::string_view rule, Direction direction) {
    return load_content(rule)->content(facts(alice), direction).scores_hold_streams();
  };
  const std::string_view deny =
      "  - {id: a, find: {scores: {bias: {above: 0.5}}}, then: {action: deny}}\n";
  EXPECT_TRUE(holds(deny, Direction::response));
  EXPECT_FALSE(holds(deny, Direction::request));
  EXPECT_FALSE(
      holds("  - {id: a, find: {scores: {bias: {above: 0.5}}}, then: {action: annotate}}\n",
            Direction::response));
  EXPECT_FALSE(
      holds("  - {id: a, find: {types: [email]}, then: {action: deny}}\n", Direction::response));
}

TEST(Content, ConditionsSelectTheRulesOfAPlan) {
  const auto set = load_content(
      "  - {id: everyone, find: {types: [email]}, then: {action: annotate}}\n"
      "  - {id: outside, what: {zones: [public]}, find: {types: [email]}, then: {action: deny}}\n"
      "  - {id: robots, who: {kinds: [service]}, find: {types: [email]},\n"
      "     then: {action: redact}}\n");
  const auto rule_for = [&](const Facts& f) {
    const auto plan = set->content(f, Direction::request);
    return *plan.decide(finding(email, 1), nullptr).rule;
  };
  EXPECT_EQ(rule_for(facts(alice)), "everyone");
  EXPECT_EQ(rule_for(facts(robot)), "robots");
  EXPECT_EQ(rule_for(facts(alice, "m", Operation::chat, "public")), "outside");
  EXPECT_EQ(rule_for(facts(robot, "m", Operation::chat, "public")), "outside");
}

TEST(Content, ATypeOutsideTheReleaseIsHeldAgainstItsCategory) {
  constexpr core::FindingType newcomer{"newcomer", core::Category::secret, "NEW", "for tests"};
  const auto set = load_content(
      "  - {id: c, find: {categories: [secret]}, then: {action: deny}}\n"
      "  - {id: t, find: {types: [email]}, then: {action: redact}}\n");
  const auto plan = set->content(facts(alice), Direction::request);
  EXPECT_EQ(plan.decide(finding(newcomer, 1), nullptr).action, Action::deny);
}

TEST(Content, APlanWithoutASetDeniesAndOneWithASetKeepsItAlive) {
  const ContentPlan none;
  EXPECT_EQ(none.decide(finding(email, 0), nullptr).action, Action::deny);
  EXPECT_EQ(none.decide(core::Scores{}, nullptr).action, Action::deny);
  EXPECT_TRUE(none.scores_hold_streams());
  EXPECT_TRUE(none.scores_asked().empty());
  ContentPlan plan;
  std::weak_ptr<const PolicySet> watched;
  {
    const auto set = load_content("  - {id: a, find: {types: [email]}, then: {action: redact}}\n");
    watched = set;
    plan = set->content(facts(alice), Direction::request);
  }
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(*plan.decide(finding(email, 1), nullptr).rule, "a");
  plan = ContentPlan();
  EXPECT_TRUE(watched.expired());
}

TEST(Set, IsNamedByTheHashOfItsBytes) {
  const std::string text = with_header(open_door);
  const auto loaded = testing::parse(text);
  EXPECT_EQ(loaded.set->version(), core::to_hex(core::as_text(core::sha256(text))));
  EXPECT_NE(testing::parse(text + "# note\n").set->version(), loaded.set->version());
  EXPECT_EQ(loaded.set->name(), "t");
}

TEST(Set, DefaultsAreClosedAndCanBeOpened) {
  EXPECT_EQ(load(open_door)->defaults().on_error, Action::deny);
  EXPECT_EQ(load(open_door)->defaults().opaque_content, Action::deny);
  const auto set = load(std::string(open_door) +
                        "defaults: {access: deny, on_error: allow, opaque_content: annotate}\n");
  EXPECT_EQ(set->defaults().on_error, Action::allow);
  EXPECT_EQ(set->defaults().opaque_content, Action::annotate);
}

TEST(Set, RunsItsOwnTests) {
  const auto set = load(
      "access:\n"
      "  - {id: office, effect: allow, who: {groups: [finance]}, what: {zones: [internal]},\n"
      "     when: {days: [mon], hours: '08:00-20:00', timezone: America/New_York}}\n"
      "tests:\n"
      "  - {name: noon of a Monday, given: {groups: [finance]}, expect: {access: allow, rule: "
      "office}}\n"
      "  - {name: others, given: {groups: [staff]}, expect: {access: deny}}\n"
      "  - {name: at night, given: {groups: [finance], time: 2026-01-05T12:59:59Z},\n"
      "     expect: {access: deny}}\n"
      "  - {name: in the morning, given: {groups: [finance], time: 2026-01-05T08:00:00-05:00},\n"
      "     expect: {access: allow}}\n"
      "  - {name: wrong, given: {groups: [staff]}, expect: {access: allow, rule: office}}\n");
  const auto results = set->run_tests();
  ASSERT_THAT(results, SizeIs(5));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(results[i].passed) << results[i].detail;
  EXPECT_FALSE(results[4].passed);
  EXPECT_EQ(results[4].name, "wrong");
  EXPECT_EQ(results[4].detail, "expected allow by rule office, got deny by default");
}

TEST(Set, TheExampleLoadsWithoutWarningsAndPassesItsTests) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/deploy/examples/policy.yaml");
  std::stringstream text;
  text << file.rdbuf();
  const auto loaded = testing::parse(text.str());
  EXPECT_EQ(listed(loaded), "");
  ASSERT_TRUE(loaded.set);
  const auto results = loaded.set->run_tests();
  EXPECT_THAT(results, SizeIs(4));
  for (const TestResult& result : results) EXPECT_TRUE(result.passed) << result.detail;
}

}  // namespace
}  // namespace menshen::policies
