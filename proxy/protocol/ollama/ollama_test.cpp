// Ollama's API: what streams unless it is told not to, line by line; its clock; its voice.
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace menshen::protocol {
namespace {

using nlohmann::json;

const Endpoint& chat() { return testing::endpoint_of("ollama_chat"); }
const Endpoint& generate() { return testing::endpoint_of("ollama_generate"); }

TEST(Ollama, StreamsUnlessItIsToldNotTo) {
  const auto streams = [](const std::string& fields) {
    const auto document =
        Document::parse_request(R"({"model":"m","messages":[])" + fields + "}", chat(), {});
    return document ? std::string(document->stream() ? "yes" : "no") : document.error().code;
  };
  EXPECT_EQ(streams(""), "yes");
  EXPECT_EQ(streams(R"(,"stream":null)"), "yes");
  EXPECT_EQ(streams(R"(,"stream":true)"), "yes");
  EXPECT_EQ(streams(R"(,"stream":false)"), "no");
  EXPECT_EQ(streams(R"(,"stream":"no")"), "stream_not_boolean");
}

std::string leaves(const std::string& answer) {
  const auto document = Document::parse_response(answer, chat(), 200, {});
  return document ? testing::describe(*document) : document.error().code;
}

TEST(Ollama, TheProvidersClockIsNobodysNumber) {
  EXPECT_EQ(leaves(R"({"created_at":"2025-07-29T11:05:02.123456789Z","done":true,)"
                   R"("total_duration":13812345678,"eval_count":13812345678})"),
            "");
  EXPECT_EQ(leaves(R"({"created_at":"2025-07-29T11:05:02-08:00"})"), "");
  for (const std::string other : {"\"2025-07-29T11:05:02\"", "\"2025-07-29T11:05:02.1381234567Z\"",
                                  "\"13812345678\"", "\"2025-07-29T11:05:02Z 13812345678\""}) {
    EXPECT_NE(leaves(R"({"created_at":)" + other + "}"), "") << other;
  }
  EXPECT_NE(leaves(R"({"total_duration":"13812345678"})"), "");
  EXPECT_NE(leaves(R"({"message":{"total_duration":13812345678}})"), "");
}

testing::StreamRun run(std::string_view stream) {
  return testing::run_stream("ollama_chat", {stream});
}

TEST(Ollama, AStreamEndsWithItsLastLineAlone) {
  const std::string begin = R"({"message":{"content":"a"},"done":false})"
                            "\n";
  const std::string end = R"({"message":{"content":""},"done":true})";
  EXPECT_EQ(run(begin).error, "");
  EXPECT_FALSE(run(begin).complete);
  EXPECT_TRUE(run(begin + end + "\n").complete);
  // The line end that is missing is added.
  EXPECT_EQ(run(begin + end).raw, begin + end + "\n");
  EXPECT_TRUE(run(begin + end).complete);
  // What is cut off is no line, and nothing is said behind the end.
  EXPECT_EQ(run(begin + R"({"message":{"content":"b"})").error, "stream_truncated");
  EXPECT_EQ(run(begin + R"({"message":{"content":"b"}})").error, "stream_truncated");
  EXPECT_EQ(run(end + "\n" + begin).raw, end + "\n");
  for (const std::string odd : {R"("true")", "1", "null", "[]"}) {
    EXPECT_FALSE(run(R"({"done":)" + odd + "}\n").complete) << odd;
  }
}

TEST(Ollama, WhatIsNoDocumentIsNoLine) {
  for (const char* line : {"null", "[]", "true", "[DONE]", "data: {}", ": ping", "\"\""}) {
    EXPECT_EQ(run(std::string(line) + "\n").error, "bad_stream_event") << line;
  }
  EXPECT_EQ(run("\n  \n\r\n").error, "");
}

TEST(Ollama, AnErrorInAStreamEndsIt) {
  const auto broken = run(R"({"error":"out of memory"})"
                          "\n"
                          R"({"done":true})"
                          "\n");
  ASSERT_EQ(broken.events.size(), 1U);
  EXPECT_NE(broken.events[0].find("error"), std::string::npos);
}

// Tokens of a conversation tell what was said in it.
TEST(Ollama, TheStateBecomesNullBesideARedaction) {
  const std::string body = R"({"response":"13812345678","context":[1,2,3],"done":true})";
  const auto document = Document::parse_response(body, generate(), 200, {});
  ASSERT_TRUE(document);
  Edits edits;
  document->null_state(edits);
  EXPECT_EQ(document->apply(edits), R"({"response":"13812345678","context":null,"done":true})");
  const auto none =
      Document::parse_response(R"({"response":"x","context":"y"})", generate(), 200, {});
  Edits nothing;
  none->null_state(nothing);
  EXPECT_TRUE(nothing.empty());
}

const core::Error refused =
    core::client_error(core::ErrorKind::forbidden, "content_denied", "No.", "/messages/0");

TEST(Ollama, ErrorsAreAString) {
  const Adapter& adapter = chat().adapter();
  const json expected = json::parse(
      R"({"error":"No.","code":"content_denied","param":"/messages/0","exchange":"e"})");
  EXPECT_EQ(json::parse(adapter.error_body(refused, "e")), expected);
  const std::string event = adapter.error_event(chat(), refused, "e");
  EXPECT_EQ(json::parse(event), expected);
  EXPECT_TRUE(run(event).complete);
  EXPECT_EQ(json::parse(adapter.provider_error_body(503, refused, "e"))["error"], "No.");
  for (const std::string body : {R"({"error":"busy"})", R"({"error":{"message":"busy"}})", "no"}) {
    const std::string late = adapter.provider_error_event(chat(), 503, body, {"7", ""}, "e");
    const json document = json::parse(late);
    EXPECT_EQ(document["error"], body == "no" ? "The provider answered 503." : "busy");
    EXPECT_EQ(document["status"], 503);
    EXPECT_EQ(document["retry_after"], "7");
    EXPECT_TRUE(run(late).complete);
  }
}

TEST(Ollama, APingIsABlankBeforeALine) {
  const std::string line = R"({"message":{"content":"a"},"done":true})"
                           "\n";
  const auto pinged = run(std::string(chat().adapter().ping()) + line);
  EXPECT_EQ(pinged.error, "");
  EXPECT_EQ(pinged.events, run(line).events);
}

TEST(Ollama, ScoresAreALineThatSaysNothing) {
  static constexpr core::ScoreKind bias{.name = "bias"};
  core::Scores scores;
  scores.set(bias, 0.5F);
  const json in_chat = json::parse(chat().adapter().scores_event(chat(), {"allow", "", scores}));
  EXPECT_EQ(in_chat["message"]["content"], "");
  EXPECT_EQ(in_chat["done"], false);
  EXPECT_EQ(in_chat["menshen"], json::parse(R"({"decision":"allow","scores":{"bias":0.5}})"));
  const json in_generate = json::parse(chat().adapter().scores_event(
      generate(), {"annotate", "tone;in=response;bias=0.50", scores}));
  EXPECT_EQ(in_generate["response"], "");
  EXPECT_EQ(in_generate["menshen"]["annotations"], "tone;in=response;bias=0.50");
}

TEST(Ollama, AnEditedLineStaysOneLine) {
  StreamReader reader(chat(), {});
  reader.feed(" {\"message\":{\"content\":\"my number\"}}\r\n");
  auto event = reader.next();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->data_begin, 0U);
  for (const Leaf& leaf : (*event)->document->leaves()) {
    Edits edits;
    edits.replace(leaf, 0, 2, "[X]\n");
    EXPECT_EQ(rewrite_event(**event, edits),
              " {\"message\":{\"content\":\"[X]\\u000a number\"}}\r\n");
  }
}

}  // namespace
}  // namespace menshen::protocol
