// The life of an exchange against fakes: the order of evidence and bytes, one record per exchange,
// failing closed.
#include "proxy/pipeline/gateway_fixture.h"
#include "proxy/pipeline/stage.h"

#include <gmock/gmock.h>

namespace menshen::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace testing;

TEST_F(GatewayTest, StagesStandInThisOrder) {
  std::vector<std::string_view> names;
  for (const StageRow& stage : Gateway::stages()) {
    names.push_back(stage.kind->name);
    EXPECT_GT(stage.reason.size(), 20U);
  }
  EXPECT_THAT(
      names, ElementsAre("sample", "reply", "remember", "open", "deadline", "route_path",
                         "identify", "admit_listing", "list", "read", "admit", "inspect", "prepare",
                         "intend", "pings", "forward", "examine", "scores", "relay"));
}

TEST_F(GatewayTest, EvidenceComesBeforeBytesInBothDirections) {
  answer({.pieces = {chat_answer("Hello")}});
  const FakeClient& client = ask(chat("Hi"));
  EXPECT_THAT(log_, ElementsAre("intent", "call core", "outcome", "send"));
  EXPECT_EQ(client.sent_head.status, 200U);
  EXPECT_EQ(client.received, chat_answer("Hello"));
  EXPECT_EQ(upstreams_.seen_body, chat("Hi"));
  EXPECT_EQ(client.header("x-menshen-decision"), "allow");
  EXPECT_EQ(client.header("x-menshen-policy"), policy_->version());
  EXPECT_EQ(client.header("x-menshen-exchange"), outcome().exchange);
  EXPECT_EQ(client.header("set-cookie"), "");
  EXPECT_EQ(client.header("x-request-id"), "req_1");
  EXPECT_EQ(outcome().input_tokens, 3U);
  EXPECT_TRUE(outcome().complete);
  EXPECT_EQ(outcome().request_commitment, outcome().forwarded_commitment);
  EXPECT_EQ(outcome().response_commitment, outcome().released_commitment);
}

TEST_F(GatewayTest, AStreamsLastBytesWaitForTheOutcome) {
  answer({.type = "text/event-stream",
          .pieces = {testing::chat_stream({{0, testing::Field::content, "Hi "}})}});
  const FakeClient& client = ask(chat("Hi", true));
  EXPECT_THAT(log_, ElementsAre("intent", "call core", "start", "write", "outcome", "write last",
                                "finish"));
  EXPECT_THAT(client.received, HasSubstr("[DONE]"));
  EXPECT_EQ(outcome().response_bytes, client.received.size());
}

TEST_F(GatewayTest, RedactsBothWays) {
  answer({.pieces = {chat_answer("Ask li.si@corp.example")}});
  const FakeClient& client = ask(chat("I am zhang.san@corp.example"));
  EXPECT_EQ(upstreams_.seen_body, chat("I am [EMAIL]"));
  EXPECT_EQ(client.received, chat_answer("Ask [EMAIL]"));
  EXPECT_EQ(client.header("x-menshen-redactions"), "email=2");
  EXPECT_EQ(client.header("x-menshen-decision"), "redact");
  EXPECT_NE(outcome().request_commitment, outcome().forwarded_commitment);
  EXPECT_NE(outcome().response_commitment, outcome().released_commitment);
  EXPECT_EQ(outcome().response_bytes, client.received.size());
}

TEST_F(GatewayTest, ADetectorThatFailsRefusesUnlessThePolicyLetsItPass) {
  static const Failing failing;
  const auto catalog =
      std::make_shared<const detectors::Catalog>(std::vector<const detectors::Detector*>{&failing});
  const std::string stream = testing::chat_stream(
      {{0, testing::Field::content, "Say BOOM "}, {0, testing::Field::content, "and go on "}});
  for (const bool lenient : {false, true}) {
    std::string text(two_zones);
    if (lenient) text.replace(text.find("access: deny}"), 13, "access: deny, on_error: allow}");
    policy_ = testing::policy_from(text, catalog);
    upstreams_.answers = {{.pieces = {chat_answer("BOOM")}}};
    EXPECT_EQ(ask(chat("Hi")).sent_head.status, lenient ? 200U : 500U);
    EXPECT_EQ(client_->received == chat_answer("BOOM"), lenient);
    EXPECT_EQ(ask(chat("BOOM")).sent_head.status, lenient ? 200U : 500U);
    upstreams_.answers = {{.type = "text/event-stream", .pieces = {stream}}};
    EXPECT_EQ(ask(chat("Hi", true)).received.find("detector_failed") == std::string::npos, lenient);
    EXPECT_EQ(client_->received.starts_with(stream.substr(0, stream.rfind("data: [DONE]"))),
              lenient);
    EXPECT_EQ(client_->received.find("go on") != std::string::npos, lenient);
    EXPECT_EQ(client_->received.find("BOOM") != std::string::npos, lenient);
    EXPECT_EQ(observer_.failed_open > 0, lenient);
  }
}

// Whoever can exhaust the memory would switch the detectors off: on_error says nothing to it.
TEST_F(GatewayTest, MemoryThatRunsOutInAScanIsRefusedWhateverThePolicySays) {
  static const Failing failing;
  std::string text(two_zones);
  text.replace(text.find("access: deny}"), 13, "access: deny, on_error: allow}");
  policy_ = testing::policy_from(text, std::make_shared<const detectors::Catalog>(
                                           std::vector<const detectors::Detector*>{&failing}));
  const auto expect_refused = [&](const FakeClient& client) {
    EXPECT_EQ(client.sent_head.status, 503U);
    EXPECT_EQ(Json::parse(client.received)["error"]["code"], "out_of_memory");
    EXPECT_EQ(outcome().error, "out_of_memory");
  };
  const std::string filler(core::inline_scan_bytes_max, 'a');  // makes a body long work
  for (const std::string& said : {std::string("GASP"), filler + " GASP"}) {
    upstreams_.calls = 0;
    expect_refused(ask(chat(said)));
    expect_refused(ask(chat("Hi BOOM", false), "/openai/deployments/GASP/chat/completions"));
    EXPECT_EQ(upstreams_.calls, 0U);

    upstreams_.answers = {{.pieces = {chat_answer(said)}}};
    expect_refused(ask(chat("Hi")));

    const std::string stream = testing::chat_stream(
        {{0, testing::Field::content, "Say "}, {0, testing::Field::content, said + " and go on "}});
    upstreams_.answers = {{.type = "text/event-stream", .pieces = {stream}}};
    const std::string& received = ask(chat("Hi", true)).received;
    EXPECT_THAT(received, HasSubstr("out_of_memory"));
    for (const char* kept : {"GASP", "go on", "[DONE]"})
      EXPECT_THAT(received, Not(HasSubstr(kept)));
  }
  EXPECT_EQ(observer_.failed_open, 0U);
}

TEST_F(GatewayTest, EachExchangeIsScannedByTheCatalogOfItsPolicy) {
  std::weak_ptr<const detectors::Catalog> former;
  for (const bool finds : {true, false, true}) {
    auto catalog =
        finds
            ? detectors::Catalog::built_in()
            : std::make_shared<const detectors::Catalog>(std::vector<const detectors::Detector*>{});
    if (!finds) former = catalog;
    policy_ = testing::policy_from(testing::refuse_all, std::move(catalog));
    upstreams_.answers = {{.pieces = {chat_answer("Good morning")}}};
    EXPECT_EQ(ask(chat("Mail zhang.san@corp.example")).sent_head.status, finds ? 403U : 200U);
  }
  EXPECT_TRUE(former.expired());  // nothing holds what is in force no more
}

TEST_F(GatewayTest, ARefusedRequestNeverReachesTheProvider) {
  const FakeClient& client =
      ask(chat("-----BEGIN RSA PRIVATE KEY-----\n"
               "MIIEowIBAAKCAQEA7bq0k5VvXk3yX2s9J8cQx1nq3o5l2J8dZ7h1m3t4\n"
               "-----END RSA PRIVATE KEY-----"));
  EXPECT_THAT(log_, ElementsAre("outcome", "send"));
  EXPECT_EQ(client.sent_head.status, 403U);
  EXPECT_EQ(Json::parse(client.received)["error"]["code"], "content_refused");
  EXPECT_THAT(client.received, Not(HasSubstr("MIIE")));
  EXPECT_EQ(outcome().decision, "deny");
  EXPECT_EQ(outcome().error, "content_refused");
}

TEST_F(GatewayTest, AKeyThatCannotBeRedactedIsRefusedAtItsObject) {
  const std::string mail = "zhang.san@corp.example";
  const auto refused = [&](const Json& more, const std::string& path = "/v1/chat/completions") {
    Json body = Json::parse(chat("Hi"));
    body.update(more);
    const FakeClient& client = ask(body.dump(), path);
    EXPECT_EQ(client.sent_head.status, 403U);
    EXPECT_THAT(client.received, Not(HasSubstr(mail)));
    return Json::parse(client.received)["error"];
  };
  const std::string why =
      " It stands in a key of an object, which names its value, and cannot be "
      "redacted there.";
  const Json inner = refused({{"metadata", {{"a", "1"}, {mail, "x"}}}});
  EXPECT_EQ(inner["param"], "/metadata");
  EXPECT_EQ(inner["message"],
            "The policy refuses this content. Found: email; rule: personal; in the request." + why +
                " It is key 2 of that object, counted from 1.");
  const Json outer = refused({{mail, 1}});
  EXPECT_EQ(outer["param"], nullptr);
  EXPECT_THAT(outer["message"].get<std::string>(),
              HasSubstr(why + " It is key 4 of the body, counted from 1."));
  const Json call{{"id", "c"},
                  {"type", "function"},
                  {"function", {{"name", "f"}, {"arguments", "{\"" + mail + "\": 1}"}}}};
  const Json said{{"role", "assistant"}, {"content", nullptr}, {"tool_calls", {call}}};
  const Json in_call = refused({{"messages", {said}}});
  EXPECT_EQ(in_call["param"], "/messages/0/tool_calls/0/function/arguments");
  EXPECT_TRUE(in_call["message"].get<std::string>().ends_with(why));
  const Json path = refused(Json::object(), "/openai/deployments/" + mail + "/chat/completions");
  EXPECT_EQ(path["param"], "path");
  EXPECT_TRUE(path["message"].get<std::string>().ends_with(
      " It stands in the path, and cannot be redacted there."));
  // What a rule denies is refused wherever it stands.
  const Json denied = refused({{"metadata", {{"AKIAIOSFODNN7QZ4RTUV", "x"}}}});
  EXPECT_THAT(denied["message"].get<std::string>(), Not(HasSubstr("cannot be redacted")));
}

TEST_F(GatewayTest, EveryRefusalHasOneRecordAndTheRightStatus) {
  struct Case {
    std::string body, path, method, key;
    unsigned status;
    std::string code;
  };
  const std::vector<Case> cases{
      {chat("Hi"), "/v1/chat/completions", "POST", "bad", 401, "invalid_api_key"},
      {chat("Hi"), "/v1/nothing", "POST", "good", 404, "unknown_path"},
      {chat("Hi"), "/v1/chat/completions", "DELETE", "good", 405, "method_not_allowed"},
      {chat("Hi"), "/v1/chat/completions?x=13800138000", "POST", "good", 400, "unknown_query"},
      {"{", "/v1/chat/completions", "POST", "good", 400, "invalid_json"},
      {R"({"model":"nobody","messages":[]})", "/v1/chat/completions", "POST", "good", 404,
       "model_not_found"},
      {R"({"model":"secret-1","messages":[]})", "/v1/chat/completions", "POST", "good", 403,
       "access_denied"},
      {R"({"model":"m","models":["m","secret-1"],"messages":[]})", "/v1/chat/completions", "POST",
       "good", 403, "access_denied"},
      {R"({"model":"m","fallbacks":[{"m":["secret-1"]}],"messages":[]})", "/v1/chat/completions",
       "POST", "good", 400, "unknown_shape"},
      {R"({"model":"secret-1","MODEL":"m","messages":[]})", "/v1/chat/completions", "POST", "good",
       400, "ambiguous_key"},
      {R"({"model":"m","messages":[],"tools":[{"google_search":{}}]})", "/v1/chat/completions",
       "POST", "good", 403, "opaque_content"},
  };
  for (const Case& c : cases) {
    journal_.records.clear();
    log_.clear();
    const FakeClient& client = ask(c.body, c.path, c.method, c.key);
    EXPECT_EQ(client.sent_head.status, c.status) << c.path;
    const Json error = Json::parse(client.received)["error"];
    EXPECT_EQ(error["code"], c.code);
    EXPECT_EQ(client.header("allow"), c.status == 405 ? "POST" : "");
    EXPECT_THAT(client.received, HasSubstr(client.header("x-menshen-exchange")));
    if (c.key == "bad") {  // a stranger: a part of a sum
      EXPECT_THAT(log_, ElementsAre("send"));
      strangers_->flush();
      ASSERT_EQ(journal_.records.size(), 1U);
      EXPECT_EQ(outcome().type, audit::RecordType::refusals);
      EXPECT_THAT(outcome().refusals, ElementsAre(std::pair(c.code, 1U)));
      continue;
    }
    ASSERT_EQ(journal_.records.size(), 1U);
    EXPECT_EQ(outcome().error, c.code);
    EXPECT_EQ(outcome().status, c.status);
    EXPECT_FALSE(outcome().complete);
    EXPECT_THAT(log_, ElementsAre("outcome", "send"));
  }
  EXPECT_EQ(observer_.open, static_cast<int>(cases.size()));
  EXPECT_EQ(observer_.done, static_cast<int>(cases.size()));
  EXPECT_EQ(Json::parse(client_->received)["error"]["param"], "/tools/0");  // of the last case
}

TEST_F(GatewayTest, WithoutAnIntentNothingIsForwarded) {
  journal_.fail_intents = true;
  answer({.pieces = {chat_answer("Hello")}});
  const FakeClient& client = ask(chat("Hi"));
  EXPECT_EQ(upstreams_.calls, 0U);
  EXPECT_EQ(client.sent_head.status, 503U);
}

TEST_F(GatewayTest, WithoutAnOutcomeNothingIsReleased) {
  journal_.fail_outcomes = true;
  answer({.pieces = {chat_answer("the answer")}});
  const FakeClient& client = ask(chat("Hi"));
  EXPECT_EQ(client.sent_head.status, 503U);
  EXPECT_THAT(client.received, Not(HasSubstr("the answer")));

  log_.clear();
  upstreams_.answers = {{.type = "text/event-stream",
                         .pieces = {testing::chat_stream({{0, testing::Field::content, "Hi "}})}}};
  const FakeClient& streaming = ask(chat("Hi", true));
  EXPECT_THAT(streaming.received, Not(HasSubstr("[DONE]")));
  EXPECT_THAT(streaming.received, HasSubstr("evidence_unavailable"));
}

TEST_F(GatewayTest, AnExitThatThrowsBreaksTheConnection) {
  client_exhausted_ = true;
  answer({.pieces = {chat_answer("the answer")}});
  const FakeClient& client = ask(chat("Hi"));
  EXPECT_TRUE(client.aborted);
  EXPECT_EQ(client.received, "");
  EXPECT_EQ(observer_.open, 1);
  EXPECT_EQ(observer_.done, 1);
}

TEST_F(GatewayTest, FailoverToAnotherZoneIsJudgedByThatZone) {
  upstreams_.targets = {{0, "inside", "internal", ""}, {1, "outside", "public", ""}};
  upstreams_.retry_count = 1;
  const ScriptedAnswer broken{
      .refuses = core::provider_error(core::ErrorKind::bad_upstream, "connect_failed", "No."),
      .delivered = false};
  upstreams_.answers = {broken};
  // Not for the second one: the exchange ends with what became of the first.
  EXPECT_EQ(ask(chat("call 13800138000")).sent_head.status, 502U);
  EXPECT_EQ(upstreams_.seen_body, chat("call 13800138000"));
  EXPECT_EQ(outcome().error, "connect_failed");
  EXPECT_EQ(outcome().upstream, "inside");
  EXPECT_THAT(outcome().targets_denied, ElementsAre("outside: outside"));

  upstreams_.answers = {broken, {.pieces = {chat_answer("Hello")}}};
  upstreams_.calls = 0;
  log_.clear();
  EXPECT_EQ(ask(chat("call me")).sent_head.status, 200U);
  EXPECT_THAT(log_,
              ElementsAre("intent", "call inside", "intent", "call outside", "outcome", "send"));
  EXPECT_EQ(outcome().upstream, "outside");
  EXPECT_EQ(outcome().attempts, 2U);
}

TEST_F(GatewayTest, AStreamWithoutDoneEndsAfterItsOutcome) {
  std::string stream = testing::chat_stream({{0, testing::Field::content, "Hi you"}});
  stream.resize(stream.rfind("data: [DONE]"));
  answer({.type = "text/event-stream", .pieces = {stream}});
  const FakeClient& client = ask(chat("Hi", true));
  EXPECT_THAT(client.received, Not(HasSubstr("\"error\"")));
  EXPECT_TRUE(client.received.ends_with(stream.substr(stream.rfind("data: "))));
  EXPECT_THAT(std::vector(log_.end() - 3, log_.end()), ElementsAre("outcome", "write", "finish"));
  EXPECT_TRUE(outcome().complete);
}

TEST_F(GatewayTest, ScoresStandBeforeTheEndOfAStream) {
  policy_ = testing::policy_from(with_defaults("scores: always"));
  answer({.type = "text/event-stream",
          .pieces = {testing::chat_stream({{0, testing::Field::content, "Hi "}})}});
  const FakeClient& client = ask(chat("Hi", true));
  EXPECT_THAT(client.received, HasSubstr(": menshen.scores {"));
  EXPECT_THAT(client.received, HasSubstr("\"bias\":0.0"));
  EXPECT_TRUE(client.received.ends_with("}\n\ndata: [DONE]\n\n")) << client.received;
}

TEST_F(GatewayTest, AnAnswerThatIsNoStreamHasABound) {
  const std::string body = chat_answer("Hello");
  answer({.pieces = {body.substr(0, 9), body.substr(9)}});
  services_.limits.response_body_bytes_max = body.size();
  EXPECT_EQ(ask(chat("Hi")).received, body);
  services_.limits.response_body_bytes_max = body.size() - 1;
  EXPECT_EQ(ask(chat("Hi")).sent_head.status, 502U);
  EXPECT_EQ(outcome().error, "answer_too_large");
}

TEST_F(GatewayTest, ATextIsScoredUpToABound) {
  policy_ = testing::policy_from(std::string(two_zones) + R"(
  - {id: rude, direction: response, find: {scores: {toxicity: {above: 0.99}}}, then: {action: deny}}
)");
  answer({.type = "text/event-stream",
          .pieces = {testing::chat_stream(
              {{0, testing::Field::content, "Good "}, {0, testing::Field::content, "morning"}})}});
  services_.limits.score_text_bytes_max = 12;
  EXPECT_THAT(ask(chat("Hi", true)).received, HasSubstr("morning"));
  services_.limits.score_text_bytes_max = 11;
  const FakeClient& past = ask(chat("Hi", true));
  EXPECT_EQ(outcome().error, "answer_too_long_to_score");
  EXPECT_THAT(past.received, Not(HasSubstr("Good")));
}

TEST_F(GatewayTest, ATalkingProviderNeedsNoPing) {
  services_.limits.ping_interval_ms = 86'400'000;
  const std::string stream = testing::chat_stream({{0, testing::Field::content, "Hi "}});
  answer({.type = "text/event-stream", .pieces = {stream}});
  std::string received = ask(chat("Hi", true)).received;
  const std::size_t scores = received.find(": menshen.scores");
  received.erase(scores, received.find("\n\n", scores) + 2 - scores);
  EXPECT_EQ(received, stream);
}

TEST_F(GatewayTest, AClientThatGoesAwayStillHasItsOutcome) {
  gone_after_writes_ = 0;
  answer({.type = "text/event-stream",
          .pieces = {testing::chat_stream({{0, testing::Field::content, "Hi "}})}});
  const FakeClient& client = ask(chat("Hi", true));
  EXPECT_TRUE(client.aborted);
  EXPECT_EQ(outcome().error, "client_gone");
  EXPECT_FALSE(outcome().complete);
}

TEST_F(GatewayTest, ModelsListsWhatTheCallerMayUse) {
  answer({.pieces = {
              R"({"object":"list","data":[{"id":"secret-1"},{"id":"open-1"},{"id":"nobody"}]})"}});
  const FakeClient& client = ask("", "/v1/models", "GET");
  std::vector<std::string> ids;
  const Json list = Json::parse(client.received);
  for (const Json& model : list["data"]) ids.push_back(model["id"]);
  EXPECT_THAT(ids, ElementsAre("named", "open-1"));
  EXPECT_THAT(log_, ElementsAre("intent", "call core", "outcome", "send"));
}

TEST_F(GatewayTest, CredentialsOfTheClientStayHere) {
  answer({.pieces = {chat_answer("Hello")}});
  ask(chat("Hi"));
  EXPECT_FALSE(find_header(upstreams_.seen_headers, "authorization"));
  EXPECT_FALSE(find_header(upstreams_.seen_headers, "x-api-key"));
}

}  // namespace
}  // namespace menshen::pipeline
