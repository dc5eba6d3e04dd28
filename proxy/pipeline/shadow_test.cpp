// What rules in shadow would have done, and what rules that annotate say: in records, headers and
// the events of streams.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

namespace menshen::pipeline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string policy_of(const std::string& content, const std::string& opaque = "deny") {
  return R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny, opaque_content: )" +
         opaque + R"(}
access:
  - {id: staff, effect: allow, who: {groups: [staff]}}
)" + (content.empty() ? "" : "content:\n" + content);
}

class Shadow : public GatewayTest {
 protected:
  void judge_by(const std::string& content, const std::string& opaque = "deny") {
    policy_ = policy_from(policy_of(content, opaque));
  }
  static Json with_images() {
    const auto part = [](std::string url) {
      return Json{{"type", "image_url"}, {"image_url", {{"url", std::move(url)}}}};
    };
    const Json parts = Json::array({part("https://h/i.png"), part("data:image/png;base64,iVBO")});
    return {{"model", "m"}, {"messages", Json::array({{{"role", "user"}, {"content", parts}}})}};
  }
  [[nodiscard]] std::string score(const char* name, bool request) const {
    const auto& scores = request ? outcome().scores_request : outcome().scores_response;
    return std::string(name) + "=" + score_text(scores.at(name));
  }
};

TEST_F(Shadow, TheRecordHasWhatWasFoundByWhatIsAlike) {
  judge_by(R"(
  - {id: mail, find: {types: [email]}, then: {action: redact}}
  - {id: try-deny, mode: shadow, find: {categories: [pii]}, then: {action: deny}}
)");
  answer({.pieces = {chat_answer("Ask li.si@corp.example")}});
  const Json said = {
      {"model", "m"},
      {"messages", Json::array({{{"role", "system"}, {"content", "You are a@corp.example."}},
                                {{"role", "user"},
                                 {"content", "b@corp.example c@corp.example 13800138000"}}})}};
  EXPECT_EQ(ask(said.dump()).sent_head.status, 200U);
  const auto place_of = [&](std::uint32_t at) {
    const audit::FiredRule& rule = outcome().rules.at(at);
    return rule.rule + (rule.enforced ? "" : "?");
  };
  std::vector<std::string> told;
  for (const auto* groups : {&outcome().findings_request, &outcome().findings_response}) {
    for (const audit::FindingGroup& group : *groups) {
      std::string line = std::to_string(group.count) + " " + group.type + " " + group.role + " " +
                         group.action + ":";
      for (const std::uint32_t at : group.rules) line += " " + place_of(at);
      told.push_back(line);
      EXPECT_GT(group.confidence, 50U);
      EXPECT_LE(group.confidence, 100U);
    }
  }
  EXPECT_THAT(told, ElementsAre("1 cn_mobile user : try-deny?",  //
                                "1 email system redact: try-deny? mail",
                                "2 email user redact: try-deny? mail",
                                "1 email assistant redact: try-deny? mail"));
}

TEST(FindingGroups, BeyondTheirBoundAreSummed) {
  Tally tally;
  const core::FindingType type{"email", core::Category::pii, "EMAIL", ""};
  const core::FindingType other{"phone", core::Category::pii, "PHONE", ""};
  for (int round = 0; round < 2; ++round) {
    for (int hundredths = 1; hundredths <= 100; ++hundredths) {
      for (const core::FindingType* each : {&type, &other}) {
        const auto confidence = static_cast<float>(hundredths) / 100.0F;
        tally.begin_finding();
        tally.settle({.type = each, .confidence = confidence}, core::Role::user,
                     core::Action::redact);
      }
    }
  }
  ASSERT_EQ(tally.groups.size(), Tally::groups_max + 2);
  std::map<const core::FindingType*, std::uint32_t> counted;
  for (std::size_t i = 0; i < tally.groups.size(); ++i) {
    const Tally::Group& group = tally.groups[i];
    counted[group.type] += group.count;
    EXPECT_EQ(group.summed, i >= Tally::groups_max);
    if (!group.summed) EXPECT_EQ(group.confidence, i / 2 + 1);
  }
  EXPECT_EQ(counted[&type], 200U);
  EXPECT_EQ(counted[&other], 200U);
}

TEST_F(Shadow, TheRecordSaysWhatARuleWouldHaveDoneAndToWhat) {
  judge_by(R"(
  - {id: mail, find: {types: [email]}, then: {action: redact}}
  - {id: try-deny, mode: shadow, find: {categories: [pii]}, then: {action: deny}}
  - {id: try-redact, mode: shadow, find: {types: [cn_mobile]}, then: {action: redact}}
)");
  answer({.pieces = {chat_answer("Ask li.si@corp.example")}});
  const FakeClient& client = ask(chat("a@corp.example, b@corp.example, 13800138000"));
  EXPECT_EQ(client.sent_head.status, 200U);
  EXPECT_EQ(client.header("x-menshen-decision"), "redact;shadow=deny");
  EXPECT_EQ(outcome().decision, "redact");
  const auto& rules = outcome().rules;
  ASSERT_EQ(rules.size(), 5U);
  const auto expect = [](const audit::FiredRule& rule, const char* id, const char* action,
                         std::uint32_t count, const std::map<std::string, std::uint32_t>& found) {
    EXPECT_EQ(rule.rule, id);
    EXPECT_EQ(rule.action, action);
    EXPECT_EQ(rule.enforced, rule.rule == "mail");
    EXPECT_EQ(rule.count, count);
    EXPECT_EQ(rule.found, found);
  };
  expect(rules[0], "try-deny", "deny", 3, {{"email", 2}, {"cn_mobile", 1}});
  expect(rules[1], "mail", "redact", 2, {});
  expect(rules[2], "try-redact", "redact", 1, {{"cn_mobile", 1}});
  expect(rules[3], "try-deny", "deny", 1, {{"email", 1}});  // of the answer
  expect(rules[4], "mail", "redact", 1, {});
  EXPECT_THAT(observer_.seen, HasSubstr(R"({"action":"deny","count":3,"found":{"cn_mobile":1,)"
                                        R"("email":2},"rule":"try-deny","shadow":true})"));
}

TEST_F(Shadow, AKeyWouldHaveBeenRefusedWhereItCannotBeRedacted) {
  judge_by("  - {id: try, mode: shadow, find: {types: [email]}, then: {action: redact}}\n");
  answer({.pieces = {chat_answer("Hello")}});
  const Json body{{"model", "m"},
                  {"messages", Json::array({{{"role", "user"}, {"content", "b@corp.example"}}})},
                  {"metadata", {{"a@corp.example", "x"}}}};
  const FakeClient& client = ask(body.dump());
  EXPECT_EQ(client.sent_head.status, 200U);
  EXPECT_EQ(client.header("x-menshen-decision"), "allow;shadow=deny");
  ASSERT_EQ(outcome().rules.size(), 2U);
  for (const audit::FiredRule& rule : outcome().rules) {
    EXPECT_EQ(rule.rule, "try");
    EXPECT_EQ(rule.count, 1U);
  }
  EXPECT_NE(outcome().rules[0].action, outcome().rules[1].action);
}

TEST_F(Shadow, APartOfTwoKindsCountsOnce) {
  judge_by(R"(
  - {id: pass, find: {opaque: [image, remote_url]}, then: {action: allow}}
  - {id: try, mode: shadow, find: {opaque: [image, remote_url]}, then: {action: deny}}
)");
  answer({.pieces = {chat_answer("Hello")}});
  EXPECT_EQ(ask(with_images().dump()).header("x-menshen-decision"), "allow;shadow=deny");
  ASSERT_EQ(outcome().rules.size(), 2U);
  EXPECT_EQ(outcome().rules[0].action, "deny");
  EXPECT_EQ(outcome().rules[0].count, 2U);
  EXPECT_THAT(outcome().rules[0].found, ElementsAre(Pair("image", 2), Pair("remote_url", 1)));
}

TEST_F(Shadow, ARuleThatWouldOpenSaysSoWhereTheRequestIsRefused) {
  judge_by("  - {id: try, mode: shadow, find: {opaque: [image]}, then: {action: allow}}\n");
  const FakeClient& client = ask(with_images().dump());
  EXPECT_EQ(client.sent_head.status, 403U);
  EXPECT_EQ(client.header("x-menshen-decision"), "deny;shadow=allow");
}

TEST_F(Shadow, AnnotationsNameRulesTypesAndScores) {
  judge_by(R"(
  - {id: watch, find: {types: [email, cn_mobile]}, then: {action: annotate}}
  - id: jailbreak
    direction: request
    find: {scores: {injection: {below: 1}}}
    then: {action: annotate}
  - {id: tone, find: {scores: {toxicity: {below: 1}}}, then: {action: annotate}}
  - {id: silent, mode: shadow, find: {types: [email]}, then: {action: annotate}}
)");
  answer({.pieces = {chat_answer("Ask li.si@corp.example")}});
  const FakeClient& client = ask(chat("a@corp.example, b@corp.example, 13800138000"));
  EXPECT_EQ(client.header("x-menshen-decision"), "annotate;shadow=annotate");
  EXPECT_EQ(client.header("x-menshen-annotations"),
            "jailbreak;in=request;" + score("injection", true) + ", tone;in=request;" +
                score("toxicity", true) +
                ", watch;in=request;email=2;cn_mobile=1, tone;in=response;" +
                score("toxicity", false) + ", watch;in=response;email=1");
  EXPECT_THAT(outcome().rules.front().found, ElementsAre(Pair("injection", 1)));
}

TEST_F(Shadow, AChineseIdIsWrittenInHeadersAsInUrls) {
  judge_by("  - {id: 财务-1, find: {types: [email]}, then: {action: annotate}}\n");
  answer({.pieces = {chat_answer("Hello")}});
  EXPECT_EQ(ask(chat("a@corp.example")).header("x-menshen-annotations"),
            "%E8%B4%A2%E5%8A%A1-1;in=request;email=1");
  EXPECT_EQ(outcome().rules.front().rule, "财务-1");
}

TEST_F(Shadow, WhatNoRuleAnnotatesHasNoAnnotation) {
  judge_by("  - {id: mail, find: {types: [email]}, then: {action: redact}}\n");
  answer({.pieces = {chat_answer("Hello")}});
  const FakeClient& client = ask(chat("a@corp.example"));
  EXPECT_EQ(client.header("x-menshen-annotations"), "");
  EXPECT_EQ(client.header("x-menshen-decision"), "redact");
}

TEST_F(Shadow, TheDefaultsAnnotateByTheirOwnName) {
  judge_by("", "annotate");
  answer({.pieces = {chat_answer("Hello")}});
  EXPECT_EQ(ask(with_images().dump()).header("x-menshen-annotations"),
            "(default);in=request;image=2;remote_url=1");
  ASSERT_EQ(outcome().rules.size(), 1U);
  EXPECT_EQ(outcome().rules[0].rule, "(default)");
  EXPECT_EQ(outcome().rules[0].count, 2U);
}

// A stream whose scores are known before its head leaves says no more in it than any other.
TEST_F(Shadow, AStreamsHeadHasNoScoresAndItsEventHasAll) {
  struct Case {
    std::string path, type, body, stream, event;
  };
  const std::string openai = chat_stream({{0, Field::content, "Good morning "}});
  const std::string anthropic =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  const Json messages = Json::parse(chat("a@corp.example", true));
  const Json deployed{{"stream", true}, {"messages", messages["messages"]}};
  Json bounded = messages;
  bounded["max_tokens"] = 9;
  const std::vector<Case> cases{
      {"/v1/chat/completions", "text/event-stream", messages.dump(), openai, ": menshen.scores "},
      {"/openai/deployments/m/chat/completions?api-version=2024-10-21", "text/event-stream",
       deployed.dump(), openai, ": menshen.scores "},
      {"/v1/messages", "text/event-stream", bounded.dump(), anthropic,
       "event: ping\ndata: {\"type\":\"ping\",\"menshen\":"},
      {"/api/chat", "application/x-ndjson", messages.dump(),
       "{\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":true}\n", "\"menshen\":"},
  };
  for (const bool hold_all : {false, true}) {
    judge_by(std::string(R"(
  - {id: watch, find: {types: [email]}, then: {action: annotate}}
  - id: jailbreak
    direction: request
    find: {scores: {injection: {below: 1}}}
    then: {action: annotate}
  - {id: try, mode: shadow, find: {types: [email]}, then: {action: deny}}
)") + (hold_all ? "  - {id: rude, direction: response, find: {scores: {toxicity: {above: 0.99}}}, "
                  "then: {action: deny}}\n"
                : ""));
    for (const Case& c : cases) {
      upstreams_.answers = {{.type = c.type, .pieces = {c.stream}}};
      const FakeClient& client = ask(c.body, c.path);
      ASSERT_EQ(client.sent_head.status, 200U) << c.path << client.received;
      for (const char* name : {"x-menshen-annotations", "x-menshen-grounding", "x-menshen-bias"}) {
        EXPECT_EQ(client.header(name), "") << c.path << name;
      }
      const std::size_t at = client.received.find(c.event);
      ASSERT_NE(at, std::string::npos) << c.path << client.received;
      const std::string_view event = std::string_view(client.received).substr(at + c.event.size());
      EXPECT_TRUE(
          event.starts_with("{\"decision\":\"annotate;shadow=deny\",\"annotations\":\""
                            "jailbreak;in=request;" +
                            score("injection", true) + ", watch;in=request;email=1\",\"scores\":{"))
          << c.path << event;
    }
  }
}

TEST(Annotations, AreBoundedAtTheirBytes) {
  const auto fired = [](std::size_t bytes) {
    const std::string id(bytes, 'r');
    const core::FindingType type{"email", core::Category::pii, "EMAIL", ""};
    Tally tally;
    policies::Verdict verdict;
    verdict.action = core::Action::annotate;
    verdict.rule = &id;
    tally.fired(verdict, type.name);
    const std::string one = "one";
    verdict.rule = &one;
    tally.fired(verdict, type.name);
    return annotations_header(tally, {});
  };
  // The second rule and what parts it from the first one stand behind the first one's id.
  const std::size_t rest =
      std::string(";in=request;email=1").size() * 2 + std::string("one").size() + 2;
  const std::string whole = fired(annotations_bytes_max - rest);
  EXPECT_EQ(whole.size(), annotations_bytes_max);
  EXPECT_THAT(whole, Not(HasSubstr("(more)")));
  EXPECT_TRUE(fired(annotations_bytes_max - rest + 1).ends_with(";email=1, (more);rules=1"));
}

}  // namespace
}  // namespace menshen::pipeline::testing
