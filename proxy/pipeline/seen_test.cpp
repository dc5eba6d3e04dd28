// Rules that ask whether an answer to this caller had what the request sends back.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace menshen::pipeline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string seen_policy(const std::string& more = "", const std::string& mode = "enforce") {
  return R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny, opaque_content: deny}
access:
  - {id: staff, effect: allow, who: {groups: [staff]}}
content:
  - id: own-reasoning
    direction: request
    find: {opaque: [encrypted_reasoning], seen: false}
    then: {action: deny}
    mode: )" +
         mode + "\n" + more;
}

class SeenTest : public GatewayTest {
 protected:
  SeenTest() {
    policy_ = policy_from(seen_policy());
    services_.seen = &seen_;
  }

  static std::string reasoning(std::string_view value, std::string_view more = "") {
    return R"({"model":"m",)" + std::string(more) +
           R"("input":[{"type":"reasoning","summary":[],"encrypted_content":")" +
           std::string(value) + R"("}]})";
  }
  static std::string thinking(std::string_view signature) {
    return R"({"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":)"
           R"([{"type":"thinking","thinking":"t","signature":")" +
           std::string(signature) + R"("}]}]})";
  }
  // What a request with this body is answered once there is an answer for it.
  unsigned send_back(const std::string& body, const std::string& path = "/v1/responses",
                     const std::string& key = "good") {
    answer({.pieces = {R"({"output":[]})"}});
    const unsigned status = ask(body, path, "POST", key).sent_head.status;
    upstreams_.answers.clear();
    upstreams_.calls = 0;
    return status;
  }
  // An answer without a stream.
  unsigned get(const std::string& value, const std::string& key = "good") {
    answer({.pieces = {R"({"output":[{"type":"reasoning","encrypted_content":")" + value +
                       R"("}]})"}});
    const unsigned status =
        ask(R"({"model":"m","input":"Hi"})", "/v1/responses", "POST", key).sent_head.status;
    upstreams_.answers.clear();
    upstreams_.calls = 0;
    return status;
  }
  FakeClient& stream(const std::string& path, std::vector<std::string> pieces) {
    answer({.type = "text/event-stream", .pieces = std::move(pieces)});
    FakeClient& client =
        ask(path == "/v1/messages" ? R"({"model":"m","max_tokens":9,"stream":true,"messages":[]})"
                                   : R"({"model":"m","stream":true,"input":"Hi"})",
            path);
    upstreams_.answers.clear();
    upstreams_.calls = 0;
    return client;
  }
  static std::string signature_event(std::string_view piece, int block = 0) {
    return sse({{"type", "content_block_delta"},
                {"index", block},
                {"delta", {{"type", "signature_delta"}, {"signature", piece}}}});
  }
  static std::string block_begins(int block = 0) {
    return sse({{"type", "content_block_start"},
                {"index", block},
                {"content_block", {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}}});
  }
  static std::string block_ends(int block = 0) {
    return sse({{"type", "content_block_stop"}, {"index", block}});
  }
  static std::string message_ends() { return sse({{"type", "message_stop"}}); }

  MovingClock clock_;
  SeenValues seen_{{.values_max = 1024, .subject_values_max = 100, .lifetime_ns = 1'000'000'000},
                   clock_};
};

TEST_F(SeenTest, WhatAnAnswerHadComesBack) {
  EXPECT_EQ(send_back(reasoning("gAAA")), 403U);
  EXPECT_EQ(get("gAAA"), 200U);
  EXPECT_EQ(send_back(reasoning("gAAA")), 200U);
  EXPECT_EQ(outcome().decision, "allow");
  EXPECT_THAT(outcome().rules, IsEmpty());
  // However its characters are written.
  EXPECT_EQ(send_back(reasoning("g\\u0041AA")), 200U);
  EXPECT_EQ(send_back(reasoning("gAAB")), 403U);
}

TEST_F(SeenTest, TheErrorSaysWhereWhatWhyAndWhatToDo) {
  const FakeClient& client = ask(reasoning("gAAA"), "/v1/responses");
  EXPECT_EQ(client.sent_head.status, 403U);
  const Json error = Json::parse(client.received)["error"];
  EXPECT_EQ(error["code"], "unseen_reasoning");
  EXPECT_EQ(error["param"], "/input/0/encrypted_content");
  EXPECT_EQ(error["message"],
            "Content that cannot be read is refused by the policy. Found: encrypted_reasoning; "
            "rule: own-reasoning; in the request. No answer to you that this gateway remembers had "
            "it; it forgets at a restart and past its limits, and knows nothing of other gateways. "
            "Send the conversation without this value.");
  EXPECT_EQ(upstreams_.deliveries, 0U);
  EXPECT_EQ(outcome().error, "unseen_reasoning");
  ASSERT_EQ(outcome().rules.size(), 1U);
  EXPECT_EQ(outcome().rules[0].rule, "own-reasoning");
}

TEST_F(SeenTest, AnotherSubjectIsRefused) {
  EXPECT_EQ(get("gAAA"), 200U);
  EXPECT_EQ(send_back(reasoning("gAAA"), "/v1/responses", "portal"), 403U);
  // A person behind the service is neither the service nor the next person.
  more_headers_ = {{"x-menshen-user", "zhang"}};
  EXPECT_EQ(get("gBBB", "portal"), 200U);
  EXPECT_EQ(send_back(reasoning("gBBB"), "/v1/responses", "portal"), 200U);
  more_headers_ = {{"x-menshen-user", "wang"}};
  EXPECT_EQ(send_back(reasoning("gBBB"), "/v1/responses", "portal"), 403U);
  more_headers_.clear();
  EXPECT_EQ(send_back(reasoning("gBBB"), "/v1/responses", "portal"), 403U);
}

TEST_F(SeenTest, ValuesAtOtherPlacesWereNeverSeen) {
  EXPECT_EQ(get("gAAA"), 200U);
  EXPECT_EQ(send_back(R"({"model":"m","input":[{"role":"user","content":"c",)"
                      R"("encrypted_content":"gAAA"}]})"),
            403U);
  EXPECT_EQ(outcome().error, "unseen_reasoning");
}

TEST_F(SeenTest, OfAnAnswerThatWasRefusedNothingIsKnown) {
  policy_ = policy_from(seen_policy(
      "  - {id: r, direction: response, find: {types: [email]}, then: {action: deny}}\n"));
  answer({.pieces = {R"({"output":[{"type":"reasoning","encrypted_content":"gAAA"},)"
                     R"({"type":"message","content":[{"type":"output_text",)"
                     R"("text":"Write to li.si@corp.example."}]}]})"}});
  EXPECT_EQ(ask(R"({"model":"m","input":"Hi"})", "/v1/responses").sent_head.status, 403U);
  upstreams_.answers.clear();
  upstreams_.calls = 0;
  EXPECT_EQ(send_back(reasoning("gAAA")), 403U);
}

TEST_F(SeenTest, OfAnAnswerWithoutItsOutcomeNothingIsKnown) {
  journal_.fail_outcomes = true;
  EXPECT_EQ(get("gAAA"), 503U);
  journal_.fail_outcomes = false;
  EXPECT_EQ(send_back(reasoning("gAAA")), 403U);
}

TEST_F(SeenTest, EventsOfAStreamBringWholeValues) {
  const std::string item = R"({"type":"reasoning","encrypted_content":")";
  const auto added = [&](const std::string& value) {
    return R"(data: {"type":"response.output_item.added","output_index":0,"item":)" + item + value +
           "\"}}\n\n";
  };
  stream("/v1/responses", {added("gFirst"),
                           R"(data: {"type":"response.output_item.done","output_index":0,"item":)" +
                               item + "gDone\"}}\n\n",
                           R"(data: {"type":"response.completed","response":{"output":[)" + item +
                               "gWhole\"}]}}\n\n"});
  for (const char* value : {"gFirst", "gDone", "gWhole"}) {
    EXPECT_EQ(send_back(reasoning(value)), 200U) << value;
  }
  EXPECT_EQ(send_back(reasoning("gFirstgDone")), 403U);
}

TEST_F(SeenTest, PiecesOfASignatureAreOneValueAtEveryCut) {
  const std::string first =
      block_begins() + signature_event("ErUB") + signature_event("CgIYAhIM") + block_ends();
  const std::string second = block_begins(1) + signature_event("EmwK", 1) + block_ends(1);
  const std::string whole = first + second + message_ends();
  for (std::size_t cut = 1; cut < whole.size(); cut += 7) {
    SeenValues seen({.values_max = 1024, .subject_values_max = 100, .lifetime_ns = 1'000'000'000},
                    clock_);
    services_.seen = &seen;
    const FakeClient& client = stream("/v1/messages", {whole.substr(0, cut), whole.substr(cut)});
    ASSERT_THAT(client.received, HasSubstr("message_stop")) << cut;
    EXPECT_EQ(send_back(thinking("ErUBCgIYAhIM"), "/v1/messages"), 200U) << cut;
    EXPECT_EQ(send_back(thinking("EmwK"), "/v1/messages"), 200U) << cut;
    EXPECT_EQ(send_back(thinking("ErUB"), "/v1/messages"), 403U) << cut;
    EXPECT_EQ(send_back(thinking("CgIYAhIM"), "/v1/messages"), 403U) << cut;
  }
}

TEST_F(SeenTest, ABlockMayBeginWithAPieceOfItsValueOrAllOfIt) {
  const auto begun = [](Json block, int index) {
    return sse(
        {{"type", "content_block_start"}, {"index", index}, {"content_block", std::move(block)}});
  };
  const std::string redacted =
      begun({{"type", "redacted_thinking"}, {"data", "RedactedData"}}, 1) + block_ends(1);
  const Json thought{{"type", "thinking"}, {"thinking", ""}, {"signature", "Er"}};
  const FakeClient& client =
      stream("/v1/messages",
             {begun(thought, 0) + signature_event("UB") + block_ends(), redacted + message_ends()});
  EXPECT_THAT(client.received, HasSubstr("message_stop"));
  EXPECT_EQ(send_back(thinking("ErUB"), "/v1/messages"), 200U);
  EXPECT_EQ(send_back(thinking("UB"), "/v1/messages"), 403U);
  EXPECT_EQ(send_back(R"({"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":)"
                      R"([{"type":"redacted_thinking","data":"RedactedData"}]}]})",
                      "/v1/messages"),
            200U);
}

TEST_F(SeenTest, OfAStreamThatBreaksOffNothingIsKnown) {
  const FakeClient& client =
      stream("/v1/messages", {block_begins() + signature_event("ErUB") + block_ends()});
  EXPECT_THAT(client.received, HasSubstr("stream_truncated"));
  EXPECT_EQ(send_back(thinking("ErUB"), "/v1/messages"), 403U);
}

TEST_F(SeenTest, OfAStreamWhoseClientLeavesNothingIsKnown) {
  gone_after_writes_ = 0;
  stream("/v1/messages", {block_begins() + signature_event("ErUB") + block_ends(), message_ends()});
  gone_after_writes_.reset();
  EXPECT_EQ(send_back(thinking("ErUB"), "/v1/messages"), 403U);
}

TEST_F(SeenTest, InShadowItIsRecordedAndPasses) {
  policy_ = policy_from(seen_policy("", "shadow"));
  EXPECT_EQ(send_back(reasoning("gAAA")), 200U);
  ASSERT_EQ(outcome().rules.size(), 1U);
  EXPECT_FALSE(outcome().rules[0].enforced);
  EXPECT_EQ(get("gAAA"), 200U);
  EXPECT_EQ(send_back(reasoning("gAAA")), 200U);
  EXPECT_THAT(outcome().rules, IsEmpty());
}

TEST_F(SeenTest, WhereNoRuleAsksNothingIsRemembered) {
  policy_ = policy_from(two_zones);
  EXPECT_EQ(get("gAAA"), 200U);
  stream("/v1/messages", {block_begins() + signature_event("ErUB") + block_ends(), message_ends()});
  EXPECT_EQ(seen_.stats().values, 0U);
  EXPECT_EQ(send_back(reasoning("gBBB")), 200U);
}

TEST_F(SeenTest, LongRequestsAreLookedUpBesideTheLoop) {
  const std::string value(core::inline_scan_bytes_max, 'A');
  EXPECT_EQ(send_back(reasoning(value)), 403U);
  EXPECT_EQ(get(value), 200U);
  EXPECT_EQ(send_back(reasoning(value)), 200U);
}

TEST_F(SeenTest, PastItsTimeItIsUnknown) {
  EXPECT_EQ(get("gAAA"), 200U);
  clock_.now += 1'000'000'001;
  EXPECT_EQ(send_back(reasoning("gAAA")), 403U);
}

}  // namespace
}  // namespace menshen::pipeline::testing
