// Pseudonyms through the gateway: what the provider sees, what the client gets back, whose it is.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

#include <tuple>

namespace menshen::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using namespace testing;

constexpr std::string_view pseudonyms_outside = R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny, opaque_content: allow}
access:
  - {id: staff, effect: allow, who: {groups: [staff]}}
content:
  - id: outside
    direction: request
    find: {categories: [pii, secret]}
    what: {zones: [public]}
    then: {action: redact, as: pseudonym}
  - {id: answers, direction: response, find: {categories: [pii]}, then: {action: redact, as: tag}}
)";

class PseudonymExchange : public GatewayTest {
 protected:
  PseudonymExchange() {
    policy_ = policy_from(pseudonyms_outside);
    upstreams_.targets = {{1, "outside", "public", ""}};
  }
  [[nodiscard]] std::string said() const {
    return Json::parse(client_->received)["choices"][0]["message"]["content"];
  }
};

TEST_F(PseudonymExchange, TheProviderSeesPlaceholdersAndTheClientItsValues) {
  upstreams_.answers = {{.pieces = {chat_answer("To <EMAIL_1> and <EMAIL_9>, not x@own.example")}}};
  ask(chat("write to bob@corp.example or 13800138000"));
  EXPECT_THAT(upstreams_.seen_body, HasSubstr("write to <EMAIL_1> or <CN_MOBILE_1>"));
  EXPECT_THAT(upstreams_.seen_body, Not(HasSubstr("bob@")));
  EXPECT_EQ(said(), "To bob@corp.example and <EMAIL_9>, not [EMAIL]");
  EXPECT_THAT(outcome().pseudonyms, UnorderedElementsAre(Pair("email", 1), Pair("cn_mobile", 1)));
  EXPECT_THAT(outcome().restored, UnorderedElementsAre(Pair("email", 1)));
  EXPECT_EQ(outcome().decision, "redact");
}

TEST_F(PseudonymExchange, AStreamIsRestoredAtEveryCut) {
  const std::string stream = chat_stream({{0, Field::content, "To <EMA"},
                                          {0, Field::content, "IL_1"},
                                          {0, Field::content, "> now"},
                                          {0, Field::arguments, R"({"to":"&lt;EMAIL)"},
                                          {0, Field::arguments, R"(_1&gt;"})"}});
  for (std::size_t cut = 1; cut < stream.size(); cut += 7) {
    upstreams_.answers = {
        {.type = "text/event-stream", .pieces = {stream.substr(0, cut), stream.substr(cut)}}};
    ask(chat("write to bob@corp.example", true));
    auto texts = texts_of(client_->received);
    EXPECT_EQ((texts[{0, Field::content}]), "To bob@corp.example now");
    EXPECT_EQ((texts[{0, Field::arguments}]), R"({"to":"bob@corp.example"})");
    EXPECT_THAT(outcome().restored, UnorderedElementsAre(Pair("email", 1)));
  }
}

TEST_F(PseudonymExchange, TheMapIsThatOfTheTargetThatAnswers) {
  upstreams_.targets = {{0, "inside", "internal", ""}, {1, "outside", "public", ""}};
  upstreams_.retry_count = 1;
  upstreams_.answers = {{.status = 503, .pieces = {"{}"}},
                        {.pieces = {chat_answer("To <EMAIL_1>")}}};
  ask(chat("write to bob@corp.example"));
  EXPECT_THAT(upstreams_.seen_body, HasSubstr("<EMAIL_1>"));
  EXPECT_EQ(said(), "To bob@corp.example");
  std::ranges::reverse(upstreams_.targets);
  upstreams_.calls = 0;
  ask(chat("write to bob@corp.example"));
  EXPECT_THAT(upstreams_.seen_body, HasSubstr("bob@corp.example"));
  EXPECT_EQ(said(), "To <EMAIL_1>");
  EXPECT_THAT(outcome().pseudonyms, IsEmpty());
}

TEST_F(PseudonymExchange, NothingOfAnotherExchangeIsRestored) {
  upstreams_.answers = {{.pieces = {chat_answer("<EMAIL_1> <EMAIL_2>")}}};
  ask(chat("write to bob@corp.example and amy@corp.example"));
  EXPECT_EQ(said(), "bob@corp.example amy@corp.example");
  ask(chat("write to eve@corp.example"), "/v1/chat/completions", "POST", "portal");
  EXPECT_EQ(said(), "eve@corp.example <EMAIL_2>");
  ask(chat("write to nobody"), "/v1/chat/completions", "POST", "portal");
  EXPECT_EQ(said(), "<EMAIL_1> <EMAIL_2>");
  EXPECT_THAT(outcome().restored, IsEmpty());
}

TEST_F(PseudonymExchange, HeadersAreNumberedBehindTheBody) {
  more_headers_ = {{"x-request-id", "of zoe@corp.example"}};
  upstreams_.answers = {{.pieces = {chat_answer("<EMAIL_1> <EMAIL_2>")}}};
  ask(chat("write to bob@corp.example"));
  EXPECT_THAT(upstreams_.seen_headers, ::testing::Contains(Pair("x-request-id", "of <EMAIL_2>")));
  EXPECT_EQ(said(), "bob@corp.example zoe@corp.example");
}

// Whatever was found where: what goes to the provider has its numbers already.
TEST_F(PseudonymExchange, NumbersThatTheRequestHasAreNobodysWhereverTheyStand) {
  upstreams_.answers = {{.pieces = {chat_answer("<EMAIL_1> <EMAIL_2>")}}};
  more_headers_ = {{"x-request-id", "of zoe@corp.example"}};
  ask(chat("what is <EMAIL_1>?"));
  EXPECT_THAT(upstreams_.seen_headers, ::testing::Contains(Pair("x-request-id", "of <EMAIL_2>")));
  EXPECT_EQ(said(), "<EMAIL_1> zoe@corp.example");
  more_headers_ = {{"x-request-id", "of <EMAIL_1>"}};
  ask(chat("write to bob@corp.example"));
  EXPECT_THAT(upstreams_.seen_body, HasSubstr("write to <EMAIL_2>"));
  EXPECT_EQ(said(), "<EMAIL_1> bob@corp.example");
  more_headers_ = {{"x-request-id", "of <EMAIL_1>"}, {"x-client-request-id", "zoe@corp.example"}};
  ask(chat("hello"));
  EXPECT_THAT(upstreams_.seen_headers,
              ::testing::Contains(Pair("x-client-request-id", "<EMAIL_2>")));
}

// The policy of this test redacts e-mail in answers.
TEST_F(PseudonymExchange, WhatIsFoundAroundAPlaceholderIsRedactedWithoutIt) {
  upstreams_.answers = {
      {.pieces = {chat_answer("EMAIL_1@corp.example, <EMAIL_1>, eve@corp.example")}}};
  ask(chat("write to bob@corp.example"));
  EXPECT_EQ(said(), "bob@corp.example[EMAIL], bob@corp.example, [EMAIL]");
}

TEST_F(PseudonymExchange, WhatMayBeWholeOrAPieceIsRestoredOnce) {
  const auto named = [](std::string_view name) {
    const Json call{{"index", 0}, {"function", {{"name", name}}}};
    const Json delta{{"tool_calls", Json::array({call})}};
    return sse({{"object", "chat.completion.chunk"},
                {"choices", Json::array({{{"index", 0}, {"delta", delta}}})}});
  };
  const auto end = chat_stream({});
  for (const auto& [first, second, joined] : {std::tuple("to_<", "EMAIL_1>", "to_bob@corp.example"),
                                              {"<EMAIL_1>", "_now", "bob@corp.example_now"},
                                              {"to_<EMA", "IL_1>", "to_bob@corp.example"}}) {
    upstreams_.answers = {
        {.type = "text/event-stream", .pieces = {named(first) + named(second) + end}}};
    ask(chat("write to bob@corp.example", true));
    std::string name;
    constexpr std::string_view before = R"("name":")";
    const std::string& received = client_->received;
    for (std::size_t at = 0; (at = received.find(before, at)) != std::string::npos;) {
      at += before.size();
      name += received.substr(at, received.find('"', at) - at);
    }
    EXPECT_EQ(name, joined);
  }
}

TEST_F(PseudonymExchange, AConversationThatTheProviderKeepsIsRefused) {
  for (const std::string_view reference :
       {R"("previous_response_id":"resp_1")", R"("conversation":"conv_1")",
        R"("conversation":{"id":"conv_1"})"}) {
    upstreams_.calls = 0;
    ask(R"({"model":"m","input":"hello",)" + std::string(reference) + "}", "/v1/responses");
    EXPECT_EQ(client_->sent_head.status, 403U);
    EXPECT_EQ(outcome().error, "history_elsewhere");
    EXPECT_EQ(upstreams_.calls, 0U);
  }
  ask(R"({"model":"m","input":[{"type":"item_reference","id":"msg_1"}]})", "/v1/responses");
  EXPECT_EQ(outcome().error, "history_elsewhere");
  // Where it may be named in clear text it goes there.
  upstreams_.targets = {{1, "outside", "public", ""}, {0, "inside", "internal", ""}};
  upstreams_.answers = {{.pieces = {R"({"object":"response","output":[]})"}}};
  ask(R"({"model":"m","input":"hello","previous_response_id":"resp_1"})", "/v1/responses");
  EXPECT_EQ(client_->sent_head.status, 200U);
  EXPECT_EQ(outcome().zone, "internal");
}

}  // namespace
}  // namespace menshen::pipeline
