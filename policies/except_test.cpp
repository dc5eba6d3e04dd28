// Exceptions of rules: "all but".
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using core::Action;
using core::Direction;
using core::Operation;
using ::testing::HasSubstr;
using testing::listed;
using ::testing::Not;
using testing::with_header;

const core::Subject anna{"anna", core::SubjectKind::user, {"hr"}, "k1"};
const core::Subject bert{"bert", core::SubjectKind::user, {"sales"}, "k2"};
constexpr std::int64_t monday_noon = 1'767'614'400'000'000'000;  // 2026-01-05T12:00:00Z

std::shared_ptr<const PolicySet> load(std::string_view rules) {
  auto loaded = testing::parse(with_header(rules));
  EXPECT_TRUE(loaded.set) << listed(loaded);
  return loaded.set;
}

Facts facts(const core::Subject& subject, std::string_view model = "m",
            std::string_view zone = "internal", std::int64_t wall_ns = monday_noon) {
  return {&subject, model, Operation::chat, zone, wall_ns};
}

Action action_for(const PolicySet& set, const core::Subject& subject) {
  return set.content(facts(subject), Direction::request)
      .decide(testing::finding(testing::email, 1), nullptr)
      .action;
}

TEST(Except, AllButOneGroup) {
  const auto set = load(
      "access: [{id: all, effect: allow}]\n"
      "content: [{id: pii, find: {categories: [pii]}, except: [{who: {groups: [hr]}}],"
      " then: {action: deny}}]\n");
  EXPECT_EQ(action_for(*set, bert), Action::deny);
  EXPECT_EQ(action_for(*set, anna), Action::allow);
}

TEST(Except, OfAnAllowIsDeniedAndOfADenyIsNot) {
  const auto allows = load("access: [{id: a, effect: allow, except: [{who: {users: [bert]}}]}]\n");
  EXPECT_TRUE(allows->access(facts(anna)).allowed);
  EXPECT_FALSE(allows->access(facts(bert)).allowed);
  const auto denies = load(
      "access: [{id: a, effect: allow}, {id: d, effect: deny, except: [{what: {zones: "
      "[internal]}}]}]\n");
  EXPECT_TRUE(denies->access(facts(anna)).allowed);
  EXPECT_FALSE(denies->access(facts(anna, "m", "public")).allowed);
}

TEST(Except, NeedsAllKeysOfOneAndAnyOfSeveral) {
  const auto set = load(
      "access:\n"
      "  - id: a\n"
      "    effect: allow\n"
      "    except:\n"
      "      - {who: {groups: [hr]}, what: {zones: [public]}}\n"
      "      - {when: {days: [mon], timezone: UTC}, who: {users: [bert]}}\n");
  EXPECT_TRUE(set->access(facts(anna)).allowed);
  EXPECT_FALSE(set->access(facts(anna, "m", "public")).allowed);
  EXPECT_FALSE(set->access(facts(bert)).allowed);
  EXPECT_TRUE(set->access(facts(bert, "m", "public", monday_noon + 86'400'000'000'000)).allowed);
}

// A provider may take another spelling for the name: that opens nothing, and closes.
TEST(Except, ModelsAreReadSoThatNothingOpens) {
  const auto denies = load(
      "access: [{id: a, effect: allow}, {id: d, effect: deny, except: [{what: {models: "
      "[gpt]}}]}]\n");
  EXPECT_TRUE(denies->access(facts(anna, "gpt")).allowed);
  EXPECT_FALSE(denies->access(facts(anna, "GPT")).allowed);
  const auto allows = load("access: [{id: a, effect: allow, except: [{what: {models: [gpt]}}]}]\n");
  EXPECT_FALSE(allows->access(facts(anna, "gpt")).allowed);
  EXPECT_FALSE(allows->access(facts(anna, "GPT")).allowed);
  EXPECT_TRUE(allows->access(facts(anna, "other")).allowed);
}

TEST(Except, AnyModelIsAllowedWhereOneIs) {
  const auto any = [](const PolicySet& set) {
    Facts f = facts(anna, "");
    f.any_model = true;
    return set.access(f).allowed;
  };
  EXPECT_TRUE(
      any(*load("access: [{id: a, effect: allow}, {id: d, effect: deny, except: [{what: {models: "
                "[m]}}]}]\n")));
  EXPECT_TRUE(any(*load("access: [{id: a, effect: allow, except: [{what: {models: [m]}}]}]\n")));
  EXPECT_FALSE(
      any(*load("access: [{id: a, effect: allow, except: [{what: {models: ['*'], zones: "
                "[internal]}}]}]\n")));
}

TEST(Except, WhatTakesOutEverythingIsAnError) {
  const auto loaded = testing::parse(with_header(
      "access:\n"
      "  - {id: a, effect: allow}\n"
      "  - {id: d, effect: deny, who: {groups: [hr]}, except: [{who: {groups: [hr, it]}}]}\n"));
  EXPECT_FALSE(loaded.set);
  EXPECT_THAT(listed(loaded), HasSubstr("access[1]: This rule never matches: an exception takes "
                                        "out whatever it is about."));
}

TEST(Except, WhatIsWrittenForEverythingIsEverything) {
  for (const char* except : {"{what: {models: ['*']}}", "{what: {models: ['**']}}",
                             "{what: {models: ['?*']}}", "{who: {kinds: [user, service]}}",
                             "{what: {operations: [chat, completion, embeddings, models]}}",
                             "{when: {days: [mon, tue, wed, thu, fri, sat, sun], timezone: UTC}}",
                             "{when: {hours: '00:00-24:00', timezone: Asia/Shanghai}}"}) {
    const auto loaded = testing::parse(with_header(
        std::string("access: [{id: a, effect: allow}]\n"
                    "content: [{id: c, find: {types: [email]}, then: {action: deny}, except: [") +
        except + "]}]\n"));
    EXPECT_FALSE(loaded.set) << except;
    EXPECT_THAT(listed(loaded), HasSubstr("This rule never matches")) << except;
  }
}

// A request names models that may answer instead: what holds for any of them holds.
TEST(Except, HoldsWhereEachModelThatMayAnswerIsExcepted) {
  const auto set = load(
      "access: [{id: all, effect: allow}]\n"
      "content:\n"
      "  - {id: a, find: {types: [email]}, except: [{what: {models: ['hr-*']}}],"
      " then: {action: deny}}\n"
      "  - {id: b, find: {types: [phone]}, what: {models: [strict]}, then: {action: deny}}\n");
  const auto decide = [&](const core::FindingType& type, std::string_view model,
                          const std::vector<std::string>& fallbacks) {
    Facts asked = facts(anna, model);
    asked.fallbacks = fallbacks;
    return set->content(asked, Direction::request)
        .decide(testing::finding(type, 1), nullptr)
        .action;
  };
  EXPECT_EQ(decide(testing::email, "hr-1", {}), Action::allow);
  EXPECT_EQ(decide(testing::email, "hr-1", {"hr-2"}), Action::allow);
  EXPECT_EQ(decide(testing::email, "hr-1", {"demo"}), Action::deny);
  EXPECT_EQ(decide(testing::phone, "demo", {}), Action::allow);
  EXPECT_EQ(decide(testing::phone, "demo", {"demo-2", "strict"}), Action::deny);
}

TEST(Except, WhatIsWrongWithOneIsNamedWithItsPlace) {
  const struct {
    const char* except;
    const char* error;
  } cases[] = {
      {"[{}]", "access[0].except[0]: An exception needs who, what or when."},
      {"[]", "access[0].except: "},
      {"[{who: {groups: [a]}}, {who: {}}]", "access[0].except[1].who: `who` names nobody"},
      {"[{id: x}]", "access[0].except[0]: Unknown key \"id\""},
      {"[{except: [{who: {groups: [a]}}]}]", "access[0].except[0]: Unknown key \"except\""},
      {"{who: {groups: [a]}}", "access[0].except: "},
      {"hr", "access[0].except: "},
      {"", "access[0].except: "},
  };
  for (const auto& [except, error] : cases) {
    const auto loaded = testing::parse(
        with_header(std::string("access: [{id: a, effect: allow, except: ") + except + "}]\n"));
    EXPECT_FALSE(loaded.set) << except;
    EXPECT_THAT(listed(loaded), HasSubstr(error)) << except;
  }
}

TEST(Except, ARuleWithOneCoversOnlyWhatHasIt) {
  const auto lint = [](const std::string& second) {
    const auto loaded =
        testing::parse(with_header("access:\n"
                                   "  - {id: a, effect: deny, except: [{who: {groups: [hr]}}]}\n"
                                   "  - {id: b, effect: allow" +
                                   second + "}\n"));
    return listed(loaded);
  };
  EXPECT_THAT(lint(""), Not(HasSubstr("never decides")));
  EXPECT_THAT(lint(", except: [{who: {groups: [hr]}}]"), HasSubstr("never decides"));
}

}  // namespace
}  // namespace menshen::policies
