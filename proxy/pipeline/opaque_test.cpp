// What cannot be read, from the request or the answer to the decision, the error and the record.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

namespace menshen::pipeline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string policy_with(const std::string& content, const std::string& by_default = "deny") {
  return R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny, opaque_content: )" +
         by_default + R"(}
access:
  - {id: staff, effect: allow, who: {groups: [staff]}}
)" + content;
}

class OpaqueTest : public GatewayTest {
 protected:
  // An image by its URL, and one in place.
  static std::string two_images() {
    const auto part = [](std::string url) {
      return Json{{"type", "image_url"}, {"image_url", {{"url", std::move(url)}}}};
    };
    const Json parts = Json::array({part("https://h/i.png"), part("data:image/png;base64,iVBO")});
    return Json{{"model", "m"}, {"messages", Json::array({{{"role", "user"}, {"content", parts}}})}}
        .dump();
  }
  static std::string reasoning_request() {
    return Json{{"model", "m"},
                {"input", Json::array({{{"type", "reasoning"}, {"encrypted_content", "gAAA"}}})}}
        .dump();
  }
  static constexpr std::string_view reasoning_answer =
      R"({"output":[{"type":"reasoning","encrypted_content":"gAAA"}]})";
  Json error_of(const FakeClient& client) const { return Json::parse(client.received)["error"]; }
};

TEST_F(OpaqueTest, TheErrorNamesFieldKindAndRule) {
  policy_ = policy_from(policy_with(R"(content:
  - {id: pictures, find: {opaque: [image]}, then: {action: allow}}
  - {id: no-fetching, find: {opaque: [remote_url]}, then: {action: deny, reason: Send it along.}}
)"));
  const FakeClient& client = ask(two_images());
  EXPECT_EQ(client.sent_head.status, 403U);
  const Json error = error_of(client);
  EXPECT_EQ(error["code"], "opaque_content");
  EXPECT_EQ(error["param"], "/messages/0/content/0/image_url");
  EXPECT_EQ(error["message"],
            "Send it along. Found: remote_url; rule: no-fetching; in the request.");
  EXPECT_EQ(outcome().decision, "deny");
  ASSERT_EQ(outcome().rules.size(), 1U);
  EXPECT_EQ(outcome().rules[0].rule, "no-fetching");
}

TEST_F(OpaqueTest, TheErrorNamesThePathWhereItsModelBringsIt) {
  policy_ = policy_from(policy_with(""));
  const std::string body = R"({"messages":[{"role":"user","content":"Hi"}]})";
  const FakeClient& client = ask(body, "/openai/deployments/m:online/chat/completions");
  EXPECT_EQ(client.sent_head.status, 403U);
  EXPECT_EQ(error_of(client)["code"], "opaque_content");
  EXPECT_EQ(error_of(client)["param"], "path");
  EXPECT_THAT(outcome().opaque_request, ElementsAre(Pair("hosted_tool", 1)));
}

TEST_F(OpaqueTest, WithoutARuleTheErrorNamesTheDefault) {
  policy_ = policy_from(policy_with(""));
  const FakeClient& client = ask(two_images());
  EXPECT_EQ(client.sent_head.status, 403U);
  EXPECT_EQ(error_of(client)["message"],
            "Content that cannot be read is refused by the policy. Found: image, remote_url; rule: "
            "defaults.opaque_content; in the request.");
  EXPECT_THAT(outcome().rules, IsEmpty());
}

TEST_F(OpaqueTest, WhatARuleAllowsPassesAndIsRecordedByKind) {
  policy_ = policy_from(policy_with(R"(content:
  - {id: pictures, find: {opaque: [image, remote_url]}, then: {action: annotate}}
  - {id: try, mode: shadow, find: {opaque: [image]}, then: {action: deny}}
)"));
  answer({.pieces = {chat_answer("Hello")}});
  EXPECT_EQ(ask(two_images()).sent_head.status, 200U);
  EXPECT_EQ(outcome().decision, "annotate");
  EXPECT_EQ(outcome().opaque_parts, 2U);
  EXPECT_THAT(outcome().opaque_request, ElementsAre(Pair("image", 2U), Pair("remote_url", 1U)));
  EXPECT_THAT(outcome().opaque_response, IsEmpty());
  ASSERT_EQ(outcome().rules.size(), 2U);
  for (const audit::FiredRule& fired : outcome().rules) {
    EXPECT_EQ(fired.rule, fired.enforced ? "pictures" : "try");
    EXPECT_EQ(fired.count, 2U);
  }
}

// Rules look at the zone as any rule does: the target that may not have it drops out.
TEST_F(OpaqueTest, ARuleThatAllowsIsNoExceptionFromAStrongerOne) {
  policy_ = policy_from(policy_with(R"(content:
  - {id: pictures, find: {opaque: [image, remote_url]}, then: {action: allow}}
  - {id: none, direction: request, find: {opaque: [image]}, then: {action: deny}}
)",
                                    "allow"));
  EXPECT_EQ(ask(two_images()).sent_head.status, 403U);
  EXPECT_EQ(outcome().rules.at(0).rule, "none");
}

TEST_F(OpaqueTest, WhatAProviderWantsBackPassesBothWaysByDefault) {
  policy_ = policy_from(policy_with(""));
  answer({.pieces = {std::string(reasoning_answer)}});
  const FakeClient& client = ask(reasoning_request(), "/v1/responses");
  EXPECT_EQ(client.sent_head.status, 200U);
  EXPECT_EQ(client.received, reasoning_answer);
  EXPECT_EQ(outcome().decision, "allow");
  EXPECT_THAT(outcome().opaque_request, ElementsAre(Pair("encrypted_reasoning", 1U)));
  EXPECT_THAT(outcome().opaque_response, ElementsAre(Pair("encrypted_reasoning", 1U)));
}

TEST_F(OpaqueTest, PastItsBoundWhatAProviderWantsBackMeetsTheDefault) {
  policy_ = policy_from(policy_with(""));
  services_.limits.encrypted_reasoning_bytes_max = 3;
  const FakeClient& client = ask(reasoning_request(), "/v1/responses");
  EXPECT_EQ(client.sent_head.status, 403U);
  EXPECT_EQ(error_of(client)["param"], "/input/0/encrypted_content");
  EXPECT_THAT(error_of(client)["message"].get<std::string>(),
              HasSubstr("encrypted_reasoning that is not at its field or passes "
                        "encrypted_reasoning_bytes_max"));
  policy_ = policy_from(policy_with(
      "content: [{id: r, find: {opaque: [encrypted_reasoning]}, then: {action: allow}}]\n"));
  answer({.pieces = {std::string(reasoning_answer)}});
  EXPECT_EQ(ask(reasoning_request(), "/v1/responses").sent_head.status, 200U);
}

TEST_F(OpaqueTest, OfAnAnswerIsRefusedByARule) {
  policy_ = policy_from(policy_with(
      "content: [{id: r, direction: response, find: {opaque: [encrypted_reasoning]}, then: "
      "{action: deny}}]\n"));
  answer({.pieces = {std::string(reasoning_answer)}});
  const FakeClient& client = ask(reasoning_request(), "/v1/responses");
  EXPECT_EQ(client.sent_head.status, 403U);
  EXPECT_THAT(error_of(client)["message"].get<std::string>(),
              HasSubstr("Found: encrypted_reasoning; rule: r; in the answer."));
  EXPECT_THAT(outcome().opaque_response, ElementsAre(Pair("encrypted_reasoning", 1U)));
}

TEST_F(OpaqueTest, OfAStreamPassesOrEndsItByTheRule) {
  const std::string stream =
      sse({{"type", "response.output_item.done"},
           {"output_index", 0},
           {"item", {{"type", "reasoning"}, {"encrypted_content", "gAAA"}}}}) +
      sse({{"type", "response.completed"}, {"response", {{"output", Json::array()}}}});
  const Guarded passed =
      guard_stream("openai_responses", stream, {}, *policy_from(policy_with("")));
  EXPECT_EQ(passed.error, "");
  EXPECT_EQ(passed.released, stream);
  const Guarded refused = guard_stream(
      "openai_responses", stream, {},
      *policy_from(policy_with(
          "content: [{id: r, find: {opaque: [encrypted_reasoning]}, then: {action: deny}}]\n",
          "allow")));
  EXPECT_EQ(refused.error, "opaque_content");
  EXPECT_EQ(refused.released, "");
}

// What cannot be read needs no detector to be known.
TEST_F(OpaqueTest, MeetsItsRulesWhereDetectorsFailAndMay) {
  static const Failing failing;
  const std::string lenient = "deny, on_error: allow";
  policy_ = testing::policy_from(policy_with("", lenient),
                                 std::make_shared<const detectors::Catalog>(
                                     std::vector<const detectors::Detector*>{&failing}));
  const std::string image = R"({"type":"image_generation_call","result":"aGVsbG8="})";
  const std::string said = R"({"type":"message","role":"assistant","content":[)"
                           R"({"type":"output_text","text":"BOOM"}]})";
  const std::string filler(core::inline_scan_bytes_max, 'a');  // makes a body long work
  for (const std::string& more : {std::string(), filler}) {
    upstreams_.answers.clear();
    const std::string spoken = R"({"role":"user","content":"BOOM )" + more + R"("})";
    ask(R"({"model":"m","input":[)" + spoken + "," + image + "]}", "/v1/responses");
    EXPECT_EQ(client_->sent_head.status, 403U);
    EXPECT_EQ(outcome().error, "opaque_content");
    upstreams_.answers = {
        {.pieces = {R"({"output":[)" + said + "," + image + R"(],"more":")" + more + R"("})"}}};
    ask(R"({"model":"m","input":"Hi"})", "/v1/responses");
    EXPECT_EQ(outcome().error, "opaque_content");
    EXPECT_EQ(client_->received.find("aGVsbG8="), std::string::npos);
  }
}

}  // namespace
}  // namespace menshen::pipeline::testing
