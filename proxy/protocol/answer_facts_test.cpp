// What answers of all APIs say of themselves, whole and in streams.
#include "proxy/protocol/answer_facts.h"

#include "proxy/protocol/stream.h"
#include "proxy/protocol/test_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace menshen::protocol {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AnswerFacts facts_of(std::string_view api, std::string body) {
  AnswerFacts facts;
  Document::parse_response(std::move(body), testing::endpoint_of(api), 200, {}).value().tell(facts);
  return facts;
}

AnswerFacts facts_of_stream(std::string_view api, std::string_view bytes) {
  StreamReader reader(testing::endpoint_of(api), {});
  reader.feed(bytes);
  AnswerFacts facts;
  for (auto event = reader.next().value(); event; event = reader.next().value()) {
    if (event->document) event->document->tell(facts);
  }
  return facts;
}

struct Case {
  std::string_view api;
  std::string_view body;
  std::string_view id;
  std::string_view model;
  std::vector<std::string_view> finish;
};

TEST(AnswerFacts, OfWholeAnswers) {
  const Case cases[] = {
      {"openai_chat",
       R"({"id":"chatcmpl-9","model":"gpt-4o-2024-08-06","choices":[)"
       R"({"index":0,"message":{"content":"a"},"finish_reason":"stop"},)"
       R"({"index":1,"message":{"content":"b"},"finish_reason":"length"},)"
       R"({"index":2,"message":{"content":"c"},"finish_reason":"stop"}]})",
       "chatcmpl-9",
       "gpt-4o-2024-08-06",
       {"length", "stop"}},
      {"openai_completions",
       R"({"id":"cmpl-1","choices":[{"text":"a","finish_reason":"abort"}]})",
       "cmpl-1",
       "",
       {"abort"}},
      {"openai_embeddings", R"({"model":"e-3","data":[]})", "", "e-3", {}},
      {"openai_responses",
       R"({"id":"resp_1","object":"response","model":"o4","status":"completed","output":[]})",
       "resp_1",
       "o4",
       {"completed"}},
      {"openai_responses",
       R"({"id":"resp_1","object":"response","status":"incomplete",)"
       R"("incomplete_details":{"reason":"max_output_tokens"},"output":[]})",
       "resp_1",
       "",
       {"max_output_tokens"}},
      {"openai_responses",
       R"({"object":"response","status":"incomplete","incomplete_details":null,"output":[]})",
       "",
       "",
       {"incomplete"}},
      {"anthropic_messages",
       R"({"id":"msg_1","type":"message","model":"claude","stop_reason":"tool_use","content":[]})",
       "msg_1",
       "claude",
       {"tool_use"}},
      {"ollama_chat",
       R"({"model":"qwen3","message":{"content":"a"},"done":true,)"
       R"("done_reason":"stop"})",
       "",
       "qwen3",
       {"stop"}},
      {"azure_chat",
       R"({"id":"c","model":"gpt-4o","choices":[{"finish_reason":"content_filter"}]})",
       "c",
       "gpt-4o",
       {"content_filter"}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.body);
    const AnswerFacts facts = facts_of(each.api, std::string(each.body));
    EXPECT_EQ(facts.id, each.id);
    EXPECT_EQ(facts.model, each.model);
    EXPECT_EQ(facts.finish, each.finish);
  }
}

TEST(AnswerFacts, OfStreams) {
  const Case cases[] = {
      {"openai_chat",
       "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
       "\"a\"},\"finish_reason\":null}]}\n\n"
       "data: {\"id\":\"c2\",\"model\":\"n\",\"choices\":[{\"index\":0,\"delta\":{},"
       "\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n",
       "c1",
       "m",
       {"tool_calls"}},
      {"anthropic_messages",
       "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
       "\"model\":\"claude\",\"content\":[],\"stop_reason\":null}}\n\n"
       "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
       "\"end_turn\"}}\n\n"
       "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
       "msg_1",
       "claude",
       {"end_turn"}},
      {"openai_responses",
       "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":"
       "\"resp_1\",\"model\":\"o4\",\"status\":\"in_progress\",\"output\":[]}}\n\n"
       "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":"
       "\"resp_1\",\"status\":\"completed\",\"output\":[]}}\n\n",
       "resp_1",
       "o4",
       {"completed"}},
      {"ollama_generate",
       "{\"model\":\"qwen3\",\"response\":\"a\",\"done\":false}\n"
       "{\"model\":\"qwen3\",\"response\":\"\",\"done\":true,\"done_reason\":\"length\"}\n",
       "",
       "qwen3",
       {"length"}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.body);
    const AnswerFacts facts = facts_of_stream(each.api, each.body);
    EXPECT_EQ(facts.id, each.id);
    EXPECT_EQ(facts.model, each.model);
    EXPECT_EQ(facts.finish, each.finish);
  }
}

// Nothing that a stranger wrote is a reason.
TEST(AnswerFacts, ReasonsAreOfAClosedVocabulary) {
  const auto finish = [](std::string_view reasons) {
    std::string body = R"({"choices":[)";
    return facts_of("openai_chat", body.append(reasons).append("]}")).finish;
  };
  EXPECT_THAT(finish(R"({"finish_reason":"call 13812345678"},{"finish_reason":"Stop"},)"
                     R"({"finish_reason":"stop"})"),
              ElementsAre("(other)", "stop"));
  EXPECT_THAT(finish(R"({"finish_reason":null},{"finish_reason":""},{"finish_reason":"null"},)"
                     R"({"finish_reason":7},{"finish_reason":["stop"]},"stop",{})"),
              IsEmpty());
  EXPECT_THAT(finish(R"({"finish_reason":"\u0073top"})"), ElementsAre("stop"));
}

TEST(AnswerFacts, KnowsTheWordsOfTheSchemaOfRecords) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/audit/record.schema.json");
  const auto words = nlohmann::json::parse(file)["$defs"]["finish"]["enum"];
  ASSERT_EQ(words.size(), 27U);
  for (const std::string word : words) {
    AnswerFacts facts;
    facts.add_finish(word);
    EXPECT_THAT(facts.finish, ElementsAre(word));
  }
}

// A task, or a file, has a status too.
TEST(AnswerFacts, AStatusIsTheEndOfAResponseAlone) {
  EXPECT_THAT(facts_of("openai_chat", R"({"status":"completed","choices":[]})").finish, IsEmpty());
  EXPECT_THAT(
      facts_of("openai_chat", R"({"incomplete_details":{"reason":"x"},"choices":[]})").finish,
      IsEmpty());
}

TEST(AnswerFacts, NamesAreReadAsTheyAreMeantAndCutWhereTheyAreLong) {
  EXPECT_EQ(facts_of("openai_chat", R"({"model":"qwen\/qwen3","choices":[]})").model, "qwen/qwen3");
  for (const std::size_t bytes : {255U, 256U, 257U, 10'000U}) {
    const std::string name(bytes, 'x');
    const AnswerFacts facts =
        facts_of("openai_chat", R"({"id":")" + name + R"(","model":7,"choices":[]})");
    EXPECT_EQ(facts.id.size(), std::min<std::size_t>(bytes, 256));
    EXPECT_EQ(facts.model, "");
  }
}

}  // namespace
}  // namespace menshen::protocol
