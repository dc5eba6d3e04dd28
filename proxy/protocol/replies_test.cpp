#include "proxy/protocol/replies.h"

#include "proxy/protocol/stream.h"
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace menshen::protocol {
namespace {

using core::ErrorKind;
using nlohmann::json;

const core::Error refused = core::client_error(
    ErrorKind::forbidden, "content_denied", "The rule \"no-secrets\" refuses this.", "/messages/0");

TEST(Replies, ErrorsAreInTheShapeOfTheFamily) {
  const json openai = json::parse(error_body(Family::openai, refused, "ex-1"));
  EXPECT_EQ(openai, json::parse(R"({"error":{"message":"The rule \"no-secrets\" refuses this.",
      "type":"permission_error","param":"/messages/0","code":"content_denied",
      "exchange":"ex-1"}})"));
  const json anthropic = json::parse(error_body(Family::anthropic, refused, "ex-1"));
  EXPECT_EQ(anthropic, json::parse(R"({"type":"error","error":{"type":"permission_error",
      "message":"The rule \"no-secrets\" refuses this.","param":"/messages/0",
      "details":{"error_code":"content_denied"}},"request_id":"ex-1","exchange":"ex-1"})"));
}

TEST(Replies, EveryKindHasAType) {
  const auto type = [](Family family, ErrorKind kind) {
    return json::parse(error_body(family, {kind, {}, "c", "m", {}}, "x"))["error"]["type"]
        .get<std::string>();
  };
  EXPECT_EQ(type(Family::openai, ErrorKind::invalid_request), "invalid_request_error");
  EXPECT_EQ(type(Family::openai, ErrorKind::unauthenticated), "authentication_error");
  EXPECT_EQ(type(Family::openai, ErrorKind::not_found), "not_found_error");
  EXPECT_EQ(type(Family::openai, ErrorKind::rate_limited), "rate_limit_error");
  EXPECT_EQ(type(Family::openai, ErrorKind::too_large), "invalid_request_error");
  EXPECT_EQ(type(Family::anthropic, ErrorKind::too_large), "request_too_large");
  EXPECT_EQ(type(Family::anthropic, ErrorKind::unavailable), "overloaded_error");
  EXPECT_EQ(type(Family::anthropic, ErrorKind::upstream_timeout), "timeout_error");
  EXPECT_EQ(type(Family::anthropic, ErrorKind::bad_upstream), "api_error");
  EXPECT_EQ(type(Family::anthropic, ErrorKind::internal), "api_error");
}

TEST(Replies, NoPlaceIsNull) {
  const core::Error error =
      core::client_error(ErrorKind::unauthenticated, "invalid_api_key", "No.");
  EXPECT_TRUE(json::parse(error_body(Family::openai, error, "x"))["error"]["param"].is_null());
}

TEST(Replies, BytesThatAreNoTextDoNotBreakThem) {
  const core::Error error = core::client_error(ErrorKind::not_found, "c", "bad \xff byte", "\xfe");
  EXPECT_TRUE(json::accept(error_body(Family::openai, error, "\xfd")));
}

// Our own events are read back by the reader that reads the providers'.
StreamEvent read_back(Api api, const std::string& bytes) {
  StreamReader reader(testing::endpoint_of(api), {});
  reader.feed(bytes);
  auto event = reader.next();
  EXPECT_TRUE(event) << to_string(event.error());
  EXPECT_TRUE(event->has_value()) << bytes;
  EXPECT_EQ((*event)->raw, bytes);
  return std::move(**event);
}

TEST(Replies, ErrorEventsAreEventsOfTheApi) {
  for (const Api api : {Api::openai_chat, Api::openai_completions, Api::openai_responses,
                        Api::anthropic_messages}) {
    const std::string bytes = error_event(api, refused, "ex-1");
    const StreamEvent event = read_back(api, bytes);
    EXPECT_TRUE(event.error);
    ASSERT_TRUE(event.document);
    const json data = json::parse(event.document->bytes());
    EXPECT_EQ(data["error"]["message"], refused.message);
    const bool named = api == Api::openai_responses || api == Api::anthropic_messages;
    EXPECT_EQ(bytes.starts_with("event: error\n"), named);
  }
  const json response =
      json::parse(read_back(Api::openai_responses, error_event(Api::openai_responses, refused, "e"))
                      .document->bytes());
  EXPECT_EQ(response["type"], "error");
  EXPECT_EQ(response["code"], "content_denied");
  EXPECT_EQ(response["message"], refused.message);
}

TEST(Replies, PingsSayNothing) {
  for (const Api api : {Api::openai_chat, Api::openai_responses, Api::anthropic_messages}) {
    const StreamEvent event = read_back(api, std::string(ping(api)));
    EXPECT_FALSE(event.terminal || event.ends_all || event.error);
  }
  EXPECT_FALSE(read_back(Api::openai_chat, std::string(ping(Api::openai_chat))).document);
}

constexpr core::ScoreKind bias{.name = "bias"};
constexpr core::ScoreKind grounding{.name = "grounding", .better = core::Better::higher};

TEST(Replies, ScoresComeWhereClientsLookPast) {
  core::Scores scores;
  scores.set(grounding, 0.93F);
  scores.set(bias, 0.0F);
  const json expected =
      json::parse(R"({"decision":"allow","scores":{"grounding":0.93,"bias":0.0}})");

  const std::string messages = scores_event(Api::anthropic_messages, scores, "allow");
  EXPECT_TRUE(messages.starts_with("event: ping\n"));
  EXPECT_EQ(json::parse(read_back(Api::anthropic_messages, messages).document->bytes())["menshen"],
            expected);

  for (const Api api : {Api::openai_chat, Api::openai_completions, Api::openai_responses}) {
    const StreamEvent comment = read_back(api, scores_event(api, scores, "allow"));
    EXPECT_FALSE(comment.document || comment.terminal);
    EXPECT_EQ(json::parse(comment.side_text.substr(std::string("menshen.scores ").size())),
              expected);
  }
}

TEST(Replies, ALateErrorOfTheProviderKeepsWhatItSays) {
  const std::string openai = R"({"error":{"message":"slow down","type":"tokens","param":null,)"
                             R"("code":"rate_limit_exceeded"}})";
  const std::string anthropic =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})";
  for (const Api api : {Api::openai_chat, Api::openai_completions, Api::openai_responses,
                        Api::anthropic_messages}) {
    const std::string& body = api == Api::anthropic_messages ? anthropic : openai;
    const StreamEvent event =
        read_back(api, provider_error_event(api, 429, body, {"7", "6500"}, "ex-1"));
    EXPECT_TRUE(event.error && event.terminal);
    const json data = json::parse(event.document->bytes());
    EXPECT_EQ(data["error"]["message"], "slow down");
    EXPECT_EQ(data["error"]["status"], 429);
    EXPECT_EQ(data["error"]["retry_after"], "7");
    EXPECT_EQ(data["error"]["retry_after_ms"], "6500");
    if (api != Api::anthropic_messages) {
      EXPECT_EQ(data["error"]["code"], "rate_limit_exceeded");
    }
  }
  const json response =
      json::parse(read_back(Api::openai_responses,
                            provider_error_event(Api::openai_responses, 429, openai, {}, "e"))
                      .document->bytes());
  EXPECT_EQ(response["code"], "rate_limit_exceeded");
  EXPECT_FALSE(response["error"].contains("retry_after"));
  EXPECT_FALSE(response["error"].contains("retry_after_ms"));
}

TEST(Replies, ALateErrorOfAnyShapeIsOneOfTheApi) {
  for (const std::string body : {"{}", R"({"error":"busy"})", R"({"detail":[{"msg":"x"}]})",
                                 R"({"error":{"message":7}})", "not json", "[]", "1e400"}) {
    for (const Api api : {Api::openai_chat, Api::anthropic_messages}) {
      const StreamEvent event = read_back(api, provider_error_event(api, 503, body, {}, "e"));
      EXPECT_TRUE(event.error) << body;
      const json error = json::parse(event.document->bytes())["error"];
      EXPECT_TRUE(error["message"].is_string()) << body;
      EXPECT_EQ(error["type"], "overloaded_error") << body;
    }
  }
}

TEST(Replies, AnErrorThatCannotBeReadIsOneOfTheApi) {
  const json openai = json::parse(provider_error_body(Family::openai, 404, "e"));
  EXPECT_EQ(openai["error"]["type"], "not_found_error");
  const json anthropic = json::parse(provider_error_body(Family::anthropic, 529, "e"));
  EXPECT_EQ(anthropic["type"], "error");
  EXPECT_EQ(anthropic["error"]["type"], "overloaded_error");
}

TEST(Replies, ListsOfModelsAreReadAndWritten) {
  const std::vector<std::string> ids{"qwen3-32b", "模型/\"1\""};
  for (const Family family : {Family::openai, Family::anthropic}) {
    const auto read = parse_model_list(model_list(family, ids));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, ids);
    EXPECT_EQ(*parse_model_list(model_list(family, {})), std::vector<std::string>());
    EXPECT_EQ(json::parse(model_object(family, "m"))["id"], "m");
  }
  EXPECT_EQ(json::parse(model_list(Family::openai, ids))["object"], "list");
  EXPECT_EQ(json::parse(model_list(Family::anthropic, ids))["last_id"], ids.back());
  EXPECT_TRUE(json::parse(model_list(Family::anthropic, {}))["first_id"].is_null());
}

TEST(Replies, EntriesWithoutANameArePassedOver) {
  for (const std::string entry : {"1", "null", "{}", "[]", R"({"id":7})", R"({"id":null})"}) {
    const auto read = parse_model_list(R"({"data":[{"id":"a"},)" + entry + R"(,{"id":"b"}]})");
    ASSERT_TRUE(read) << entry;
    EXPECT_EQ(*read, (std::vector<std::string>{"a", "b"})) << entry;
  }
}

TEST(Replies, BrokenListsOfModelsAreTheProvidersFault) {
  for (const std::string body : {"", "[]", "{}", R"({"data":{}})", R"({"data":"m"})", "not json"}) {
    const auto read = parse_model_list(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, "bad_model_list");
    EXPECT_EQ(read.error().source, core::ErrorSource::provider);
  }
  EXPECT_FALSE(parse_model_list(std::string(5 * 1024 * 1024, ' ')));
}

}  // namespace
}  // namespace menshen::protocol
