// Every way in which a policy file is refused, with the place that the message names.
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace menshen::policies {
namespace {

using ::testing::HasSubstr;
using testing::listed;
using testing::with_header;

struct Case {
  std::string rules;    // from line 4 on
  std::string problem;  // "error PLACE: begin of the message"
};

void expect_problem(const Case& c, bool loads) {
  const auto loaded = testing::parse(with_header(c.rules));
  EXPECT_THAT(listed(loaded), HasSubstr(c.problem)) << c.rules;
  EXPECT_EQ(loaded.set != nullptr, loads) << c.rules << listed(loaded);
}

std::string access(const std::string& keys) {
  return "access:\n  - {id: a, effect: allow, " + keys + "}\n";
}
std::string content(const std::string& keys) {
  return "access:\n  - {id: z, effect: allow}\ncontent:\n  - {id: a, " + keys + "}\n";
}
const std::string pii = "find: {categories: [pii]}, ";
const std::string then_tag = ", then: {action: redact}";

TEST(Document, RefusesABadFrame) {
  EXPECT_THAT(listed(testing::parse("")), HasSubstr("error policy.yaml:1:1: The file is empty."));
  EXPECT_THAT(listed(testing::parse("[]")),
              HasSubstr("Expected a mapping, found a list: its keys are apiVersion, kind, "));
  const std::string frame = listed(testing::parse("apiVersion: menshen/v2\nkind: Policy\n"));
  EXPECT_THAT(frame, HasSubstr("error policy.yaml:1:13 apiVersion: Unknown value"));
  EXPECT_THAT(frame, HasSubstr("error policy.yaml:2:7 kind: Unknown value \"Policy\"."));
  EXPECT_THAT(frame, HasSubstr("error policy.yaml:1:1: The key \"metadata\" is missing."));
  const Case cases[] = {
      {"acess: []\n", "error policy.yaml:4:1: Unknown key \"acess\". Did you mean access?"},
      {"tools: []\n", "error policy.yaml:4:1: The key \"tools\" may not be used: not available"},
      {"access: {}\n", "error policy.yaml:4:9 access: Expected a list, found a mapping."},
      {"access: []\n", "error policy.yaml:4:9 access: The list is empty"},
      {"access: [x]\n",
       "error policy.yaml:4:10 access[0]: Expected a mapping, found a single value: its keys are "
       "id, "},
      {"access: x\n",
       "error policy.yaml:4:9 access: Expected a list, found a single value: put it in brackets, "},
      {"access: [id：x]\n",
       "error policy.yaml:4:10 access[0]: Expected a mapping, found a single value. Here stands "
       "："},
      {"access:\n", "error policy.yaml:4:1 access: Expected a list, found nothing."},
      {"defaults: {access: allow}\n",
       "error policy.yaml:4:20 defaults.access: Access is denied unless a rule allows it"},
      {"defaults: {on_error: annotate}\n", "error policy.yaml:4:22 defaults.on_error: Unknown"},
      {"defaults: {opaque_content: redact}\n",
       "error policy.yaml:4:28 defaults.opaque_content: Unknown"},
      {"defaults: {body_logging: full}\n", "error policy.yaml:4:26 defaults.body_logging: Unknown"},
  };
  for (const Case& c : cases) expect_problem(c, false);
}

TEST(Document, SaysThatNoBodiesAreStored) {
  const std::string open = access("who: {users: [u]}");
  for (const char* value : {"redacted", "sealed"}) {
    expect_problem({open + "defaults: {body_logging: " + value + "}\n",
                    "warning policy.yaml:6:26 defaults.body_logging: This version stores no"},
                   true);
  }
  EXPECT_EQ(listed(testing::parse(with_header(open + "defaults: {body_logging: none}\n"))), "");
}

TEST(Document, RefusesBadAccessRules) {
  const Case cases[] = {
      {"access:\n  - {effect: allow}\n", "error policy.yaml:5:5 access[0]: The key \"id\" is"},
      {"access:\n  - {id: a}\n", "error policy.yaml:5:5 access[0]: The key \"effect\" is missing."},
      {"access:\n  - {id: a b, effect: allow}\n", "error policy.yaml:5:10 access[0].id: An id has"},
      {"access:\n  - {id: " + std::string(129, 'a') + ", effect: allow}\n",
       "error policy.yaml:5:10 access[0].id: This text is longer than 128 bytes."},
      {"access:\n  - {id: a, effect: permit}\n",
       "error policy.yaml:5:21 access[0].effect: Unknown value \"permit\"."},
      {"access:\n  - {id: a, effect: allow}\n  - {id: a, effect: deny}\n",
       "error policy.yaml:6:10 access[1].id: Two rules have the id \"a\": the other one stands in "
       "line 5. Ids are unique over access and content together."},
      {access("limits: {requests_per_minute: 1}"),
       "error policy.yaml:5:28 access[0]: The key \"limits\" may not be used: limits of rules are "
       "not available in this version."},
      {access("mode: shadow"),
       "error policy.yaml:5:28 access[0]: The key \"mode\" may not be used"},
      {access("who: {}"), "error policy.yaml:5:33 access[0].who: `who` names nobody"},
      {access("who: {groups: []}"), "error policy.yaml:5:42 access[0].who.groups: The list is"},
      {access("who: {groups: finance}"), "error policy.yaml:5:42 access[0].who.groups: Expected a"},
      {access("who: {groups: [a, a]}"),
       "error policy.yaml:5:46 access[0].who.groups[1]: This name"},
      {access("who: {groups: [~]}"), "error policy.yaml:5:43 access[0].who.groups[0]: Expected a"},
      {access("who: {users: [\"a\\nb\"]}"),
       "error policy.yaml:5:42 access[0].who.users[0]: This text has line breaks"},
      {access("who: {group: [a]}"),
       "error policy.yaml:5:34 access[0].who: Unknown key \"group\". Did you mean groups?"},
      {access("who: {kinds: [robot]}"), "error policy.yaml:5:42 access[0].who.kinds[0]: Unknown"},
      {access("who: {attributes: {a: b}}"), "error policy.yaml:5:34 access[0].who: The key"},
      {access("what: {}"), "error policy.yaml:5:34 access[0].what: `what` names nothing"},
      {access("what: {operations: [chats]}"),
       "error policy.yaml:5:48 access[0].what.operations[0]: Unknown value \"chats\". Did you "
       "mean"},
      {access("what: {operations: [chat, chat]}"),
       "error policy.yaml:5:54 access[0].what.operations[1]: This name occurs twice."},
      {access("what: {zones: []}"), "error policy.yaml:5:42 access[0].what.zones: The list is"},
      {access("reason: \"" + std::string(513, 'x') + "\""),
       "error policy.yaml:5:36 access[0].reason: This text is longer than 512 bytes."},
  };
  for (const Case& c : cases) expect_problem(c, false);
}

TEST(Document, RefusesBadTimes) {
  const Case cases[] = {
      {access("when: {timezone: UTC}"), "error policy.yaml:5:34 access[0].when: `when` needs days"},
      {access("when: {days: [mon]}"),
       "error policy.yaml:5:34 access[0].when: The key \"timezone\" is missing."},
      {access("when: {days: [monday], timezone: UTC}"),
       "error policy.yaml:5:42 access[0].when.days[0]: Unknown value \"monday\"."},
      {access("when: {days: [mon, mon], timezone: UTC}"),
       "error policy.yaml:5:47 access[0].when.days[1]: This day occurs twice."},
      {access("when: {days: [], timezone: UTC}"),
       "error policy.yaml:5:41 access[0].when.days: The list is empty"},
      {access("when: {hours: '09:00-09:00', timezone: UTC}"),
       "error policy.yaml:5:42 access[0].when.hours: Begin and end are the same time"},
      {access("when: {hours: '9-17', timezone: UTC}"),
       "error policy.yaml:5:42 access[0].when.hours: Expected \"HH:MM-HH:MM\", from 00:00 to "
       "24:00. "
       "Did you mean 09:00-17:00?"},
      {access("when: {hours: '09:00-25:00', timezone: UTC}"),
       "error policy.yaml:5:42 access[0].when.hours: Expected \"HH:MM-HH:MM\", from 00:00 to "
       "24:00.\n"},
      {access("when: {hours: '09:00-17:00', timezone: Asia/Beijing}"),
       "error policy.yaml:5:67 access[0].when.timezone: There is no time zone \"Asia/Beijing\". "
       "Did "
       "you mean Asia/Shanghai?"},
      {access("when: {hours: '09:00-17:00', timezone: CST}"),
       "error policy.yaml:5:67 access[0].when.timezone: There is no time zone \"CST\". "},
  };
  for (const Case& c : cases) expect_problem(c, false);
}

TEST(Document, RefusesContentRulesThatCouldNotBeEnforced) {
  const std::string then = ", then: {action: annotate}";
  const Case cases[] = {
      {content("then: {action: deny}"), "error policy.yaml:7:5 content[0]: The key \"find\" is"},
      {content("find: {categories: [pii]}"),
       "error policy.yaml:7:5 content[0]: The key \"then\" is missing."},
      {content("find: {}" + then), "error policy.yaml:7:19 content[0].find: `find` needs either"},
      {content("find: {types: [email], scores: {bias: {above: 0.5}}}" + then),
       "error policy.yaml:7:19 content[0].find: `find` needs either"},
      {content("find: {types: [emial]}" + then),
       "error policy.yaml:7:28 content[0].find.types[0]: No detector of this version finds the "
       "type \"emial\". Did you mean email?"},
      {content("find: {types: []}" + then),
       "error policy.yaml:7:27 content[0].find.types: The list"},
      {content("find: {categories: [pi]}" + then),
       "error policy.yaml:7:33 content[0].find.categories[0]: Unknown value \"pi\". Did you "
       "mean pii? Use one of: pii, secret."},
      {content("find: {categories: [email]}" + then),
       "error policy.yaml:7:33 content[0].find.categories[0]: \"email\" is a type: write "
       "`types: [email]`."},
      {content("find: {types: [pii]}" + then),
       "error policy.yaml:7:28 content[0].find.types[0]: No detector of this version finds the "
       "type \"pii\". It is a category: write `categories: [pii]`."},
      {content("find: {categories: [bias]}" + then),
       "error policy.yaml:7:33 content[0].find.categories[0]: No detector of this version finds "
       "anything of the category \"bias\": the rule could never match. It is a score: write "
       "`scores: {bias: {above: 0.5}}`."},
      {content("find: {types: [email], confidence_min: 1.01}" + then),
       "error policy.yaml:7:52 content[0].find.confidence_min: Expected a number from 0 to 1."},
      {content("find: {types: [email], confidence_min: -0.1}" + then),
       "error policy.yaml:7:52 content[0].find.confidence_min: Expected a number from 0 to 1."},
      {content("find: {scores: {bias: {above: 0.5}}, confidence_min: 0.5}" + then),
       "error policy.yaml:7:66 content[0].find.confidence_min: Findings alone have a confidence"},
      {content("find: {scores: {}}" + then), "error policy.yaml:7:28 content[0].find.scores: The"},
      {content("find: {scores: {rage: {above: 0.5}}}" + then),
       "error policy.yaml:7:29 content[0].find.scores.rage: Unknown value \"rage\"."},
      {content("find: {scores: {bias: {}}}" + then),
       "error policy.yaml:7:35 content[0].find.scores.bias: Give either {above: x} or {below: x}."},
      {content("find: {scores: {bias: {above: 0.1, below: 0.9}}}" + then),
       "error policy.yaml:7:35 content[0].find.scores.bias: Give either {above: x} or {below: x}."},
      {content("find: {scores: {bias: {above: 1}}}" + then),
       "error policy.yaml:7:43 content[0].find.scores.bias.above: A score lies between"},
      {content("find: {scores: {bias: {below: 0}}}" + then),
       "error policy.yaml:7:43 content[0].find.scores.bias.below: A score lies between"},
      {content("find: {scores: {bias: {below: 2}}}" + then),
       "error policy.yaml:7:43 content[0].find.scores.bias.below: Expected a number from 0 to 1."},
      {content("direction: request, find: {scores: {grounding: {below: 0.5}}}" + then),
       "error policy.yaml:7:49 content[0].find.scores.grounding: Only answers have a grounding"},
      {content("find: {scores: {grounding: {below: 0.5}}}" + then),
       "error policy.yaml:7:29 content[0].find.scores.grounding: Only answers have a grounding"},
      {content("direction: response, find: {scores: {injection: {above: 0.5}}}" + then),
       "error policy.yaml:7:50 content[0].find.scores.injection: Only requests have an injection"},
      {content("direction: both, find: {scores: {injection: {above: 0.5}}}" + then),
       "error policy.yaml:7:46 content[0].find.scores.injection: Only requests have an injection"},
  };
  for (const Case& c : cases) expect_problem(c, false);
}

TEST(Document, RefusesRulesOnOpaqueContentThatCouldNotBeEnforced) {
  const std::string then = ", then: {action: annotate}";
  const Case cases[] = {
      {content("find: {types: [email], opaque: [image]}" + then),
       "error policy.yaml:7:19 content[0].find: `find` needs either types, categories "},
      {content("find: {scores: {bias: {above: 0.5}}, opaque: [image]}" + then),
       "error policy.yaml:7:19 content[0].find: `find` needs either types, categories "},
      {content("find: {opaque: [image], confidence_min: 0.5}" + then),
       "error policy.yaml:7:53 content[0].find.confidence_min: Findings alone have a confidence"},
      {content("find: {opaque: []}" + then),
       "error policy.yaml:7:28 content[0].find.opaque: The list"},
      {content("find: {opaque: [images]}" + then),
       "error policy.yaml:7:29 content[0].find.opaque[0]: Unknown value \"images\". Did you mean "},
      {content("find: {opaque: [image]}, then: {action: redact}"),
       "content[0].then.action: What cannot be read cannot be redacted: allow, annotate or deny"},
  };
  for (const Case& c : cases) expect_problem(c, false);
}

TEST(Document, RefusesActionsThatCouldNotBeEnforced) {
  const Case cases[] = {
      {content("direction: upward, " + pii + "then: {action: deny}"),
       "error policy.yaml:7:24 content[0].direction: Unknown value \"upward\"."},
      {content("direction: request, what: {operations: [models]}, " + pii + "then: {action: deny}"),
       "error policy.yaml:7:39 content[0].what: Content rules do not judge listings"},
      {content("direction: response, what: {operations: [models]}, " + pii +
               "then: {action: deny}"),
       "error policy.yaml:7:40 content[0].what: Content rules do not judge listings"},
      {content(pii + "then: {}"),
       "error policy.yaml:7:46 content[0].then: The key \"action\" is missing."},
      {content(pii + "then: {action: block}"),
       "error policy.yaml:7:55 content[0].then.action: Unk"},
      {content(pii + "then: {action: reroute}"),
       "error policy.yaml:7:55 content[0].then.action: The action reroute is not available"},
      {content(pii + "then: {action: rewrite}"),
       "error policy.yaml:7:55 content[0].then.action: The action rewrite is not available"},
      {content(pii + "then: {action: review}"),
       "error policy.yaml:7:55 content[0].then.action: The action review is not available"},
      {content(pii + "then: {action: redact, as: pseudonym}"),
       "error policy.yaml:7:67 content[0].then.as: Pseudonyms are given in requests"},
      {content(pii + "then: {action: redact, as: stars}"),
       "error policy.yaml:7:67 content[0].then.as: Unknown value \"stars\"."},
      {content(pii + "then: {action: deny, as: mask}"),
       "error policy.yaml:7:65 content[0].then.as: `as` belongs to the action redact."},
      {content("find: {scores: {bias: {above: 0.5}}}" + then_tag),
       "error policy.yaml:7:66 content[0].then.action: A score has no place in the text"},
      {content(pii + "mode: dry, then: {action: deny}"),
       "error policy.yaml:7:46 content[0].mode: "},
      {content(pii + "limits: {}, then: {action: deny}"),
       "error policy.yaml:7:40 content[0]: Unknown key \"limits\"."},
      {"access:\n  - {id: a, effect: allow}\ncontent:\n  - {id: a, " + pii +
           "then: {action: deny}}\n",
       "error policy.yaml:7:10 content[0].id: Two rules have the id \"a\": the other one stands in "
       "line 5."},
  };
  for (const Case& c : cases) expect_problem(c, false);
}

TEST(Document, WarnsOfWhatMaySurprise) {
  const Case cases[] = {
      {access("who: {users: [u], groups: [g]}"),
       "warning policy.yaml:5:33 access[0].who: Both users and groups are given"},
      {content("find: {scores: {toxicity: {above: 0.5}}}, then: {action: deny}"),
       "warning policy.yaml:7:70 content[0].then.action: The streams that this rule applies to are "
       "held"},
      {content(pii + "then: {action: allow}"),
       "warning policy.yaml:7:55 content[0].then.action: allow is the weakest action"},
  };
  for (const Case& c : cases) expect_problem(c, true);
  const auto shadow = testing::parse(with_header(
      content("find: {scores: {toxicity: {above: 0.5}}}, mode: shadow, then: {action: deny}")));
  EXPECT_EQ(listed(shadow), "");
}

TEST(Document, RefusesBadTests) {
  const auto test = [](const std::string& keys) {
    return access("who: {users: [u]}") + "tests:\n  - {" + keys + "}\n";
  };
  const Case cases[] = {
      {test("given: {}, expect: {access: deny}"),
       "error policy.yaml:7:5 tests[0]: The key \"name\""},
      {test("name: t, expect: {access: deny}"),
       "error policy.yaml:7:5 tests[0]: The key \"given\""},
      {test("name: t, given: {}, expect: {}"),
       "error policy.yaml:7:34 tests[0].expect: The key \"access\" is missing."},
      {test("name: t, given: {text: x}, expect: {access: deny}"),
       "error policy.yaml:7:23 tests[0].given: The key \"text\" may not be used: tests of content"},
      {test("name: t, given: {direction: request}, expect: {access: deny}"),
       "error policy.yaml:7:23 tests[0].given: The key \"direction\" may not be used"},
      {test("name: t, given: {}, expect: {access: deny, findings: []}"),
       "error policy.yaml:7:49 tests[0].expect: The key \"findings\" may not be used"},
      {test("name: t, given: {time: noon}, expect: {access: deny}"),
       "error policy.yaml:7:29 tests[0].given.time: Expected a time as in RFC 3339"},
      {test("name: t, given: {kind: robot}, expect: {access: deny}"),
       "error policy.yaml:7:29 tests[0].given.kind: Unknown value"},
      {test("name: t, given: {operation: talk}, expect: {access: deny}"),
       "error policy.yaml:7:34 tests[0].given.operation: Unknown value"},
      {test("name: t, given: {}, expect: {access: deny, rule: nothing}"),
       "error policy.yaml:7:55 tests[0].expect.rule: No access rule has the id \"nothing\"."},
      {test("name: t, given: {}, expect: {access: deny}") +
           "  - {name: t, given: {}, expect: {access: deny}}\n",
       "error policy.yaml:8:12 tests[1].name: Two tests have this name."},
  };
  for (const Case& c : cases) expect_problem(c, false);
}

TEST(Document, ReportsAllProblemsAtOnceInTheOrderOfTheFile) {
  const auto loaded = testing::parse(
      "apiVersion: menshen/v1\nkind: PolicySet\nmetadata: {}\naccess:\n  - {id: a}\n"
      "content:\n  - {id: b, find: {types: [x]}, then: {action: review}}\n");
  ASSERT_EQ(loaded.diagnostics.size(), 4U) << listed(loaded);
  EXPECT_THAT(loaded.diagnostics[0].where(), HasSubstr(":3:11 metadata"));
  EXPECT_THAT(loaded.diagnostics[1].where(), HasSubstr(":5:5 access[0]"));
  EXPECT_THAT(loaded.diagnostics[2].where(), HasSubstr(":7:28 content[0].find.types[0]"));
  EXPECT_THAT(loaded.diagnostics[3].where(), HasSubstr(":7:48 content[0].then.action"));
}

// Seeds and what fuzzing found.
TEST(Document, TheCorpusIsReadWithoutHarm) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(MENSHEN_SOURCE_DIR "/policies/corpus/policy_fuzz")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto loaded = testing::parse(text);
    EXPECT_TRUE(loaded.set || !loaded.diagnostics.empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 4);
}

TEST(Document, BoundsHoldAndOnePastIsRefused) {
  const auto rules = [](int count) {
    std::string out = "access:\n";
    for (int i = 0; i < count; ++i) out += "- {id: r" + std::to_string(i) + ", effect: deny}\n";
    return listed(testing::parse(with_header(out)));
  };
  EXPECT_THAT(rules(2000), ::testing::Not(HasSubstr("error")));
  EXPECT_THAT(rules(2001), HasSubstr("error policy.yaml:5:1 access: More than 2000 rules."));
  const auto names = [](int count) {
    std::string out = "who: {users: [";
    for (int i = 0; i < count; ++i) out += "u" + std::to_string(i) + ", ";
    return listed(testing::parse(with_header(access(out + "]}"))));
  };
  EXPECT_EQ(names(1000), "");
  EXPECT_THAT(names(1001), HasSubstr("access[0].who.users: More than 1000 names."));
}

}  // namespace
}  // namespace menshen::policies
