// Headers that pass: lists in both directions, and values that are read and judged as texts are.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

#include <set>

namespace menshen::pipeline::testing {
namespace {

using ::testing::HasSubstr;

class PassedHeaders : public GatewayTest {
 protected:
  const FakeClient& ask_with(Headers headers, std::string path = "/v1/chat/completions") {
    more_headers_ = std::move(headers);
    if (upstreams_.answers.size() < 2) upstreams_.answers = {{.pieces = {chat_answer("Hello")}}};
    upstreams_.calls = 0;
    upstreams_.seen_headers.clear();
    return ask(chat("Hi"), std::move(path));
  }
  const FakeClient& answer_with(Headers headers, bool stream = false) {
    more_headers_.clear();
    upstreams_.answers = {{.pieces = {chat_answer("Hello")}, .more_headers = std::move(headers)}};
    if (stream) {
      upstreams_.answers[0].type = "text/event-stream";
      upstreams_.answers[0].pieces = {chat_stream({{0, Field::content, "Hi"}})};
    }
    upstreams_.calls = 0;
    return ask(chat("Hi", stream));
  }
  std::string seen(std::string_view name) const {
    return std::string(find_header(upstreams_.seen_headers, name).value_or("(none)"));
  }
  Json error() const { return Json::parse(client_->received)["error"]; }
};

TEST_F(PassedHeaders, OfTheClientAreThoseOfTheList) {
  const Headers all{{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                    {"tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE/$@x"},
                    {"x-client-request-id", "c"},
                    {"x-request-id", "r"},
                    {"openai-beta", "assistants=v2"}};
  Headers sent = all;
  for (const std::string_view name :
       {"baggage", "openai-organization", "openai-project", "x-stainless-lang", "anthropic-beta"})
    sent.emplace_back(name, "y");
  EXPECT_EQ(ask_with(sent).sent_head.status, 200U);
  for (const auto& [name, value] : all) EXPECT_EQ(seen(name), value);
  for (std::size_t i = all.size(); i < sent.size(); ++i) EXPECT_EQ(seen(sent[i].first), "(none)");
}

TEST_F(PassedHeaders, ThatTellRepetitionsAreSetApartByCaller) {
  const auto sent_on = [&](const std::string& key, Headers more = {}, std::string name = "") {
    if (name.empty()) name = "idempotency-key";
    more.emplace_back(name, key);
    more_headers_ = std::move(more);
    upstreams_.answers = {{.pieces = {chat_answer("Hello")}}};
    upstreams_.calls = 0;
    return [this, name](const std::string& caller) {
      EXPECT_EQ(ask(chat("Hi"), "/v1/chat/completions", "POST", caller).sent_head.status, 200U);
      return seen(name);
    };
  };
  const std::string mine = sent_on("k")("good");
  EXPECT_THAT(mine, ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(sent_on("k")("good"), mine);
  EXPECT_EQ(sent_on("k", {}, "x-idempotency-key")("good"), mine);
  EXPECT_NE(sent_on("l")("good"), mine);
  const std::string service = sent_on("k")("portal");
  const std::string zhang = sent_on("k", {{"x-menshen-user", "zhang"}})("portal");
  const std::string wang = sent_on("k", {{"x-menshen-user", "wang"}})("portal");
  // Alice is known to two: by her own key, and as whom the portal calls for.
  const std::string twice = sent_on("k", {{"x-menshen-user", staff().id}})("portal");
  const std::set<std::string> all{mine, service, zhang, wang, twice};
  EXPECT_EQ(all.size(), 5U);
  EXPECT_EQ(sent_on("k", {{"x-menshen-user", "zhang"}})("portal"), zhang);
  // Two would be one of them, and none is everybody's.
  for (const Headers& wrong : {Headers{{"idempotency-key", ""}},
                               Headers{{"idempotency-key", "k"}, {"idempotency-key", "l"}}}) {
    more_headers_ = wrong;
    EXPECT_EQ(ask(chat("Hi")).sent_head.status, 400U);
    EXPECT_EQ(outcome().error, "bad_header_value");
  }
  // It is judged as it came.
  more_headers_ = {{"idempotency-key", "AKIAQYLPMN5HFIQR7XYA"}};
  EXPECT_EQ(ask(chat("Hi")).sent_head.status, 403U);
}

TEST_F(PassedHeaders, ThatChooseWhoPaysPassWhereTheRouteSaysSo) {
  const std::string project = "openai-project";
  upstreams_.targets[0].account_headers = {&project, 1};
  ask_with({{project, "proj_1"}, {"openai-organization", "org-1"}});
  EXPECT_EQ(seen(project), "proj_1");
  EXPECT_EQ(seen("openai-organization"), "(none)");
}

TEST_F(PassedHeaders, OfManyBytesAreRefusedByName) {
  for (const std::string name : {"openai-beta", "tracestate"}) {
    const std::string longest(passed_header_bytes_max, 'a');
    EXPECT_EQ(ask_with({{name, longest}}).sent_head.status, 200U);
    EXPECT_EQ(seen(name), longest);
    EXPECT_EQ(ask_with({{name, longest + "a"}}).sent_head.status, 400U);
    EXPECT_EQ(error()["code"], "header_too_long");
    EXPECT_EQ(error()["param"], name);
    EXPECT_THAT(error()["message"].get<std::string>(), HasSubstr(name + " is longer than 1024"));
    EXPECT_EQ(upstreams_.calls, 0U);
  }
  EXPECT_EQ(ask_with({{"x-custom", std::string(2000, 'a')}}).sent_head.status, 200U);
}

TEST_F(PassedHeaders, OfOtherCharactersAreRefusedByName) {
  EXPECT_EQ(ask_with({{"x-request-id", "张三"}}).sent_head.status, 400U);
  EXPECT_EQ(error()["code"], "bad_header_value");
  EXPECT_EQ(error()["param"], "x-request-id");
  EXPECT_EQ(upstreams_.calls, 0U);
}

TEST_F(PassedHeaders, OfTheClientAreJudgedAsItsTextsAre) {
  EXPECT_EQ(ask_with({{"x-request-id", "a li.si@corp.example 7"}}).header("x-menshen-redactions"),
            "email=1");
  EXPECT_EQ(seen("x-request-id"), "a [EMAIL] 7");
  // A rule of the zone alone.
  ask_with({{"tracestate", "v=13800138000"}});
  EXPECT_EQ(seen("tracestate"), "v=13800138000");
  EXPECT_EQ(ask_with({{"x-request-id", "AKIAQYLPMN5HFIQR7XYA"}}).sent_head.status, 403U);
  EXPECT_EQ(error()["code"], "content_refused");
  EXPECT_EQ(error()["param"], "x-request-id");
  EXPECT_EQ(upstreams_.calls, 0U);
  EXPECT_EQ(outcome().error, "content_refused");
  // What does not pass is not read.
  EXPECT_EQ(ask_with({{"x-custom", "AKIAQYLPMN5HFIQR7XYA"}}).sent_head.status, 200U);
}

TEST_F(PassedHeaders, AreRedactedForEachZoneAsItsRulesSay) {
  upstreams_.targets = {{0, "inside", "internal", ""}, {1, "outside", "public", ""}};
  upstreams_.answers = {{.status = 503, .pieces = {"{}"}}, {.pieces = {chat_answer("Hello")}}};
  upstreams_.retry_count = 1;
  // The public zone is refused, so nobody else is asked.
  ask_with({{"x-request-id", "13800138000 li.si@corp.example"}});
  EXPECT_EQ(upstreams_.calls, 1U);
  EXPECT_EQ(seen("x-request-id"), "13800138000 [EMAIL]");
  ask_with({{"x-request-id", "li.si@corp.example"}});
  EXPECT_EQ(upstreams_.calls, 2U);
  EXPECT_EQ(seen("x-request-id"), "[EMAIL]");
}

TEST_F(PassedHeaders, OfTheProviderAreThoseOfTheList) {
  const Headers all{{"retry-after", "7"},
                    {"retry-after-ms", "7000"},
                    {"x-should-retry", "false"},
                    {"request-id", "b"},
                    {"x-client-request-id", "c"},
                    {"openai-processing-ms", "12"},
                    {"openai-version", "2020-10-01"},
                    {"x-ratelimit-limit-requests", "60"},
                    {"x-ratelimit-reset-project-tokens", "6m0s"}};
  Headers sent = all;
  for (const std::string& name :
       {std::string("openai-organization"), std::string("openai-project"),
        std::string("anthropic-ratelimit-requests-limit"), std::string("x-ratelimit-"),
        std::string("x-ratelimit-li.si@corp.example"), "x-ratelimit-" + std::string(65, 'a')})
    sent.emplace_back(name, "y");
  for (const bool stream : {false, true}) {
    const FakeClient& client = answer_with(sent, stream);
    EXPECT_EQ(client.sent_head.status, 200U);
    for (const auto& [name, value] : all) EXPECT_EQ(client.header(name), value);
    for (std::size_t i = all.size(); i < sent.size(); ++i)
      EXPECT_EQ(client.header(sent[i].first), "") << sent[i].first;
  }
}

TEST_F(PassedHeaders, OfTheProviderAreJudgedAsItsTextsAre) {
  for (const bool stream : {false, true}) {
    const FakeClient& client = answer_with({{"request-id", "li.si@corp.example"}}, stream);
    EXPECT_EQ(client.header("request-id"), "[EMAIL]");
    EXPECT_EQ(client.header("x-menshen-redactions"), "email=1");
    EXPECT_EQ(answer_with({{"request-id", "AKIAQYLPMN5HFIQR7XYA"}}, stream).sent_head.status, 403U);
    EXPECT_EQ(error()["param"], "request-id");
    EXPECT_EQ(client_->received.find("AKIA"), std::string::npos);
    EXPECT_EQ(outcome().error, "content_refused");
  }
}

TEST_F(PassedHeaders, OfTheProviderThatNobodyCanReadStayBehind) {
  const FakeClient& client =
      answer_with({{"request-id", std::string(passed_header_bytes_max, 'a')},
                   {"x-ratelimit-limit-tokens", std::string(passed_header_bytes_max + 1, 'a')},
                   {"openai-version", "版本"}});
  EXPECT_EQ(client.header("request-id").size(), passed_header_bytes_max);
  EXPECT_EQ(client.header("x-ratelimit-limit-tokens"), "");
  EXPECT_EQ(client.header("openai-version"), "");
}

TEST_F(PassedHeaders, ThatCannotBeReadRefuseUnlessThePolicyLetsThemPass) {
  static const Failing failing;
  const auto catalog =
      std::make_shared<const detectors::Catalog>(std::vector<const detectors::Detector*>{&failing});
  for (const bool lenient : {false, true}) {
    std::string text(two_zones);
    if (lenient) text.insert(text.find("access: deny}") + 12, ", on_error: allow");
    policy_ = policy_from(text, catalog);
    EXPECT_EQ(ask_with({{"x-request-id", "BOOM"}}).sent_head.status, lenient ? 200U : 500U);
    EXPECT_EQ(answer_with({{"request-id", "BOOM"}}).sent_head.status, lenient ? 200U : 500U);
    EXPECT_EQ(ask_with({{"x-request-id", "GASP"}}).sent_head.status, 503U);
    EXPECT_EQ(answer_with({{"request-id", "GASP"}}).sent_head.status, 503U);
  }
}

}  // namespace
}  // namespace menshen::pipeline::testing
