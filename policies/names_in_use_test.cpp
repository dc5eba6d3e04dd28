// Names that nothing has: noted with their place, the nearest one, and as strictly as asked.
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using ::testing::HasSubstr;
using testing::listed;
using testing::with_header;

const NamesInUse acme{.users = {{"alice", "reports"}},
                      .groups = {{"finance", "legal"}},
                      .models = {"gpt-4o", "qwen3-*"},
                      .zones = {"internal", "public"}};

PolicySet::Loaded load(const std::string& rules, const NamesInUse& in_use, bool strict = false) {
  return PolicySet::parse(
      with_header("access:\n  - {id: open, effect: allow, when: {days: [mon], timezone: UTC}}\n" +
                  rules),
      "policy.yaml", {testing::types, testing::score_kinds, {}, &in_use, strict});
}

std::string told(const std::string& keys, const NamesInUse& in_use = acme) {
  const auto loaded = load("  - {id: a, " + keys + "}\n", in_use);
  EXPECT_TRUE(loaded.set) << listed(loaded);
  return listed(loaded);
}

TEST(NamesInUse, EachThatNothingHasIsNamedWithTheNearest) {
  const struct {
    std::string rule;
    std::string warning;
  } cases[] = {
      {"effect: deny, who: {groups: [legl]}",
       "warning policy.yaml:6:42 access[1].who.groups[0]: No API key has the group \"legl\": this "
       "name matches nobody. Did you mean legal?\n"},
      {"effect: deny, who: {users: [alcie]}",
       "access[1].who.users[0]: No API key is for this user: the name matches nobody.\n"},
      {"effect: deny, what: {zones: [internal, publik]}",
       "access[1].what.zones[1]: No upstream is in the zone \"publik\": this name matches nothing. "
       "Did you mean public?"},
      {"effect: deny, what: {models: [gtp-4o]}",
       "access[1].what.models[0]: No route serves a model \"gtp-4o\": no request that is served "
       "has this name. Did you mean gpt-4o?"},
      {"effect: allow, who: {groups: [财务]}", "No API key has the group \"财务\""},
      {"effect: allow, what: {models: [GPT-4o]}", "No route serves a model \"GPT-4o\""},
      {"effect: deny, except: [{who: {groups: [legl]}}]",
       "access[1].except[0].who.groups[0]: No API key has the group \"legl\""},
      {"effect: deny, except: [{what: {models: [GPT-4o]}}]",
       "access[1].except[0].what.models[0]: No route serves a model \"GPT-4o\""},
      {"effect: deny, what: {models: ['llama*']}", "No route serves a model \"llama*\""},
  };
  for (const auto& [rule, warning] : cases) EXPECT_THAT(told(rule), HasSubstr(warning)) << rule;
}

TEST(NamesInUse, PeopleAreNamedByTheirPlaceAlone) {
  const auto loaded = load("  - {id: a, effect: deny, who: {users: [alcie]}}\n", acme);
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].message.find("al"), std::string::npos);
  EXPECT_EQ(loaded.diagnostics[0].suggestion, "alice");
}

TEST(NamesInUse, WhatMayMatchIsNotNamed) {
  for (const char* rule :
       {"effect: deny, who: {users: [alice], kinds: [user]}", "effect: deny, what: {models: ['*']}",
        "effect: deny, who: {groups: [legal, finance]}", "effect: deny, what: {zones: [public]}",
        "effect: deny, what: {models: [gpt-4o, 'gpt-*', '*-4?', qwen3-32b, 'qwen*-8b']}",
        // What a lenient provider takes for a name that is served.
        "effect: deny, what: {models: [GPT-4O, 'gpt-4o:latest', 'QWEN3-*']}"}) {
    const std::string text = told(rule);
    EXPECT_EQ(text.find("access[1].wh"), std::string::npos) << text;
  }
}

TEST(NamesInUse, ARoutesPatternMayLeaveRoomForWhatAProviderFillsIn) {
  NamesInUse qualified = acme;
  qualified.models = {"registry.ollama.ai/library/*"};
  EXPECT_EQ(told("effect: deny, what: {models: [llama3]}", qualified), "");
  EXPECT_THAT(told("effect: allow, what: {models: [llama3]}", qualified),
              HasSubstr("No route serves a model \"llama3\""));
}

TEST(NamesInUse, RulesOnContentAreHeldAgainstThemToo) {
  const auto loaded = load(
      "content:\n  - {id: c, who: {groups: [legl]}, find: {types: [email]}, then: {action: "
      "deny}}\n",
      acme);
  EXPECT_THAT(listed(loaded), HasSubstr("content[0].who.groups[0]: No API key has the group"));
}

TEST(NamesInUse, WhatCouldNotBeToldIsHeldAgainstNothing) {
  NamesInUse unknown = acme;
  unknown.users.reset();
  unknown.groups.reset();
  EXPECT_EQ(told("effect: deny, who: {users: [alcie], kinds: [user]}", unknown), "");
  EXPECT_EQ(told("effect: deny, who: {groups: [legl]}", unknown), "");
  NamesInUse none = acme;
  none.groups.emplace();
  EXPECT_THAT(told("effect: deny, who: {groups: [legl]}", none), HasSubstr("No API key has"));
}

TEST(NamesInUse, StrictlyItIsAnErrorAndTheSetDoesNotLoad) {
  const std::string rule = "  - {id: a, effect: deny, who: {groups: [legl]}}\n";
  const auto strict = load(rule, acme, true);
  EXPECT_FALSE(strict.set);
  EXPECT_THAT(listed(strict), HasSubstr("error policy.yaml:6:42 access[1].who.groups[0]: No API"));
  ASSERT_EQ(strict.diagnostics.size(), 1U);
  EXPECT_EQ(strict.diagnostics[0].suggestion, "legal");
  EXPECT_EQ(strict.diagnostics[0].pointer, "/access/1/who/groups/0");
  EXPECT_TRUE(load("  - {id: a, effect: deny, who: {groups: [legal]}}\n", acme, true).set);
}

}  // namespace
}  // namespace menshen::policies
