// Which texts of an exchange its grounding is judged by.
#include "proxy/pipeline/sources.h"

#include "proxy/pipeline/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::pipeline {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

protocol::Document request_of(std::string_view api, Json body) {
  body["model"] = "m";
  auto document = protocol::Document::parse_request(body.dump(), endpoint_of(api), core::Limits{});
  EXPECT_TRUE(document) << document.error().message;
  return std::move(*document);
}

std::vector<std::string> sources_of(std::string_view api, Json body) {
  const protocol::Document request = request_of(api, std::move(body));
  const Sources sources(request, policies::SourceMarks());
  const auto views = sources.views();
  return {views.begin(), views.end()};
}

std::vector<std::string> of_chat(Json messages) {
  return sources_of("openai_chat", {{"messages", std::move(messages)}});
}
std::vector<std::string> of_messages(Json content) {
  return sources_of(
      "anthropic_messages",
      {{"max_tokens", 9}, {"messages", Json::array({{{"role", "user"}, {"content", content}}})}});
}

TEST(Sources, PromptsAndEarlierAnswersAreNone) {
  EXPECT_THAT(of_chat({{{"role", "system"}, {"content", "You help."}},
                       {{"role", "user"}, {"content", "What is the capital of France?"}},
                       {{"role", "assistant"}, {"content", "Paris."}}}),
              IsEmpty());
  EXPECT_THAT(of_messages("hi"), IsEmpty());
  EXPECT_THAT(sources_of("openai_completions", {{"prompt", "hi"}}), IsEmpty());
}

TEST(Sources, ToolsResultsAre) {
  EXPECT_THAT(of_chat({{{"role", "tool"}, {"tool_call_id", "c"}, {"content", "a"}},
                       {{"role", "tool"}, {"tool_call_id", "d"}, {"content", R"({"b":1})"}}}),
              ElementsAre("a", R"({"b":1})"));
  EXPECT_THAT(of_messages({{{"type", "tool_result"}, {"tool_use_id", "t"}, {"content", "a"}}}),
              ElementsAre("a"));
  EXPECT_THAT(
      sources_of(
          "openai_responses",
          {{"input",
            Json::array({{{"type", "function_call_output"}, {"call_id", "c"}, {"output", "a"}}})}}),
      ElementsAre("a"));
}

TEST(Sources, DocumentsAndSearchResultsAre) {
  EXPECT_THAT(of_messages({{{"type", "document"},
                            {"title", "Terms"},
                            {"source", {{"type", "text"}, {"data", "a"}}}},
                           {{"type", "text"}, {"text", "How long?"}}}),
              ElementsAre("Terms", "a"));
  EXPECT_THAT(of_messages({{{"type", "search_result"},
                            {"source", "https://x.example"},
                            {"title", "t"},
                            {"content", Json::array({{{"type", "text"}, {"text", "a"}}})}}}),
              ElementsAre("t", "a"));
  // A title supports nothing where its text cannot be read.
  EXPECT_THAT(of_messages({{{"type", "document"},
                            {"title", "Terms"},
                            {"source", {{"type", "base64"}, {"data", "JVBERi0="}}}}}),
              IsEmpty());
  EXPECT_THAT(
      sources_of("openai_chat", {{"messages", Json::array({{{"role", "user"}, {"content", "hi"}}})},
                                 {"documents", Json::array({{{"text", "a"}}})}}),
      ElementsAre("a"));
}

TEST(Sources, CitedTextsAre) {
  const auto cited = [](Json citation) {
    return sources_of(
        "anthropic_messages",
        {{"max_tokens", 9},
         {"messages", Json::array({{{"role", "assistant"},
                                    {"content", Json::array({{{"type", "text"},
                                                              {"text", "It says b."},
                                                              {"citations", {citation}}}})}}})}});
  };
  EXPECT_THAT(cited({{"type", "char_location"}, {"cited_text", "a"}, {"document_title", "t"}}),
              ElementsAre("a", "t"));
  EXPECT_THAT(cited({{"type", "url_citation"}, {"title", "t"}}), IsEmpty());
}

TEST(Sources, MarkedPassagesAre) {
  EXPECT_THAT(of_chat({{{"role", "user"}, {"content", "Context: a\nQuestion: b"}}}),
              ElementsAre(" a\n"));
  EXPECT_THAT(of_chat({{{"role", "assistant"}, {"content", "Context: a"}}}), IsEmpty());
}

// Texts that stand in a document are not copied, and can be.
TEST(Sources, AreViewsUntilTheyAreKept) {
  Json messages = Json::array({{{"role", "tool"}, {"tool_call_id", "c"}, {"content", "plain"}},
                               {{"role", "tool"}, {"tool_call_id", "d"}, {"content", "a\"b"}}});
  auto request = std::make_unique<protocol::Document>(
      request_of("openai_chat", {{"messages", std::move(messages)}}));
  Sources sources(*request, policies::SourceMarks());
  ASSERT_THAT(sources.views(), ElementsAre("plain", "a\"b"));
  EXPECT_TRUE(stands_in(*request, sources.views()[0]));
  EXPECT_FALSE(stands_in(*request, sources.views()[1]));
  Sources others;
  others.add_from(sources);
  EXPECT_EQ(others.views()[0].data(), sources.views()[0].data());
  others.keep();
  sources = Sources();
  request.reset();
  EXPECT_THAT(others.views(), ElementsAre("plain", "a\"b"));
}

TEST(Sources, AreBounded) {
  Sources sources;
  sources.add("a");
  sources.add(std::string(sources_bytes_max, 'b'));
  sources.add("c");
  EXPECT_THAT(sources.views(), ElementsAre("a"));
}

}  // namespace
}  // namespace menshen::pipeline
