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
