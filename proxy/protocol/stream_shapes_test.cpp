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

Joined join(std::string_view api, const std::vector<std::string>& events) {
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

const std::map<std::string_view, std::vector<std::string>>& chunks_in_pieces() {
  static const std::map<std::string_view, std::vector<std::string>> forms{
      {"openai_chat",
       {R"({"choices":[{"message":{"role":"assistant","content":"@"}}]})",
        R"({"choices":[{"index":0,"message":{"content":[{"type":"text","text":"@"}]}}]})",
        R"({"choices":[{"message":{"tool_calls":[{"function":{"arguments":"@"}}]}}]})",
        R"({"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"text":"@"}]}]}}]})",
        R"({"choices":[{"delta":{"content":{"content":"@"}}}]})",
        R"({"choices":[{"delta":{"content":{"parts":["@"]}}}]})",
        R"({"choices":[{"delta":"@"}]})",
        R"({"choices":[{"text":["@"]}]})",
        R"({"choices":[{"content":"@"}]})",
        R"({"choices":[{"delta":{"tool_calls":[{"function":{"name":"@"}}]}}]})",
        R"({"choices":[{"delta":{"tool_calls":[{"index":3,"id":"@"}]}}]})",
        R"({"choices":[{"delta":{"function_call":{"name":"@"}}}]})",
        R"({"choices":[{"delta":{"name":"@"}}]})",
        R"({"choices":[{"delta":{"role":"@"}}]})",
        R"({"choices":[{"delta":{"x":{"y":[{"signature":"@"}]}}}]})",
        R"({"message":{"role":"assistant","content":"@"},"done":false})",
        R"({"content":"@","stop":false})",
        R"({"delta":{"text":"@"}})",
        R"({"choices":[{"delta":{},"reasoning":"@"}]})",
        R"({"choices":[{"delta":{},"reasoning_content":"@"}]})",
        R"({"choices":[{"x":{"y":["@"]}}]})",
        R"({"choices":["@"]})",
        R"({"choices":{"delta":{"content":"@"}}})",
        R"({"choices":"@"})",
        R"({"choices":[{"delta":{"tool_calls":{"function":{"arguments":"@"}}}}]})",
        R"({"choices":[{"delta":{"tool_calls":["@"]}}]})",
        R"({"choices":[{"delta":{"tool_calls":[{"function":"@"}]}}]})",
        R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{"a":["@"]}}}]}}]})",
        R"({"choices":[{"delta":{"content":[{"text":{"value":"@"}}]}}]})",
        R"({"choices":[{"delta":{"citations":["@"]}}]})",
        R"({"choices":[{"delta":{"audio":{"x":"@"}}}]})",
        R"({"choices":[{"logprobs":[{"a":"@"}]}]})",
        R"({"choices":[{"logprobs":{"x":"@"}}]})",
        R"({"choices":[{"logprobs":"@"}]})",
        R"({"text":"@"})",
        R"({"response":"@"})",
        R"({"token":{"text":"@"}})",
        R"({"output":{"choices":[{"message":{"content":"@"}}]}})",
        R"({"x":{"y":"@"}})",
        R"({"x":[{"z":[["@"]]}]})"}},
      {"openai_completions",
       {R"({"choices":[{"text":"@"}]})", R"({"choices":[{"text":"","reasoning":"@"}]})",
        R"({"choices":[{"text":"","reasoning_content":"@"}]})",
        R"({"choices":[{"text":"","thinking":"@"}]})", R"({"completion":"@"})",
        R"({"generated_text":"@"})"}}};
  return forms;
}

const std::map<std::string_view, std::vector<std::string>>& events_in_pieces() {
  static const std::map<std::string_view, std::vector<std::string>> forms{
      {"openai_responses",
       {R"({"type":"response.new_thing.delta","output_index":1,"text":"@"})",
        R"({"type":"response.new_thing.delta","content":[{"x":"@"}]})",
        R"({"type":"response.output_text.delta","text":"@"})",
        R"({"type":"response.output_text.delta","delta":{"text":"@"}})", R"({"delta":"@"})",
        R"({"type":"response.output_text.delta","part":{"text":"@"}})",
        R"({"type":"response.output_text.delta","summary":"@"})",
        R"({"type":"response.output_text.delta","diff":"@"})",
        R"({"type":"response.output_text.delta","x":"@"})",
        R"({"type":"response.new_thing","text":"@"})",
        R"({"type":"response.new_thing","item":{"text":"@"}})",
        R"({"type":"response.new_thing","x":{"y":"@"}})", R"({"arguments":"@"})"}},
      {"anthropic_messages",
       {R"({"type":"content_block_delta","index":0,"delta":{"type":"new_delta","content":"@"}})",
        R"({"type":"content_block_delta","index":0,"delta":{"content":[{"text":"@"}]}})",
        R"({"type":"content_block_delta","index":0,"delta":{"name":"@"}})",
        R"({"type":"content_block_delta","index":0,"delta":"@"})",
        R"({"type":"message_delta","delta":{"text":"@"}})",
        R"({"type":"content_block_delta","index":0,"text":"@","delta":{}})",
        R"({"type":"content_block_delta","index":0,"x":"@"})",
        R"({"type":"message_delta","delta":{"x":"@"}})", R"({"type":"new","text":"@"})"}}};
  return forms;
}

TEST(StreamShapes, PiecesOfOneTextAreJoinedWhereverTheyStand) {
  for (const auto& forms : {chunks_in_pieces(), events_in_pieces()}) {
    for (const auto& [api, list] : forms) {
      for (const std::string& form : list) {
        const Joined joined = join(api, in_two(form));
        EXPECT_EQ(joined.error, "") << form;
        EXPECT_TRUE(joined.has("mail alice@example.com now")) << form;
      }
    }
  }
}

TEST(StreamShapes, ATextGoesOnFromWhereItBegan) {
  const std::map<std::string_view, std::vector<std::vector<std::string>>> streams{
      {"openai_responses",
       {{R"({"type":"response.created","response":{"output":[{"type":"message",)"
         R"("content":[{"type":"output_text","text":"a"}]}]}})",
         R"({"type":"response.output_text.delta","output_index":0,"delta":"b"})"}}},
      {"anthropic_messages",
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

// A text whose parts stand in several items or blocks, with what does not part it between them.
TEST(StreamShapes, ThoughtsDoNotPartWhatIsSaid) {
  const auto item = [](int index, const std::string& body) {
    return R"({"type":"response.output_item.added","output_index":)" + std::to_string(index) +
           R"(,"item":{"type":)" + body + "}}";
  };
  const auto said = [](int index, const std::string& text, const std::string& kind = "output") {
    return R"({"type":"response.)" + kind + R"(_text.delta","output_index":)" +
           std::to_string(index) + R"(,"delta":")" + text + R"("})";
  };
  const auto over = [](int index) {
    return R"({"type":"response.output_item.done","output_index":)" + std::to_string(index) + "}";
  };
  const std::string message = R"("message","content":[])";
  const std::vector<std::string> first{item(0, message), said(0, "a"), over(0)};
  const auto go_on = [&](const std::vector<std::string>& between) {
    std::vector<std::string> events = first;
    events.insert(events.end(), between.begin(), between.end());
    for (const auto& event : {item(2, message), said(2, "b")}) events.push_back(event);
    return join("openai_responses", events);
  };
  EXPECT_TRUE(go_on({item(1, R"("reasoning","summary":[])"), over(1)}).has("ab"));
  EXPECT_TRUE(go_on({item(1, R"("reasoning")"), said(1, "x", "reasoning"), over(1)}).has("ab"));
  EXPECT_TRUE(go_on({item(1, R"("of_a_kind_to_come")"), over(1)}).has("ab"));
  EXPECT_TRUE(go_on({item(1, R"("function_call","arguments":"")"), over(1)}).has("b"));
}

TEST(StreamShapes, ThoughtsDoNotPartBlocksOfText) {
  const auto block = [](int index, const std::string& type, const std::string& delta) {
    const std::string at = R"(,"index":)" + std::to_string(index);
    return std::vector<std::string>{
        R"({"type":"content_block_start")" + at + R"(,"content_block":{"type":")" + type + R"("}})",
        R"({"type":"content_block_delta")" + at + R"(,"delta":)" + delta + "}",
        R"({"type":"content_block_stop")" + at + "}"};
  };
  const auto go_on = [&](std::vector<std::string> events) {
    std::vector<std::string> all = block(0, "text", R"({"text":"a"})");
    all.insert(all.end(), events.begin(), events.end());
    for (const std::string& event : block(2, "text", R"({"text":"b"})")) all.push_back(event);
    return join("anthropic_messages", all);
  };
  EXPECT_TRUE(go_on(block(1, "thinking", R"({"thinking":"x"})")).has("ab"));
  EXPECT_TRUE(go_on(block(1, "redacted_thinking", "{}")).has("ab"));
  EXPECT_TRUE(go_on(block(1, "of_a_kind_to_come", "{}")).has("ab"));
  EXPECT_TRUE(go_on({R"({"type":"message_delta","delta":{}})"}).has("ab"));
  EXPECT_TRUE(go_on(block(1, "tool_use", R"({"partial_json":"{}"})")).has("b"));
}

// The next part is the end of the last one; what then goes on with the last is refused.
TEST(StreamShapes, ANextPartGoesOnWithOneThatHasNoEnd) {
  const auto part = [](const std::string& at, const std::string& text) {
    return R"({"type":"response.output_text.delta",)" + at + R"(,"delta":")" + text + R"("})";
  };
  const auto delta = [](int index, const std::string& text) {
    return R"({"type":"content_block_delta","index":)" + std::to_string(index) +
           R"(,"delta":{"text":")" + text + R"("}})";
  };
  const std::string a = part(R"("content_index":0)", "a");
  EXPECT_TRUE(join("openai_responses", {a, part(R"("content_index":1)", "b")}).has("ab"));
  EXPECT_TRUE(join("openai_responses", {a, part(R"("output_index":1)", "b")}).has("ab"));
  EXPECT_EQ(join("openai_responses", {a, part(R"("content_index":1)", "b"), a}).error,
            "text_after_end");
  const std::string stop = R"({"type":"content_block_stop","index":0})";
  const Joined late = join("anthropic_messages", {delta(0, "a"), delta(1, "b"), stop});
  EXPECT_TRUE(late.has("ab"));
  EXPECT_EQ(late.error, "");
  EXPECT_TRUE(join("openai_responses",
                   {R"({"type":"response.output_item.added","item":{"type":"message","content":[)"
                    R"({"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]}})"})
                  .has("ab"));
}

// What a provider says in every event is no text that goes on, and waits for one event at most.
TEST(StreamShapes, ConstantsAreNoPieces) {
  const std::string event = R"({"sid":"cha000b0-42","x":{"model_name":"gpt"},"choices":[]})";
  const Joined joined = join("openai_chat", {event, event, event});
  EXPECT_EQ(joined.error, "");
  EXPECT_TRUE(joined.has("cha000b0-42"));
  EXPECT_EQ(std::count(joined.alone.begin(), joined.alone.end(), "cha000b0-42"), 2);
  // A field that comes and goes is no text after its end.
  const std::string other = R"({"choices":[{"delta":{"content":"a"}}]})";
  const std::string stray = R"({"x":"b","choices":[{"delta":{"content":"a"}}]})";
  std::vector<std::string> events;
  for (int i = 0; i < 100; ++i) events.insert(events.end(), {other, stray});
  EXPECT_EQ(join("openai_chat", events).error, "");
}

TEST(StreamShapes, AMessageThatGrowsIsReadWholeEachTime) {
  const Joined joined =
      join("openai_chat", {R"({"choices":[{"message":{"content":"138"}}]})",
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
  EXPECT_EQ(join("openai_chat", {first, arguments}).error, "");
  EXPECT_EQ(join("openai_chat", {first, arguments, late}).error, "text_after_end");
  // Providers that give every call the same index give each an id.
  const Joined calls = join("openai_chat", {first, arguments, next});
  EXPECT_EQ(calls.error, "");
  EXPECT_TRUE(calls.has("call_1") && calls.has("call_2"));
  EXPECT_TRUE(calls.has("{}{}"));
}

TEST(StreamShapes, EncodedDataInADeltaIsOpaque) {
  for (const std::string url : {"data:image/png;base64,AA", "DATA:,x", "dAtA:,x"}) {
    const std::string images =
        R"({"choices":[{"delta":{"images":[{"image_url":{"url":")" + url + "\"}}]}}]}";
    EXPECT_EQ(join("openai_chat", {images}).opaque, 1U) << url;
  }
}

// The spellings of the index 0; the index 1 is another text.
TEST(StreamIndices, AreReadByTheirValue) {
  struct Form {
    std::string_view api;
    std::string text;  // with # for the index
  };
  const std::vector<Form> forms{
      {"openai_chat", R"({"choices":[{"index":#,"delta":{"content":"a"}}]})"},
      {"openai_chat",
       R"({"choices":[{"delta":{"tool_calls":[{"index":#,"function":{"arguments":"a"}}]}}]})"},
      {"openai_chat", R"({"choices":[{"delta":{"x":[{"index":#,"text":"a"}]}}]})"},
      {"openai_completions", R"({"choices":[{"index":#,"text":"a"}]})"},
      {"openai_responses", R"({"type":"response.output_text.delta","output_index":#,"delta":"a"})"},
      {"openai_responses",
       R"({"type":"response.output_text.delta","content_index":#,"delta":"a"})"},
      {"openai_responses",
       R"({"type":"response.reasoning_summary_text.delta","summary_index":#,"delta":"a"})"},
      {"anthropic_messages", R"({"type":"content_block_delta","index":#,"delta":{"text":"a"}})"}};
  for (const Form& form : forms) {
    const auto at = [&](const std::string& index) {
      std::string event = form.text;
      return event.replace(event.find('#'), 1, index);
    };
    for (const std::string zero : {"0.0", "-0", "0e0", "0E+5", "-0.0", "0.00e-3", "null"}) {
      EXPECT_TRUE(join(form.api, {at("0"), at(zero)}).has("aa")) << at(zero);
    }
    for (const std::string one : {"1.0", "1e0", "10e-1", "0.1e1"}) {
      // Parts of one text are refused where they go back; others are two texts.
      const Joined joined = join(form.api, {at("0"), at("1"), at(one), at("1")});
      EXPECT_EQ(joined.error, "") << at(one);
      EXPECT_TRUE(joined.has("aaaa") || (joined.has("a") && joined.has("aaa"))) << at(one);
    }
    for (const std::string none :
         {"-1", "0.5", "1e-3", "1e300", "1073741824", "\"0\"", "true", "[0]", "{}"}) {
      EXPECT_EQ(join(form.api, {at("0"), at(none)}).error, "bad_stream_index") << at(none);
    }
  }
}

TEST(StreamIndices, WhatIsNotNumberedGoesByItsPlace) {
  const std::string event = R"({"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]})";
  const Joined joined = join("openai_chat", {event, event});
  EXPECT_TRUE(joined.has("aa") && joined.has("bb"));
}

// A field that no API has is read as a piece of a text; what can be none is known in one piece.
TEST(StreamShapes, WhatCannotBeReadIsKnownInFieldsThatNoApiHas) {
  struct Form {
    std::string_view api;
    std::string text;
  };
  const Form forms[] = {
      {"openai_chat", R"({"choices":[{"index":0,"delta":{"x_pic":#}}]})"},
      {"openai_chat", R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"x":#}]}}]})"},
      {"openai_chat", R"({"choices":[{"index":0,"x_pic":#}]})"},
      {"openai_responses", R"({"type":"response.x.delta","item_id":"i","x_pic":#})"},
      {"anthropic_messages",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"x_delta","x_pic":#}})"}};
  const auto kinds_of = [](const Form& form, const std::string& value) {
    std::string event = form.text;
    StreamReader reader(testing::endpoint_of(form.api), {});
    reader.feed("data: " + event.replace(event.find('#'), 1, value) + "\n\n");
    auto read = reader.next();
    core::OpaqueKinds kinds;
    if (!read || !*read) return kinds;
    for (const Leaf& leaf : (*read)->document->leaves()) {
      if (leaf.kind == LeafKind::opaque) kinds |= leaf.kinds();
    }
    return kinds;
  };
  const std::string data = '"' + std::string(512, 'A') + '"';
  const std::string pixel = R"("data:image/png;base64,i")";
  for (const Form& form : forms) {
    for (const std::string& value : {data, "[" + data + "]", R"({"a":)" + data + "}"})
      EXPECT_TRUE(kinds_of(form, value).has(core::OpaqueKind::other)) << form.text;
    for (const std::string& value : {pixel, "[[" + pixel + "]]", R"([[{"a":)" + pixel + "}]]"})
      EXPECT_TRUE(kinds_of(form, value).has(core::OpaqueKind::image)) << form.text << value;
    EXPECT_TRUE(kinds_of(form, '"' + std::string(511, 'A') + '"').empty()) << form.text;
  }
}

}  // namespace
}  // namespace menshen::protocol
