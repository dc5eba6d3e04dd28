// Errors of providers, whole and in streams: inspected, in the shape of the API, with their status.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

namespace menshen::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace testing;

TEST_F(GatewayTest, ProviderFaultsBecomeErrorsOfTheApi) {
  const auto broken =
      core::provider_error(core::ErrorKind::bad_upstream, "upstream_reset", "Reset.");
  struct Case {
    ScriptedAnswer answer;
    unsigned status;
    std::string code;
  };
  const std::vector<Case> cases{
      {{.status = 200, .type = "text/html", .pieces = {"<html>"}}, 502, "bad_upstream_body"},
      {{.status = 200, .pieces = {"not json"}}, 502, "bad_upstream_body"},
      {{.status = 401, .pieces = {R"({"error":{"message":"bad key"}})"}},
       502,
       "upstream_credential_refused"},
      {{.status = 200, .pieces = {R"({"choices":)"}, .breaks = broken}, 502, "upstream_reset"},
  };
  for (const Case& c : cases) {
    upstreams_.answers = {c.answer};
    upstreams_.calls = 0;
    const FakeClient& client = ask(chat("Hi"));
    EXPECT_EQ(client.sent_head.status, c.status) << c.code;
    EXPECT_EQ(Json::parse(client.received)["error"]["code"], c.code);
    EXPECT_THAT(client.received, Not(HasSubstr("<html>")));
    EXPECT_EQ(outcome().error, c.code);
  }
}

TEST_F(GatewayTest, AProvidersErrorBodyIsInspectedAndPassed) {
  answer(
      {.status = 429,
       .pieces = {
           R"({"error":{"message":"zhang.san@corp.example is over quota","type":"rate_limit"}})"}});
  const FakeClient& client = ask(chat("Hi"));
  EXPECT_EQ(client.sent_head.status, 429U);
  EXPECT_EQ(client.received,
            R"({"error":{"message":"[EMAIL] is over quota","type":"rate_limit"}})");
}

// SDKs try again after a 502; a credential that is refused will be refused again.
TEST_F(GatewayTest, ARefusedCredentialIsNotTriedAgainAndAForbiddenModelIsTheCallers) {
  const std::string body = R"({"error":{"message":"No such region.","code":"unsupported_region"}})";
  answer({.status = 401, .pieces = {body}});
  EXPECT_EQ(ask(chat("Hi")).header("x-should-retry"), "false");
  EXPECT_THAT(client_->received, Not(HasSubstr("region")));
  answer({.status = 403, .pieces = {body}});
  EXPECT_EQ(ask(chat("Hi")).sent_head.status, 403U);
  EXPECT_EQ(client_->received, body);
  EXPECT_EQ(client_->header("x-should-retry"), "");
}

TEST_F(GatewayTest, AProvidersErrorOfAnyBodyKeepsItsStatus) {
  struct Case {
    unsigned status;
    std::string type;
    std::string body;
  };
  for (const Case& c : {Case{503, "text/html", "<h1>busy</h1>"},
                        {413, "text/html", "<h1>413 Request Entity Too Large</h1>"},
                        {429, "text/plain", ""},
                        {404, "text/plain", "no page"},
                        {500, "application/json", "[]"}}) {
    upstreams_.answers = {{.status = c.status,
                           .type = c.type,
                           .pieces = {c.body},
                           .more_headers = {{"retry-after", "9"}}}};
    upstreams_.calls = 0;
    const FakeClient& client = ask(chat("Hi"));
    EXPECT_EQ(client.sent_head.status, c.status);
    EXPECT_EQ(client.header("retry-after"), "9");
    EXPECT_TRUE(Json::parse(client.received)["error"]["message"].is_string());
    if (!c.body.empty()) {
      EXPECT_THAT(client.received, Not(HasSubstr(c.body)));
    }
    EXPECT_EQ(outcome().error, "bad_upstream_body");
    EXPECT_FALSE(outcome().complete);
  }
}

// What a load balancer in front of a provider says, in every API, whether a stream is asked or not.
TEST_F(GatewayTest, ALoadBalancersErrorKeepsItsStatusInEveryApi) {
  struct Call {
    std::string path;
    Json body;
  };
  const Json user = Json::array({{{"role", "user"}, {"content", "Hi"}}});
  const std::vector<Call> calls{
      {"/v1/chat/completions", {{"model", "m"}, {"messages", user}}},
      {"/v1/completions", {{"model", "m"}, {"prompt", "Hi"}}},
      {"/v1/responses", {{"model", "m"}, {"input", "Hi"}}},
      {"/v1/embeddings", {{"model", "m"}, {"input", "Hi"}}},
      {"/v1/messages", {{"model", "m"}, {"max_tokens", 9}, {"messages", user}}},
      {"/v1/messages/count_tokens", {{"model", "m"}, {"messages", user}}},
      {"/openai/deployments/m/chat/completions?api-version=2024-10-21", {{"messages", user}}},
      {"/api/chat", {{"model", "m"}, {"messages", user}}},
      {"/api/generate", {{"model", "m"}, {"prompt", "Hi"}}},
  };
  const std::vector<std::pair<std::string, std::string>> bodies{
      {"text/html", "<h1>Request Entity Too Large</h1>"},
      {"text/plain", "upstream connect error"},
      {"text/plain", ""},
      {"", ""},
      {"application/json", "[1]"},
      {"application/json", "{"},
      {"application/json; charset=utf-8", ""}};
  for (const Call& call : calls) {
    for (const bool stream : {false, true}) {
      Json body = call.body;
      if (!call.path.ends_with("embeddings") && !call.path.ends_with("count_tokens"))
        body["stream"] = stream;
      for (const unsigned status : {413U, 429U, 500U, 502U, 503U, 504U, 529U}) {
        for (const auto& [type, said] : bodies) {
          upstreams_.answers = {{.status = status,
                                 .type = type,
                                 .pieces = {said},
                                 .more_headers = {{"retry-after", "9"}}}};
          upstreams_.calls = 0;
          const FakeClient& client = ask(body.dump(), call.path);
          EXPECT_EQ(client.sent_head.status, status) << call.path << type << said;
          EXPECT_EQ(client.header("retry-after"), "9") << call.path;
          EXPECT_EQ(client.header("content-type"), "application/json");
          const Json error = Json::parse(client.received)["error"];
          EXPECT_TRUE(error.is_string() || error["message"].is_string()) << client.received;
          if (said.size() > 3) {
            EXPECT_THAT(client.received, Not(HasSubstr(said)));
          }
          EXPECT_EQ(outcome().status, status);
          EXPECT_EQ(outcome().upstream_status, status);
          EXPECT_EQ(outcome().error, "bad_upstream_body");
        }
      }
    }
  }
}

// The rule withholds what was said, not that it was a refusal and when to come back.
TEST_F(GatewayTest, OurCredentialInAProvidersErrorWithholdsTheBodyAndKeepsTheStatus) {
  const std::string ours = "sk-upstream-0123456789abcdef";
  const std::vector<std::string> secrets{ours};
  upstreams_.targets.front().secrets = secrets;
  const std::string said = Json{{"error", {{"message", "slow down, " + ours}}}}.dump();
  for (const std::string path : {"/v1/chat/completions", "/v1/messages", "/api/chat"}) {
    for (const bool stream : {false, true}) {
      Json body = Json::parse(chat("Hi", stream));
      if (path == "/v1/messages") body["max_tokens"] = 9;
      upstreams_.answers = {
          {.status = 429, .pieces = {said}, .more_headers = {{"retry-after", "7"}}}};
      upstreams_.calls = 0;
      const FakeClient& client = ask(body.dump(), path);
      EXPECT_EQ(client.sent_head.status, 429U) << client.received;
      EXPECT_EQ(client.header("retry-after"), "7");
      EXPECT_EQ(client.header("x-menshen-decision"), "deny");
      EXPECT_THAT(client.received, HasSubstr("what it said is withheld: A credential was found."));
      EXPECT_THAT(client.received, Not(HasSubstr(ours)));
      EXPECT_THAT(client.received, Not(HasSubstr("slow down")));
      EXPECT_EQ(outcome().status, 429U);
      EXPECT_EQ(outcome().upstream_status, 429U);
      EXPECT_EQ(outcome().decision, "deny");
      EXPECT_EQ(outcome().error, "content_refused");
      EXPECT_EQ(outcome().error_source, "provider");
      EXPECT_FALSE(outcome().complete);
      ASSERT_EQ(outcome().findings_response.size(), 1U);
      EXPECT_EQ(outcome().findings_response[0].type, "provider_credential");
      EXPECT_EQ(outcome().findings_response[0].count, 1U);
      EXPECT_EQ(outcome().response_bytes, client.received.size());
    }
  }
  // An answer is refused as a whole, and so is an error for what others wrote.
  upstreams_.answers = {{.pieces = {chat_answer("Use " + ours)}}};
  EXPECT_EQ(ask(chat("Hi")).sent_head.status, 403U);
  upstreams_.answers = {
      {.status = 429, .pieces = {R"({"error":{"message":"AKIAIOSFODNN7QZ4RTUV"}})"}}};
  upstreams_.calls = 0;
  EXPECT_EQ(ask(chat("Hi")).sent_head.status, 403U);
}

TEST_F(GatewayTest, AProvidersErrorEventIsTheLastOne) {
  const std::string error = R"(data: {"error":{"message":"overloaded","code":"busy"}})"
                            "\n\n";
  for (const std::string behind : {"", "data: [DONE]\n\n", "data: {\"x\":1}\n\n"}) {
    upstreams_.answers = {{.type = "text/event-stream", .pieces = {error + behind}}};
    upstreams_.calls = 0;
    const FakeClient& client = ask(chat("Hi", true));
    EXPECT_TRUE(client.received.ends_with("\n\n" + error)) << client.received;
    EXPECT_EQ(client.received.find("\"error\""), client.received.rfind("\"error\""));
    EXPECT_EQ(outcome().error, "provider_error_event");
    EXPECT_EQ(outcome().error_source, "provider");
    EXPECT_FALSE(outcome().complete);
  }
}

TEST_F(GatewayTest, AStreamThatBreaksEndsWithTheApisErrorEvent) {
  const std::string stream = testing::chat_stream({{0, testing::Field::content, "Hi "}});
  answer(
      {.type = "text/event-stream",
       .pieces = {stream.substr(0, stream.size() / 2)},
       .breaks = core::provider_error(core::ErrorKind::bad_upstream, "upstream_reset", "Reset.")});
  const FakeClient& client = ask(chat("Hi", true));
  EXPECT_THAT(client.received, HasSubstr("upstream_reset"));
  EXPECT_THAT(client.received, Not(HasSubstr("[DONE]")));
}

}  // namespace
}  // namespace menshen::pipeline
