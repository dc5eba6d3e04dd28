// Pieces of one text under unusual shapes, joined as SDKs join them; and the numbers that say which
// text a piece belongs to.
#include "proxy/protocol/stream.h"
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace menshen::protocol {
namespace {

struct Joined {
  std::map<std::uint32_t, std::string> texts;  // by channel
  std::vector<std::string> alone;
  std::uint32_t opaque = 0;
  std::string error;

  [[nodiscard]] bool has(std::string_view text) const {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const auto& entry) { return entry.second == text; });
  }
};

Joined join(Api api, const std::vector<std::string>& events) {
  StreamReader reader(testing::endpoint_of(api), {});
  for (const std::string& event : events) reader.feed("data: " + event + "\n\n");
  Joined joined;
  std::string scratch;
  while (true) {
    auto event = reader.next();
    if (!event) joined.error = event.error().code;
    if (!event || !event->has_value()) return joined;
    if (!(*event)->document) continue;
    for (const Leaf& leaf : (*event)->document->leaves()) {
      const std::string text((*event)->document->text(leaf, scratch));
      if (leaf.kind == LeafKind::opaque)
        ++joined.opaque;
      else if (leaf.channel != no_channel)
        joined.texts[leaf.channel] += text;
      else
        joined.alone.push_back(text);
    }
  }
}

// `form` with its @ replaced by two pieces of one text, in two events.
std::vector<std::string> in_two(const std::string& form) {
  std::vector<std::string> events;
  for (const char* piece : {"mail alice@ex", "ample.com now"}) {
    std::string event = form;
    event.replace(event.find('@'), 1, piece);
    events.push_back(std::move(event));
  }
  return events;
}

TEST(StreamShapes, PiecesOfOneTextAreJoinedWhereverTheyStand) {
  const std::map<Api, std::vector<std::string>> forms{
      {Api::openai_chat,
       {R"({"choices":[{"message":{"role":"assistant","content":"@"}}]})",
        R"({"choices":[{"index":0,"message":{"content":[{"type":"text","text":"@"}]}}]})",
        R"({"choices":[{"message":{"tool_calls":[{"function":{"arguments":"@"}}]}}]})",
        R"({"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"text":"@"}]}]}}]})",
        R"({"choices":[{"delta":{"content":{"content":"@"}}}]})",
        R"({"choices":[{"delta":{"content":{"parts":["@"]}}}]})", R"({"choices":[{"delta":"@"}]})",
        R"({"choices":[{"text":["@"]}]})", R"({"choices":[{"content":"@"}]})",
        R"({"choices":[{"delta":{"tool_calls":[{"function":{"name":"@"}}]}}]})",
        R"({"choices":[{"delta":{"tool_calls":[{"index":3,"id":"@"}]}}]})",
        R"({"choices":[{"delta":{"function_call":{"name":"@"}}}]})",
        R"({"choices":[{"delta":{"name":"@"}}]})", R"({"choices":[{"delta":{"role":"@"}}]})",
        R"({"choices":[{"delta":{"x":{"y":[{"signature":"@"}]}}}]})",
        R"({"message":{"role":"assistant","content":"@"},"done":false})",
        R"({"content":"@","stop":false})", R"({"delta":{"text":"@"}})"}},
      {Api::openai_completions, {R"({"choices":[{"text":"@"}]})"}},
      {Api::openai_responses,
       {R"({"type":"response.new_thing.delta","output_index":1,"text":"@"})",
        R"({"type":"response.new_thing.delta","content":[{"x":"@"}]})",
        R"({"type":"response.output_text.delta","text":"@"})",
        R"({"type":"response.output_text.delta","delta":{"text":"@"}})", R"({"delta":"@"})"}},
      {Api::anthropic_messages,
       {R"({"type":"content_block_delta","index":0,"delta":{"type":"new_delta","content":"@"}})",
        R"({"type":"content_block_delta","index":0,"delta":{"content":[{"text":"@"}]}})",
        R"({"type":"content_block_delta","index":0,"delta":{"name":"@"}})",
        R"({"type":"content_block_delta","index":0,"delta":"@"})",
        R"({"type":"message_delta","delta":{"text":"@"}})"}}};
  for (const auto& [api, list] : forms) {
    for (const std::string& form : list) {
      const Joined joined = join(api, in_two(form));
      EXPECT_EQ(joined.error, "") << form;
      EXPECT_TRUE(joined.has("mail alice@example.com now")) << form;
    }
  }
}

TEST(StreamShapes, ATextGoesOnFromWhereItBegan) {
  const std::map<Api, std::vector<std::vector<std::string>>> streams{
      {Api::openai_responses,
       {{R"({"type":"response.created","response":{"output":[{"type":"message",)"
         R"("content":[{"type":"output_text","text":"a"}]}]}})",
         R"({"type":"response.output_text.delta","output_index":0,"delta":"b"})"}}},
      {Api::anthropic_messages,
       {{R"({"type":"message_start","message":{"content":[{"type":"text","text":"a"}]}})",
         R"({"type":"content_block_delta","index":0,"delta":{"text":"b"}})"},
        {R"({"type":"content_block_start","index":1,"content_block":{"type":"x","content":"a"}})",
         R"({"type":"content_block_delta","index":1,"delta":{"content":"b"}})"},
        {R"({"type":"content_block_start","index":1,"content_block":{"type":"x","foo":"a"}})",
         R"({"type":"content_block_delta","index":1,"delta":{"foo":"b"}})"}}}};
  for (const auto& [api, list] : streams) {
    for (const auto& events : list) EXPECT_TRUE(join(api, events).has("ab")) << events[0];
  }
}

TEST(StreamShapes, AMessageThatGrowsIsReadWholeEachTime) {
  const Joined joined =
      join(Api::openai_chat, {R"({"choices":[{"message":{"content":"138"}}]})",
                              R"({"choices":[{"message":{"content":"13800138000"}}]})"});
  EXPECT_TRUE(joined.has("13813800138000"));
  EXPECT_EQ(joined.alone, (std::vector<std::string>{"138", "13800138000"}));
}

TEST(StreamShapes, ANameEndsWithTheNextEventOfItsChoice) {
  const auto call = [](const std::string& fields) {
    return R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,)" + fields + "}]}}]}";
  };
  const std::string first = call(R"("id":"call_1","function":{"name":"f","arguments":""})");
  const std::string arguments = call(R"("function":{"arguments":"{}"})");
  const std::string late = call(R"("function":{"name":"g"})");
  const std::string next = call(R"("id":"call_2","function":{"name":"g","arguments":"{}"})");
  EXPECT_EQ(join(Api::openai_chat, {first, arguments}).error, "");
  EXPECT_EQ(join(Api::openai_chat, {first, arguments, late}).error, "text_after_end");
  // Providers that give every call the same index give each an id.
  const Joined calls = join(Api::openai_chat, {first, arguments, next});
  EXPECT_EQ(calls.error, "");
  EXPECT_TRUE(calls.has("call_1") && calls.has("call_2"));
  EXPECT_TRUE(calls.has("{}{}"));
}

TEST(StreamShapes, EncodedDataInADeltaIsOpaque) {
  for (const std::string url : {"data:image/png;base64,AA", "DATA:,x", "dAtA:,x"}) {
    const std::string images =
        R"({"choices":[{"delta":{"images":[{"image_url":{"url":")" + url + "\"}}]}}]}";
    EXPECT_EQ(join(Api::openai_chat, {images}).opaque, 1U) << url;
  }
}

// The spellings of the index 0; the index 1 is another text.
TEST(StreamIndices, AreReadByTheirValue) {
  struct Form {
    Api api;
    std::string text;  // with # for the index
  };
  const std::vector<Form> forms{
      {Api::openai_chat, R"({"choices":[{"index":#,"delta":{"content":"a"}}]})"},
      {Api::openai_chat,
       R"({"choices":[{"delta":{"tool_calls":[{"index":#,"function":{"arguments":"a"}}]}}]})"},
      {Api::openai_chat, R"({"choices":[{"delta":{"x":[{"index":#,"text":"a"}]}}]})"},
      {Api::openai_completions, R"({"choices":[{"index":#,"text":"a"}]})"},
      {Api::openai_responses,
       R"({"type":"response.output_text.delta","output_index":#,"delta":"a"})"},
      {Api::openai_responses,
       R"({"type":"response.output_text.delta","content_index":#,"delta":"a"})"},
      {Api::openai_responses,
       R"({"type":"response.reasoning_summary_text.delta","summary_index":#,"delta":"a"})"},
      {Api::anthropic_messages,
       R"({"type":"content_block_delta","index":#,"delta":{"text":"a"}})"}};
  for (const Form& form : forms) {
    const auto at = [&](const std::string& index) {
      std::string event = form.text;
      return event.replace(event.find('#'), 1, index);
    };
    for (const std::string zero : {"0.0", "-0", "0e0", "0E+5", "-0.0", "0.00e-3", "null"}) {
      EXPECT_TRUE(join(form.api, {at("0"), at(zero)}).has("aa")) << at(zero);
    }
    for (const std::string one : {"1.0", "1e0", "10e-1", "0.1e1"}) {
      const Joined joined = join(form.api, {at("0"), at("1"), at(one)});
      EXPECT_TRUE(joined.has("a") && joined.has("aa")) << at(one);
    }
    for (const std::string none :
         {"-1", "0.5", "1e-3", "1e300", "1073741824", "\"0\"", "true", "[0]", "{}"}) {
      EXPECT_EQ(join(form.api, {at("0"), at(none)}).error, "bad_stream_index") << at(none);
    }
  }
}

TEST(StreamIndices, WhatIsNotNumberedGoesByItsPlace) {
  const std::string event = R"({"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]})";
  const Joined joined = join(Api::openai_chat, {event, event});
  EXPECT_TRUE(joined.has("aa") && joined.has("bb"));
}

}  // namespace
}  // namespace menshen::protocol
