#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::listed;
using testing::with_header;

std::string lint(std::string_view rules) {
  const auto loaded = testing::parse(with_header(rules));
  EXPECT_TRUE(loaded.set) << listed(loaded);
  return listed(loaded);
}

struct LintCase {
  std::string first;
  std::string second;
  std::string warning;  // of the second; empty: none
};

TEST(Lint, NamesAccessRulesThatNeverDecide) {
  const LintCase cases[] = {
      {"effect: allow", "effect: allow", "This rule says the same as rule a."},
      {"effect: deny", "effect: allow", "This rule never decides: rule a denies whatever it"},
      {"effect: deny", "effect: deny, who: {groups: [g]}", "rule a denies whatever it matches."},
      {"effect: allow", "effect: allow, who: {groups: [g]}", "rule a allows whatever it matches."},
      {"effect: allow", "effect: deny, who: {groups: [g]}", ""},
      {"effect: deny, who: {groups: [g]}", "effect: allow", ""},
      {"effect: deny, who: {groups: [g]}", "effect: allow, who: {groups: [h]}", ""},
      {"effect: deny, who: {groups: [g, h]}", "effect: allow, who: {groups: [h]}", "never decides"},
      {"effect: deny, who: {groups: [g]}", "effect: allow, who: {groups: [g, h]}", ""},
      {"effect: deny, who: {kinds: [user]}", "effect: allow, who: {kinds: [user, service]}", ""},
      {"effect: deny, what: {models: ['gpt-*']}", "effect: allow, what: {models: [gpt-4o]}",
       "never decides"},
      {"effect: deny, what: {models: ['gpt-*']}", "effect: allow, what: {models: ['gpt-4*']}",
       "never decides"},
      {"effect: deny, what: {models: ['gpt-4*']}", "effect: allow, what: {models: ['gpt-*']}", ""},
      {"effect: deny, what: {models: ['*-x']}", "effect: allow, what: {models: ['a*-x']}", ""},
      {"effect: deny, what: {operations: [chat]}", "effect: allow", ""},
      {"effect: deny, when: {days: [mon], timezone: UTC}", "effect: allow", ""},
      {"effect: deny", "effect: allow, when: {days: [mon], timezone: UTC}", "never decides"},
      {"effect: deny, when: {days: [mon], timezone: UTC}",
       "effect: allow, when: {days: [mon], timezone: UTC}", "never decides"},
      {"effect: deny, when: {days: [mon], timezone: UTC}",
       "effect: allow, when: {days: [mon], timezone: Asia/Shanghai}", ""},
  };
  for (const LintCase& c : cases) {
    const std::string text = lint("access:\n  - {id: a, " + c.first + "}\n  - {id: b, " + c.second +
                                  "}\n  - {id: c, effect: allow, who: {users: [only]}}\n");
    EXPECT_EQ(text.find(" access[1]: ") != std::string::npos, !c.warning.empty()) << text;
    EXPECT_THAT(text, HasSubstr(c.warning)) << c.first << "; " << c.second;
  }
}

TEST(Lint, ACoveredRuleIsNamedWhereverItStands) {
  const std::string text = lint(
      "access:\n  - {id: narrow, effect: allow, who: {groups: [g]}}\n  - {id: wide, effect: "
      "allow}\n");
  EXPECT_THAT(text, HasSubstr("policy.yaml:5:5 access[0]: This rule never decides: rule wide"));
  EXPECT_EQ(text.find("access[1]"), std::string::npos);
}

TEST(Lint, NamesContentRulesThatNeverDecide) {
  const std::string deny = ", then: {action: deny}";
  const std::string note = ", then: {action: annotate}";
  const std::string request = "direction: request, ";
  const std::string sealed = "opaque: [encrypted_reasoning]";
  const LintCase cases[] = {
      {"find: {categories: [pii]}" + deny, "find: {types: [email]}" + deny, "rule a covers"},
      {"find: {categories: [pii]}" + note, "find: {types: [email]}" + deny, ""},
      {"find: {types: [email]}" + deny, "find: {categories: [pii]}" + deny, ""},
      {"find: {types: [email, phone]}" + deny, "find: {categories: [pii]}" + deny, "says the same"},
      {"find: {types: [email]}" + deny, "find: {types: [jwt]}" + deny, ""},
      {"direction: request, find: {types: [email]}" + deny, "find: {types: [email]}" + deny, ""},
      {"find: {types: [email]}" + deny, "direction: request, find: {types: [email]}" + note,
       "rule a covers whatever it matches."},
      {"find: {types: [email], confidence_min: 0.9}" + deny, "find: {types: [email]}" + deny, ""},
      {"find: {types: [email]}" + deny, "find: {types: [email]}, mode: shadow" + deny, ""},
      {"find: {types: [email]}, then: {action: redact, as: tag}",
       "find: {types: [email]}, then: {action: redact, as: mask}", ""},
      {"find: {types: [email]}, then: {action: redact, as: mask}",
       "find: {types: [email]}, then: {action: redact, as: tag}", "rule a covers"},
      {"find: {scores: {bias: {above: 0.5}}}" + note, "find: {scores: {bias: {above: 0.6}}}" + note,
       "rule a covers"},
      {"find: {scores: {bias: {above: 0.6}}}" + note, "find: {scores: {bias: {above: 0.5}}}" + note,
       ""},
      {"find: {scores: {bias: {above: 0.5}}}" + note, "find: {scores: {bias: {below: 0.5}}}" + note,
       ""},
      {"find: {scores: {bias: {above: 0.5}}}" + note, "find: {types: [email]}" + note, ""},
      {"find: {opaque: [image, file]}" + deny, "find: {opaque: [file]}" + note, "rule a covers"},
      {"find: {opaque: [file]}" + deny, "find: {opaque: [image, file]}" + deny, ""},
      {"find: {opaque: [file]}" + note, "find: {opaque: [file]}" + deny, ""},
      {"find: {opaque: [file]}" + deny, "find: {types: [email]}" + note, ""},
      {request + "find: {" + sealed + "}" + deny,
       request + "find: {" + sealed + ", seen: false}" + note, "rule a covers"},
      {request + "find: {" + sealed + ", seen: false}" + deny,
       request + "find: {" + sealed + "}" + note, ""},
      {request + "find: {" + sealed + ", seen: true}" + deny,
       request + "find: {" + sealed + ", seen: false}" + note, ""},
      {"find: {types: [email]}" + deny, "find: {opaque: [file]}" + note, ""},
  };
  for (const LintCase& c : cases) {
    const std::string text = lint("access: [{id: z, effect: allow}]\ncontent:\n  - {id: a, " +
                                  c.first + "}\n  - {id: b, " + c.second + "}\n");
    EXPECT_EQ(text.find(" content[1]: ") != std::string::npos, !c.warning.empty()) << text;
    EXPECT_THAT(text, HasSubstr(c.warning)) << c.first << "; " << c.second;
  }
}

TEST(Lint, NamesOwnTypesOfWhichNoFindingIsSureEnough) {
  const auto text_of = [](const std::string& recognizer, const std::string& find) {
    return lint("recognizers: [{name: emp, category: pii, pattern: 'E\\d{7}', " + recognizer +
                ", examples: {match: [E1234567]}}]\naccess: [{id: a, effect: allow}]\n"
                "content: [{id: c, find: {types: [emp]" +
                find + "}, then: {action: redact}}]\n");
  };
  EXPECT_THAT(text_of("confidence: 0.4", ""), HasSubstr("This rule never acts on \"emp\""));
  EXPECT_THAT(text_of("confidence: 0.4", ", confidence_min: 0.4"), Not(HasSubstr("never acts")));
  EXPECT_THAT(text_of("confidence: 0.4, context: {words: [staff], confidence: 0.9}", ""),
              Not(HasSubstr("never acts")));
  EXPECT_THAT(text_of("confidence: 0.5", ""), Not(HasSubstr("never acts")));
}

}  // namespace
}  // namespace menshen::policies
