// Laws 3 to 5 on streams: every cut of every API's stream releases the same, clean streams byte for
// byte.
#include "proxy/pipeline/stream_guard.h"

#include "proxy/pipeline/stream_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace menshen::pipeline {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view leaky =
    "联系 zhang.san@corp.example 或 13800138000，证件11010519491231002X。 Card 4111 1111 1111 1111 "
    "ok.";

TEST(StreamGuard, TextCutAnywhereIntoEventsIsRedactedAlike) {
  const std::string whole = released_text(guard_stream(
      "openai_chat", chat_stream({{0, Field::content, std::string(leaky)}}), {}, redacting()));
  EXPECT_EQ(whole, "联系 [EMAIL] 或 [CN_MOBILE]，证件[CN_RESIDENT_ID]。 Card [BANK_CARD] ok.");
  for (const std::string_view api : streaming_apis) {
    for (const std::size_t cut : character_starts(leaky)) {
      const auto guarded =
          guard_stream(api,
                       stream_of(api, {{0, Field::content, std::string(leaky.substr(0, cut))},
                                       {0, Field::content, std::string(leaky.substr(cut))}}),
                       {}, redacting());
      ASSERT_EQ(guarded.error, "");
      ASSERT_EQ(released_text(guarded), whole) << api << " cut at " << cut;
    }
    std::vector<Delta> characters;
    std::size_t from = 0;
    for (const std::size_t cut : character_starts(leaky)) {
      characters.push_back({0, Field::content, std::string(leaky.substr(from, cut - from))});
      from = cut;
    }
    characters.push_back({0, Field::content, std::string(leaky.substr(from))});
    EXPECT_EQ(released_text(guard_stream(api, stream_of(api, characters), {}, redacting())), whole);
  }
}

// What a mask keeps does not depend on how a stream cuts the value; of a key, whose end nobody
// knows when it begins to leave, it keeps nothing.
TEST(StreamGuard, AMaskKeepsTheSameEndsAtEveryCut) {
  static const auto set = policy_from(R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
access: [{id: everyone, effect: allow, who: {groups: [staff]}}]
content:
  - {id: p, find: {categories: [pii]}, then: {action: redact, as: {mask: {head: 3, tail: 4}}}}
  - {id: s, find: {categories: [secret]}, then: {action: redact, as: mask}}
)");
  const std::string text = "手机１３８-0013-8000, id 11010519491231002X, zhang.san@corp.example; " +
                           std::string("ghp_") + "16C7e42F292c6912E7710c838347Ae178B4a end";
  const std::string expected =
      "手机１３８-****-8000, id 110***********002X, zha**.***@****.***mple; " +
      std::string("***_") + std::string(36, '*') + " end";
  for (const std::string_view api : streaming_apis) {
    for (const std::size_t cut : character_starts(text)) {
      const auto guarded = guard_stream(api,
                                        stream_of(api, {{0, Field::content, text.substr(0, cut)},
                                                        {0, Field::content, text.substr(cut)}}),
                                        {}, *set);
      ASSERT_EQ(guarded.error, "");
      ASSERT_EQ(released_text(guarded), expected) << api << " cut at " << cut;
    }
  }
}

TEST(StreamGuard, BytesCutAnywhereAreReleasedAlike) {
  const std::vector<Delta> deltas{{0, Field::content, "写信给 zhang.san@co"},
                                  {0, Field::content, "rp.example 谢谢 "},
                                  {0, Field::content, "now\n"}};
  for (const std::string_view api : streaming_apis) {
    const std::string stream = stream_of(api, deltas);
    const Guarded whole = guard_stream(api, stream, {}, redacting());
    EXPECT_THAT(whole.released, Not(HasSubstr("zhang.san")));
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      ASSERT_EQ(guard_stream(api, stream, {cut}, redacting()).released, whole.released) << cut;
    }
    EXPECT_EQ(guard_stream(api, stream, every_byte(stream.size()), redacting()).released,
              whole.released);
  }
}

TEST(StreamGuard, CleanStreamsPassByteForByte) {
  const std::vector<Delta> clean{{0, Field::content, "Hello "},
                                 {0, Field::content, "wor"},
                                 {0, Field::content, "ld, 你好，"},
                                 {0, Field::content, "3.14 and 2026"},
                                 {0, Field::content, " done."}};
  for (const std::string_view api : streaming_apis) {
    const std::string stream = stream_of(api, clean);
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      ASSERT_EQ(guard_stream(api, stream, {cut}, redacting()).released, stream);
    }
  }
}

TEST(StreamGuard, ToolArgumentsStayJsonWhateverIsRedacted) {
  const std::string arguments = R"({"to":"zhang.san\u0040corp.example","phone":13800138000,)"
                                R"("note":"a\n\"b\" 身份证11010519491231002X"})";
  for (const std::string_view api : {"openai_chat", "openai_responses", "anthropic_messages"}) {
    for (std::size_t cut : character_starts(arguments)) {
      const auto guarded =
          guard_stream(api,
                       stream_of(api, {{0, Field::arguments, arguments.substr(0, cut)},
                                       {0, Field::arguments, arguments.substr(cut)}}),
                       {}, redacting());
      ASSERT_EQ(guarded.error, "") << cut;
      const Json parsed = Json::parse(released_text(guarded, Field::arguments), nullptr, false);
      ASSERT_FALSE(parsed.is_discarded()) << cut << " " << released_text(guarded, Field::arguments);
      ASSERT_EQ(parsed["to"], "[EMAIL]") << cut;
      ASSERT_EQ(parsed["phone"], "[CN_MOBILE]") << cut;
      ASSERT_EQ(parsed["note"], "a\n\"b\" 身份证[CN_RESIDENT_ID]") << cut;
    }
  }
}

// The input of a tool may come whole.
TEST(StreamGuard, TheKeyOfAToolsInputSpeaksForItsValue) {
  std::string stream = stream_of("anthropic_messages", {{0, Field::arguments, "{}"}});
  const std::string_view empty = R"("input":{})";
  const std::size_t at = stream.find(empty);
  ASSERT_NE(at, std::string::npos);
  stream.replace(at, empty.size(), R"("input":{"ssn":"123456789","phone":["8765 4321"]})");
  const auto guarded = guard_stream("anthropic_messages", stream, {}, redacting());
  ASSERT_EQ(guarded.error, "");
  EXPECT_NE(guarded.released.find(R"("input":{"ssn":"[US_SSN]","phone":["[PHONE]"]})"),
            std::string::npos)
      << guarded.released;
}

TEST(StreamGuard, InterleavedChoicesAndReasoningAreTextsOfTheirOwn) {
  std::vector<Delta> deltas;
  const std::string a = "mail zhang.san@corp.example please ";
  const std::string b = "call 13800138000 today ";
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i < a.size()) deltas.push_back({0, Field::content, a.substr(i, 1)});
    if (i < b.size()) deltas.push_back({1, Field::content, b.substr(i, 1)});
    if (i < a.size()) deltas.push_back({0, Field::reasoning, a.substr(i, 1)});
  }
  const auto guarded = guard_stream("openai_chat", chat_stream(deltas), {}, redacting());
  EXPECT_EQ(released_text(guarded), "mail [EMAIL] please ");
  EXPECT_EQ(released_text(guarded, Field::reasoning), "mail [EMAIL] please ");
  EXPECT_EQ(released_text(guarded, Field::content, 1), "call [CN_MOBILE] today ");
}

TEST(StreamGuard, BlocksOfOneSpeakerAreOneText) {
  const std::string value = "zhang.san@corp.example";
  for (const Field field : {Field::content, Field::reasoning}) {
    for (std::size_t at = 1; at < value.size(); ++at) {
      const std::string stream = messages_stream(
          {{0, field, "mail " + value.substr(0, at)}, {1, field, value.substr(at) + " today"}});
      const Guarded whole = guard_stream("anthropic_messages", stream, {}, redacting());
      ASSERT_EQ(whole.error, "");
      ASSERT_EQ(released_text(whole, field, 0), "mail [EMAIL]") << at;
      ASSERT_EQ(released_text(whole, field, 1), " today") << at;
      EXPECT_EQ(guard_stream("anthropic_messages", stream, every_byte(stream.size()), redacting())
                    .released,
                whole.released);
    }
  }
}

TEST(StreamGuard, BlocksOfAnotherKindPartTexts) {
  const std::string stream = messages_stream({{0, Field::content, "mail zhang.san@co"},
                                              {1, Field::arguments, "{}"},
                                              {2, Field::content, "rp.example today"}});
  EXPECT_EQ(guard_stream("anthropic_messages", stream, {}, redacting()).released, stream);
}

TEST(StreamGuard, AnUnfinishedWordOfOneTextDoesNotStallAnother) {
  std::vector<Delta> deltas{{0, Field::reasoning, "thinking.done"}};
  for (int i = 0; i < 100; ++i) deltas.push_back({0, Field::content, "word "});
  std::string stream = chat_stream(deltas);
  const std::size_t before_finish = stream.find(R"("finish_reason":"stop")") - 200;
  stream.resize(stream.rfind("\n\n", before_finish) + 2);
  const auto guarded = guard_stream("openai_chat", stream, {}, redacting());
  EXPECT_EQ(guarded.error, "stream_truncated");
  EXPECT_GT(released_text(guarded).size(), 5U * (100 - core::Limits{}.held_events_max - 2));
}

TEST(StreamGuard, ARefusalReleasesWhatStoodBeforeTheValueAndNothingOfIt) {
  const std::string text = "Sure, here you go: zhang.san@corp.example and more text";
  for (const std::string_view api : streaming_apis) {
    for (const std::size_t cut : character_starts(text)) {
      const auto guarded = guard_stream(api,
                                        stream_of(api, {{0, Field::content, text.substr(0, cut)},
                                                        {0, Field::content, text.substr(cut)}}),
                                        {}, refusing());
      ASSERT_EQ(guarded.error, "content_refused");
      ASSERT_THAT(guarded.released, Not(HasSubstr("zhang")));
      ASSERT_THAT(guarded.released, Not(HasSubstr("more text")));
      ASSERT_EQ(released_text(guarded), "Sure, here you go: ") << cut;
    }
  }
}

TEST(StreamGuard, AKeyBlockNeverLeaksHoweverLongAndHoweverCut) {
  std::string key = "-----BEGIN RSA PRIVATE KEY-----\n";
  std::mt19937 random(7);
  for (int line = 0; line < 500; ++line) {
    for (int i = 0; i < 64; ++i)
      key += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[random() % 64];
    key += "\n";
  }
  key += "-----END RSA PRIVATE KEY-----";
  const std::string text = "The key is\n" + key + "\nkeep it.";
  std::vector<Delta> deltas;
  for (std::size_t i = 0; i < text.size(); i += 5)
    deltas.push_back({0, Field::content, text.substr(i, 5)});
  const auto guarded = guard_stream("openai_chat", chat_stream(deltas), {}, redacting());
  EXPECT_EQ(guarded.error, "");
  EXPECT_EQ(released_text(guarded), "The key is\n[PRIVATE_KEY]\nkeep it.");
}

TEST(StreamGuard, ANameInPiecesIsRedactedAndAWholeOneWaitsForOneEvent) {
  const auto call = [](const Json& function) {
    return sse(
        {{"choices",
          Json::array(
              {{{"index", 0},
                {"delta",
                 {{"tool_calls", Json::array({{{"index", 0}, {"function", function}}})}}}}})}});
  };
  const std::string pieces = call({{"name", "mail zhang.san@co"}}) + call({{"name", "rp.example"}});
  const auto guarded = guard_stream("openai_chat", pieces + "data: [DONE]\n\n", {}, redacting());
  EXPECT_EQ(guarded.error, "");
  EXPECT_THAT(guarded.released, HasSubstr("mail [EMAIL]"));
  EXPECT_THAT(guarded.released, Not(HasSubstr("rp.example")));
  const std::string name = call({{"name", "get_weather"}, {"arguments", ""}});
  const auto begun =
      guard_stream("openai_chat", name + call({{"arguments", "{\"a\": "}}), {}, redacting());
  EXPECT_TRUE(begun.released.starts_with(name));
}

TEST(StreamGuard, TextBesideTheDataDoesNotLeak) {
  const std::string hidden =
      ": zhang.san@corp.example\nid: 13800138000\nx: zhang.san@corp.example\n";
  for (const std::string_view api : streaming_apis) {
    const std::string clean = stream_of(api, {{0, Field::content, "Hello there "}});
    const std::string stream = hidden + clean + ": zhang.san@corp.example\n\n";
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      const auto guarded = guard_stream(api, stream, {cut}, redacting());
      ASSERT_EQ(guarded.error, "");
      ASSERT_TRUE(guarded.released == clean || guarded.released == clean + "\n")
          << guarded.released;
    }
    const auto refused = guard_stream(api, stream, {}, refusing());
    EXPECT_EQ(refused.error, "content_refused");
    EXPECT_EQ(refused.released, "");
    const std::string harmless = ": OPENROUTER PROCESSING\n\nid: 17\n" + clean;
    EXPECT_EQ(guard_stream(api, harmless, {}, redacting()).released, harmless);
  }
}

TEST(StreamGuard, ARepeatedFieldIsRedactedEachTime) {
  const auto event = [](std::string_view text) {
    return R"(data: {"id":"zhang.san@corp.example","object":"chat.completion.chunk",)"
           R"("choices":[{"index":0,"delta":{"content":")" +
           std::string(text) + "\"}}]}\n\n";
  };
  const auto guarded = guard_stream(
      "openai_chat", event("a ") + event("b ") + event("c ") + "data: [DONE]\n\n", {}, redacting());
  EXPECT_EQ(guarded.error, "");
  EXPECT_THAT(guarded.released, Not(HasSubstr("zhang")));
  EXPECT_EQ(released_text(guarded), "a b c ");
}

TEST(StreamGuard, LogprobsBesideARedactedTextBecomeNull) {
  const std::string stream =
      R"(data: {"choices":[{"index":0,"text":"mail zhang.san@corp.example ok ",)"
      R"("logprobs":{"tokens":["mail","bytes:\\x7a"],"token_logprobs":[-1,-2],)"
      R"("top_logprobs":null,"text_offset":[0,4]}}]})"
      "\n\ndata: [DONE]\n\n";
  const auto guarded = guard_stream("openai_completions", stream, {}, redacting());
  EXPECT_EQ(guarded.error, "");
  EXPECT_THAT(guarded.released, HasSubstr(R"("text":"mail [EMAIL] ok ","logprobs":null)"));
}

// Tokens of the whole conversation come in the last event, long after the text.
TEST(StreamGuard, TheStateBesideARedactedTextBecomesNull) {
  const auto released = [](const std::string& text) {
    const std::string stream = R"({"response":")" + text + R"(","done":false})" +
                               "\n{\"response\":\"\",\"context\":[1,2],\"done\":true}\n";
    return guard_stream("ollama_generate", stream, {}, redacting()).released;
  };
  EXPECT_THAT(released("mail zhang.san@corp.example ok "),
              ::testing::AllOf(HasSubstr("[EMAIL]"), HasSubstr(R"("context":null)")));
  EXPECT_THAT(released("mail me "), HasSubstr(R"("context":[1,2])"));
}

TEST(StreamGuard, GoldenStreamsOfTheProtocolsPassAtEveryCut) {
  const std::filesystem::path folder = std::string(MENSHEN_SOURCE_DIR) + "/proxy/protocol";
  const auto allowing = policy_from(R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny, opaque_content: allow}
access:
  - {id: everyone, effect: allow, who: {groups: [staff]}}
content:
  - {id: all, find: {categories: [pii, secret]}, then: {action: annotate}}
)");
  int seen = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension != ".sse" && extension != ".ndjson") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string stream((std::istreambuf_iterator<char>(file)), {});
    const std::string name = entry.path().filename().string();
    // API/testdata/streams/ENDPOINT...
    const std::string api = entry.path().lexically_relative(folder).begin()->string() + "_" +
                            name.substr(0, name.find_first_of("_."));
    const Guarded whole = guard_stream(api, stream, {}, *allowing);
    if (!whole.error.empty()) continue;  // goldens of provider errors
    ++seen;
    EXPECT_EQ(whole.released, stream) << name;
    std::mt19937 random(11);
    for (int i = 0; i < 100; ++i) {
      std::size_t a = random() % stream.size();
      std::size_t b = random() % stream.size();
      if (a > b) std::swap(a, b);
      ASSERT_EQ(guard_stream(api, stream, {a, b}, *allowing).released, whole.released) << name;
    }
    EXPECT_EQ(guard_stream(api, stream, every_byte(stream.size()), *allowing).released,
              whole.released)
        << name;
  }
  EXPECT_GE(seen, 4);
}

}  // namespace
}  // namespace menshen::pipeline
