#include "proxy/protocol/adapter.h"
#include "proxy/protocol/stream.h"
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace menshen::protocol {
namespace {

using core::ErrorKind;
using nlohmann::json;

const Adapter& openai() { return *find_adapter("openai"); }
const Adapter& anthropic() { return *find_adapter("anthropic"); }

const core::Error refused = core::client_error(
    ErrorKind::forbidden, "content_denied", "The rule \"no-secrets\" refuses this.", "/messages/0");

TEST(Voice, ErrorsAreInTheShapeOfTheApi) {
  const json of_openai = json::parse(openai().error_body(refused, "ex-1"));
  EXPECT_EQ(of_openai, json::parse(R"({"error":{"message":"The rule \"no-secrets\" refuses this.",
      "type":"permission_error","param":"/messages/0","code":"content_denied",
      "exchange":"ex-1"}})"));
  const json of_anthropic = json::parse(anthropic().error_body(refused, "ex-1"));
  EXPECT_EQ(of_anthropic, json::parse(R"({"type":"error","error":{"type":"permission_error",
      "message":"The rule \"no-secrets\" refuses this.","param":"/messages/0",
      "details":{"error_code":"content_denied"}},"request_id":"ex-1","exchange":"ex-1"})"));
}

TEST(Voice, EveryKindHasAType) {
  const auto type = [](const Adapter& adapter, ErrorKind kind) {
    return json::parse(adapter.error_body({kind, {}, "c", "m", {}}, "x"))["error"]["type"]
        .get<std::string>();
  };
  EXPECT_EQ(type(openai(), ErrorKind::invalid_request), "invalid_request_error");
  EXPECT_EQ(type(openai(), ErrorKind::unauthenticated), "authentication_error");
  EXPECT_EQ(type(openai(), ErrorKind::not_found), "not_found_error");
  EXPECT_EQ(type(openai(), ErrorKind::rate_limited), "rate_limit_error");
  EXPECT_EQ(type(openai(), ErrorKind::too_large), "invalid_request_error");
  EXPECT_EQ(type(anthropic(), ErrorKind::too_large), "request_too_large");
  EXPECT_EQ(type(anthropic(), ErrorKind::unavailable), "overloaded_error");
  EXPECT_EQ(type(anthropic(), ErrorKind::upstream_timeout), "timeout_error");
  EXPECT_EQ(type(anthropic(), ErrorKind::bad_upstream), "api_error");
  EXPECT_EQ(type(anthropic(), ErrorKind::internal), "api_error");
}

TEST(Voice, NoPlaceIsNull) {
  const core::Error error =
      core::client_error(ErrorKind::unauthenticated, "invalid_api_key", "No.");
  EXPECT_TRUE(json::parse(openai().error_body(error, "x"))["error"]["param"].is_null());
}

TEST(Voice, BytesThatAreNoTextDoNotBreakThem) {
  const core::Error error = core::client_error(ErrorKind::not_found, "c", "bad \xff byte", "\xfe");
  EXPECT_TRUE(json::accept(openai().error_body(error, "\xfd")));
}

// Our own events are read back by the reader that reads the providers'.
StreamEvent read_back(std::string_view api, const std::string& bytes) {
  StreamReader reader(testing::endpoint_of(api), {});
  reader.feed(bytes);
  auto event = reader.next();
  EXPECT_TRUE(event) << to_string(event.error());
  EXPECT_TRUE(event->has_value()) << bytes;
  EXPECT_EQ((*event)->raw, bytes);
  return std::move(**event);
}

TEST(Voice, ErrorEventsAreEventsOfTheApi) {
  for (const std::string_view api :
       {"openai_chat", "openai_completions", "openai_responses", "anthropic_messages"}) {
    const std::string bytes =
        testing::endpoint_of(api).adapter().error_event(testing::endpoint_of(api), refused, "ex-1");
    const StreamEvent event = read_back(api, bytes);
    EXPECT_TRUE(event.error);
    ASSERT_TRUE(event.document);
    const json data = json::parse(event.document->bytes());
    EXPECT_EQ(data["error"]["message"], refused.message);
    const bool named = api == "openai_responses" || api == "anthropic_messages";
    EXPECT_EQ(bytes.starts_with("event: error\n"), named);
  }
  const json response = json::parse(
      read_back("openai_responses",
                testing::endpoint_of("openai_responses")
                    .adapter()
                    .error_event(testing::endpoint_of("openai_responses"), refused, "e"))
          .document->bytes());
  EXPECT_EQ(response["type"], "error");
  EXPECT_EQ(response["code"], "content_denied");
  EXPECT_EQ(response["message"], refused.message);
}

TEST(Voice, PingsSayNothing) {
  for (const std::string_view api : {"openai_chat", "openai_responses", "anthropic_messages"}) {
    const StreamEvent event =
        read_back(api, std::string(testing::endpoint_of(api).adapter().ping()));
    EXPECT_FALSE(event.terminal || event.ends_all || event.error);
  }
  EXPECT_FALSE(
      read_back("openai_chat", std::string(testing::endpoint_of("openai_chat").adapter().ping()))
          .document);
}

constexpr core::ScoreKind bias{.name = "bias"};
constexpr core::ScoreKind grounding{.name = "grounding", .better = core::Better::higher};

TEST(Voice, ScoresComeWhereClientsLookPast) {
  core::Scores scores;
  scores.set(grounding, 0.93F);
  scores.set(bias, 0.0F);
  const json expected =
      json::parse(R"({"decision":"annotate;shadow=deny","annotations":"tone;in=request;bias=0.70",)"
                  R"("scores":{"grounding":0.93,"bias":0.0}})");
  const Judgement judgement{"annotate;shadow=deny", "tone;in=request;bias=0.70", scores};

  const std::string messages =
      testing::endpoint_of("anthropic_messages")
          .adapter()
          .scores_event(testing::endpoint_of("anthropic_messages"), judgement);
  EXPECT_TRUE(messages.starts_with("event: ping\n"));
  EXPECT_EQ(json::parse(read_back("anthropic_messages", messages).document->bytes())["menshen"],
            expected);

  for (const std::string_view api : {"openai_chat", "openai_completions", "openai_responses",
                                     "azure_chat", "azure_completions"}) {
    const StreamEvent comment = read_back(api, testing::endpoint_of(api).adapter().scores_event(
                                                   testing::endpoint_of(api), judgement));
    EXPECT_FALSE(comment.document || comment.terminal);
    EXPECT_EQ(json::parse(comment.side_text.substr(std::string("menshen.scores ").size())),
              expected);
  }
}

TEST(Voice, ALateErrorOfTheProviderKeepsWhatItSays) {
  const std::string of_openai = R"({"error":{"message":"slow down","type":"tokens","param":null,)"
                                R"("code":"rate_limit_exceeded"}})";
  const std::string of_anthropic =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})";
  for (const std::string_view api :
       {"openai_chat", "openai_completions", "openai_responses", "anthropic_messages"}) {
    const std::string& body = api == "anthropic_messages" ? of_anthropic : of_openai;
    const StreamEvent event =
        read_back(api, testing::endpoint_of(api).adapter().provider_error_event(
                           testing::endpoint_of(api), 429, body, {"7", "6500"}, "ex-1"));
    EXPECT_TRUE(event.error && event.terminal);
    const json data = json::parse(event.document->bytes());
    EXPECT_EQ(data["error"]["message"], "slow down");
    EXPECT_EQ(data["error"]["status"], 429);
    EXPECT_EQ(data["error"]["retry_after"], "7");
    EXPECT_EQ(data["error"]["retry_after_ms"], "6500");
    if (api != "anthropic_messages") {
      EXPECT_EQ(data["error"]["code"], "rate_limit_exceeded");
    }
  }
  const json response =
      json::parse(read_back("openai_responses",
                            testing::endpoint_of("openai_responses")
                                .adapter()
                                .provider_error_event(testing::endpoint_of("openai_responses"), 429,
                                                      of_openai, {}, "e"))
                      .document->bytes());
  EXPECT_EQ(response["code"], "rate_limit_exceeded");
  EXPECT_FALSE(response["error"].contains("retry_after"));
  EXPECT_FALSE(response["error"].contains("retry_after_ms"));
}

TEST(Voice, ALateErrorOfAnyShapeIsOneOfTheApi) {
  for (const std::string body : {"{}", R"({"error":"busy"})", R"({"detail":[{"msg":"x"}]})",
                                 R"({"error":{"message":7}})", "not json", "[]", "1e400"}) {
    for (const std::string_view api : {"openai_chat", "anthropic_messages"}) {
      const StreamEvent event =
          read_back(api, testing::endpoint_of(api).adapter().provider_error_event(
                             testing::endpoint_of(api), 503, body, {}, "e"));
      EXPECT_TRUE(event.error) << body;
      const json error = json::parse(event.document->bytes())["error"];
      EXPECT_TRUE(error["message"].is_string()) << body;
      EXPECT_EQ(error["type"], "overloaded_error") << body;
    }
  }
}

TEST(Voice, AnErrorThatCannotBeReadIsOneOfTheApi) {
  const core::Error withheld =
      core::provider_error(core::ErrorKind::bad_upstream, "bad_upstream_body", "No.");
  const json of_openai = json::parse(openai().provider_error_body(404, withheld, "e"));
  EXPECT_EQ(of_openai["error"]["type"], "not_found_error");
  const json of_anthropic = json::parse(anthropic().provider_error_body(529, withheld, "e"));
  EXPECT_EQ(of_anthropic["type"], "error");
  EXPECT_EQ(of_anthropic["error"]["type"], "overloaded_error");
  EXPECT_EQ(of_anthropic["error"]["message"], "No.");
}

TEST(Voice, ListsOfModelsAreReadAndWritten) {
  const std::vector<std::string> ids{"qwen3-32b", "模型/\"1\""};
  for (const Adapter* adapter : adapters()) {
    const auto read = adapter->parse_model_list(adapter->model_list(ids));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, ids);
    EXPECT_EQ(*adapter->parse_model_list(adapter->model_list({})), std::vector<std::string>());
    EXPECT_NE(adapter->model_object("m").find("\"m\""), std::string::npos);
  }
  EXPECT_EQ(json::parse(openai().model_object("m"))["id"], "m");
  EXPECT_EQ(json::parse(openai().model_list(ids))["object"], "list");
  EXPECT_EQ(json::parse(anthropic().model_list(ids))["last_id"], ids.back());
  EXPECT_TRUE(json::parse(anthropic().model_list({}))["first_id"].is_null());
}

TEST(Voice, EntriesWithoutANameArePassedOver) {
  for (const std::string entry : {"1", "null", "{}", "[]", R"({"id":7})", R"({"id":null})"}) {
    const auto read =
        openai().parse_model_list(R"({"data":[{"id":"a"},)" + entry + R"(,{"id":"b"}]})");
    ASSERT_TRUE(read) << entry;
    EXPECT_EQ(*read, (std::vector<std::string>{"a", "b"})) << entry;
  }
}

TEST(Voice, BrokenListsOfModelsAreTheProvidersFault) {
  for (const std::string body : {"", "[]", "{}", R"({"data":{}})", R"({"data":"m"})", "not json"}) {
    const auto read = openai().parse_model_list(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, "bad_model_list");
    EXPECT_EQ(read.error().source, core::ErrorSource::provider);
  }
  EXPECT_FALSE(openai().parse_model_list(std::string(5 * 1024 * 1024, ' ')));
}

}  // namespace
}  // namespace menshen::protocol
