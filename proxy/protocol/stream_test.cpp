#include "proxy/protocol/stream.h"

#include "proxy/protocol/sse.h"
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

namespace menshen::protocol {
namespace {

using core::Place;
using testing::run_stream;
using testing::StreamRun;

std::string chunk(std::string choices) {
  std::erase(choices, '\n');
  return "data: {\"choices\":[" + choices + "]}\n\n";
}

std::string content(const std::string& text, int index = 0) {
  return chunk("{\"index\":" + std::to_string(index) + ",\"delta\":{\"content\":\"" + text +
               "\"}}");
}

std::string block_delta(int index) {
  return R"(data: {"type":"content_block_delta","index":)" + std::to_string(index) +
         ",\"delta\":{\"partial_json\":\"a\"}}\n\n";
}

std::string block_stop(int index) {
  return R"(data: {"type":"content_block_stop","index":)" + std::to_string(index) + "}\n\n";
}

std::vector<StreamEvent> events_of(std::string_view api, const std::string& bytes) {
  StreamReader reader(testing::endpoint_of(api), {});
  reader.feed(bytes);
  std::vector<StreamEvent> events;
  while (true) {
    auto event = reader.next();
    EXPECT_TRUE(event) << to_string(event.error());
    if (!event || !event->has_value()) return events;
    events.push_back(std::move(**event));
  }
}

// Line ends

TEST(Sse, AllLineEndsAreTheSame) {
  const std::string stream =
      ": comment\n\nevent: x\ndata: {\"a\":\ndata:1}\n\ndata\n\n\n\nid: 7\nretry: 5\nodd: "
      "field\n\n" +
      content("好") + "data: [DONE]\n\n";
  const StreamRun expected = run_stream("openai_chat", {stream});
  EXPECT_EQ(expected.error, "");
  EXPECT_EQ(expected.raw, stream);
  for (const std::string end : {"\r\n", "\r"}) {
    std::string other;
    for (const char c : stream) {
      if (c == '\n')
        other += end;
      else
        other.push_back(c);
    }
    for (std::size_t cut = 0; cut <= other.size(); ++cut) {
      const std::string_view view = other;
      const StreamRun run = run_stream("openai_chat", {view.substr(0, cut), view.substr(cut)});
      ASSERT_EQ(run.error, "");
      ASSERT_EQ(run.events, expected.events) << cut;
      ASSERT_EQ(run.raw, other);
    }
  }
}

TEST(Sse, MixedLineEndsKeepTheirBytes) {
  const std::string stream = "data: {}\r\n\rdata: {}\n\r\n\n\r" + content("x") + "data: {}\r\r\n";
  const StreamRun whole = run_stream("openai_chat", {stream});
  EXPECT_EQ(whole.raw, stream);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    const std::string_view view = stream;
    const StreamRun run = run_stream("openai_chat", {view.substr(0, cut), view.substr(cut)});
    ASSERT_EQ(run.events, whole.events) << cut;
    ASSERT_EQ(run.raw, stream);
  }
}

TEST(Sse, AnEventWaitsForTheSecondHalfOfItsLineEnd) {
  StreamReader reader(testing::endpoint_of("openai_chat"), {});
  reader.feed("data: {}\r\n\r");
  EXPECT_FALSE(reader.next()->has_value());
  EXPECT_EQ(reader.pending_bytes(), 11U);
  reader.feed("\n");
  EXPECT_EQ((*reader.next())->raw, "data: {}\r\n\r\n");
  EXPECT_EQ(reader.pending_bytes(), 0U);
}

TEST(Sse, AByteOrderMarkIsSkippedAndKept) {
  const std::string stream = "\xef\xbb\xbf" + content("a") + content("b");
  const auto events = events_of("openai_chat", stream);
  ASSERT_EQ(events.size(), 2U);
  ASSERT_TRUE(events[0].document);
  EXPECT_TRUE(events[0].raw.starts_with("\xef\xbb\xbf"));
  EXPECT_EQ(events[0].document->leaves()[0].channel, events[1].document->leaves()[0].channel);
}

TEST(Sse, TextBesideTheDataIsShown) {
  const auto events =
      events_of("openai_chat",
                ": call 13812345678\nid: wang@example.com\nevent: An Event\nnote: x\n"
                "event: usual.name_x\ndata: {}\n\n");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].side_text, "call 13812345678\nwang@example.com\nAn Event\nnote: x");
}

TEST(Sse, TextBesideTheDataCanBeDropped) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string raw, rest;
    for (const auto& [line, side] :
         std::initializer_list<std::pair<std::string, bool>>{{": call 13812345678", true},
                                                             {"event: usual", false},
                                                             {"id: wang@example.com", true},
                                                             {R"(data: {"a":"x"})", false},
                                                             {"event: An Event", true},
                                                             {"note: x", true},
                                                             {"event: usual", false},
                                                             {"", false}}) {
      raw += line + end;
      if (!side) rest += line + end;
    }
    auto events = events_of("openai_chat", raw + ": next" + end + end);
    ASSERT_GE(events.size(), 1U);
    drop_side_text(events[0]);
    EXPECT_EQ(events[0].raw, rest);
    EXPECT_EQ(events[0].side_text, "");
    Edits edits;
    edits.replace(events[0].document->leaves()[1], 0, 1, "y");
    EXPECT_NE(rewrite_event(events[0], edits).find(R"(data: {"a":"y"})" + end), std::string::npos);
  }
}

TEST(Sse, FieldsAreSplitAtTheColon) {
  EXPECT_EQ(sse_field("data: x").value, "x");
  EXPECT_EQ(sse_field("data:x").value, "x");
  EXPECT_EQ(sse_field("data:  x").value, " x");
  EXPECT_EQ(sse_field("data").name, "data");
  EXPECT_EQ(sse_field("data").value, "");
  EXPECT_EQ(sse_field(": x").name, "");
  EXPECT_EQ(sse_field("data : x").name, "data ");
}

// Errors of the provider

struct Broken {
  std::string_view api;
  std::string stream;
  std::string code;
};

class BrokenStream : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenStream, EndsWithAnErrorOfTheProvider) {
  const std::string_view stream = GetParam().stream;
  StreamReader reader(testing::endpoint_of(GetParam().api), {});
  reader.feed(stream);
  std::optional<core::Error> error;
  const auto drain = [&] {
    while (!error) {
      auto event = reader.next();
      if (!event)
        error = event.error();
      else if (!event->has_value())
        break;
    }
  };
  drain();
  reader.finish();
  drain();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, GetParam().code);
  EXPECT_EQ(error->source, core::ErrorSource::provider);
  EXPECT_EQ(error->kind, core::ErrorKind::bad_upstream);
  // It stays an error, and it is the same at every cut.
  EXPECT_FALSE(reader.next());
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    ASSERT_EQ(run_stream(GetParam().api, {stream.substr(0, cut), stream.substr(cut)}).error,
              GetParam().code);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenStream,
    ::testing::Values(
        Broken{"openai_chat", "data: text\n\n", "bad_stream_event"},
        Broken{"openai_chat", "data: [1]\n\n", "bad_stream_event"},
        Broken{"openai_chat", "data: [DONE]x\n\n", "bad_stream_event"},
        Broken{"openai_chat", "data: {\"a\":1,\"a\":2}\n\n", "bad_stream_event"},
        Broken{"openai_chat", "data: {\"a\":\"\xff\"}\n\n", "bad_stream_event"},
        Broken{"openai_chat", "data: {}{}\n\n", "bad_stream_event"},
        Broken{"openai_chat", "data: {}", "stream_truncated"},
        Broken{"openai_chat", "data: {}\n", "stream_truncated"},
        Broken{"openai_chat", content("a") + "data: {\"cho", "stream_truncated"},
        Broken{"openai_chat", content("a") + "da", "stream_truncated"},
        Broken{"anthropic_messages",
               "event: message_stop\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n",
               "event_type_mismatch"},
        Broken{"openai_responses", "event: ping\ndata: {\"type\":\"response.completed\"}\n\n",
               "event_type_mismatch"},
        Broken{"anthropic_messages",
               "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
               "data: "
               "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"text\":\"late\"}}\n\n",
               "text_after_end"},
        Broken{
            "openai_responses",
            "data: {\"type\":\"response.output_item.done\",\"output_index\":2,\"item\":{}}\n\n"
            "data: "
            "{\"type\":\"response.output_text.delta\",\"output_index\":2,\"delta\":\"late\"}\n\n",
            "text_after_end"}));

// Bounds

TEST(Stream, AnEventHasABound) {
  const std::string event = content(std::string(1000, 'x'));
  core::Limits limits;
  limits.stream_event_bytes_max = static_cast<std::uint32_t>(event.size());
  EXPECT_EQ(run_stream("openai_chat", {event, event}, limits).error, "");
  EXPECT_EQ(run_stream("openai_chat", {event + event}, limits).events.size(), 2U);
  limits.stream_event_bytes_max -= 1;
  EXPECT_EQ(run_stream("openai_chat", {event}, limits).error, "stream_event_too_large");
  // It is an error as soon as it is too long, not when it ends.
  StreamReader reader(testing::endpoint_of("openai_chat"), limits);
  reader.feed(std::string_view(event).substr(0, event.size() - 1));
  EXPECT_TRUE(reader.next());
  reader.feed("y");
  EXPECT_FALSE(reader.next());
}

TEST(Stream, ChannelsHaveABound) {
  core::Limits limits;
  limits.stream_channels_max = 3;
  std::string stream;
  for (int index = 0; index < 3; ++index) stream += content("a", index);
  EXPECT_EQ(run_stream("openai_chat", {stream}, limits).error, "");
  EXPECT_EQ(run_stream("openai_chat", {stream + content("a", 3)}, limits).error,
            "too_many_channels");
  // What has ended is not open.
  stream.clear();
  for (int index = 0; index < 3; ++index) stream += block_delta(index);
  stream += block_stop(1) + block_delta(3);
  EXPECT_EQ(run_stream("anthropic_messages", {stream}, limits).error, "");
  EXPECT_EQ(run_stream("anthropic_messages", {stream + block_delta(4)}, limits).error,
            "too_many_channels");
}

TEST(Stream, ChoicesHaveABound) {
  core::Limits limits;
  limits.stream_channels_max = 3;
  std::string stream;
  for (int index = 0; index < 3; ++index) stream += content("", index);
  EXPECT_EQ(run_stream("openai_chat", {stream + "data: [DONE]\n\n"}, limits).error, "");
  EXPECT_EQ(run_stream("openai_chat", {stream + content("", 3)}, limits).error,
            "too_many_channels");
}

TEST(Stream, ChannelsOneAfterTheOtherHaveABound) {
  core::Limits limits;
  limits.stream_channels_max = 4;
  std::string stream;
  for (int index = 0; index < 100; ++index) stream += block_delta(index) + block_stop(index);
  const StreamRun run = run_stream("anthropic_messages", {stream}, limits);
  EXPECT_EQ(run.error, "too_many_channels");
  EXPECT_EQ(run.events.size(), 128U);
}

// Texts across events

TEST(Stream, ChannelsAreByChoiceFieldAndCall) {
  const auto events = events_of(
      "openai_chat",
      chunk(
          R"({"index":0,"delta":{"content":"a","reasoning_content":"b","refusal":"c","tool_calls":[
          {"index":0,"function":{"arguments":"d"}},{"index":1,"function":{"arguments":"e"}},
          {"index":2,"custom":{"input":"f"}}],"function_call":{"arguments":"g"},"note":"h",
          "deep":{"note":"i"}}},
          {"index":1,"delta":{"content":"j","note":"k"}})") +
          chunk(R"({"index":1,"delta":{"note":"k","content":[{"type":"text","text":"j"}]}},
          {"index":0,"delta":{"deep":{"note":"i"},"note":"h","function_call":{"arguments":"g"},
          "tool_calls":[{"index":2,"custom":{"input":"f"}},{"index":0,"function":{"arguments":"d"}},
          {"index":1,"function":{"arguments":"e"}}],"refusal":"c","reasoning_content":"b",
          "content":"a"}})"));
  ASSERT_EQ(events.size(), 2U);
  std::vector<std::map<std::string, std::uint32_t>> channels;
  std::string scratch;
  for (const StreamEvent& event : events) {
    auto& seen = channels.emplace_back();
    for (const Leaf& leaf : event.document->leaves()) {
      if (leaf.channel != no_channel)
        seen[std::string(event.document->text(leaf, scratch))] = leaf.channel;
    }
  }
  EXPECT_EQ(channels[0], channels[1]);
  EXPECT_EQ(channels[0].size(), 11U);
  std::set<std::uint32_t> ids;
  for (const auto& [text, id] : channels[0]) ids.insert(id);
  EXPECT_EQ(ids.size(), 11U);
}

TEST(Stream, RepeatedFieldsAreMarkedButNotHidden) {
  const auto events = events_of("openai_chat", R"(data: {"id":"a-13812345678","model":"x"})"
                                               "\n\n"
                                               R"(data: {"id":"a-13812345678","model":"y"})"
                                               "\n\n");
  ASSERT_EQ(events.size(), 2U);
  for (const Leaf& leaf : events[0].document->leaves()) EXPECT_FALSE(leaf.repeated);
  ASSERT_EQ(events[1].document->leaves().size(), 2U);
  EXPECT_TRUE(events[1].document->leaves()[0].repeated);
  EXPECT_FALSE(events[1].document->leaves()[1].repeated);
}

TEST(Stream, TheBeginningOfAnItemBelongsToItsText) {
  const std::string added = R"(data: {"type":"response.output_item.added","output_index":0,)"
                            R"("item":{"type":"function_call","arguments":"{\"a"}})"
                            "\n\n";
  const std::string delta =
      R"(data: {"type":"response.function_call_arguments.delta","output_index":0,"delta":"\":1}"})"
      "\n\n";
  const auto events = events_of("openai_responses", added + delta);
  const Leaf& first = events[0].document->leaves()[0];
  const Leaf& second = events[1].document->leaves()[0];
  EXPECT_EQ(first.kind, LeafKind::json_text);
  EXPECT_NE(first.channel, no_channel);
  EXPECT_EQ(first.channel, second.channel);
}

// Rewriting

TEST(Stream, RewritingChangesOneLine) {
  const std::string stream =
      ": keep\r\nid: 1\r\nevent: chunk\r\ndata:   {\"choices\":[{\"index\":0,\"delta\":"
      "{\"content\":\"call 13812345678\"}}],\"x\":1.0}  \r\nretry: 5\r\n\r\n";
  const auto events = events_of("openai_chat", stream);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(rewrite_event(events[0], Edits()), stream);
  const Leaf* leaf = nullptr;
  for (const Leaf& l : events[0].document->leaves()) {
    if (l.channel != no_channel) leaf = &l;
  }
  ASSERT_NE(leaf, nullptr);
  Edits edits;
  edits.replace(*leaf, 5, 16, "[CN_MOBILE]");
  std::string expected = stream;
  expected.replace(expected.find("13812345678"), 11, "[CN_MOBILE]");
  EXPECT_EQ(rewrite_event(events[0], edits), expected);
  EXPECT_EQ(events[0].raw.substr(events[0].data_begin, events[0].document->bytes().size()),
            events[0].document->bytes());
}

TEST(Stream, RewritingJoinsDataOfSeveralLines) {
  const std::string stream =
      "event: chunk\ndata: {\"choices\":[{\"index\":0,\ndata:\"delta\":\n: between\ndata\n"
      "data: {\"content\":\"13812345678\"}}]}\nid: 4\n\n";
  const auto events = events_of("openai_chat", stream);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].data_begin, StreamEvent::nowhere);
  ASSERT_TRUE(events[0].document);
  EXPECT_EQ(rewrite_event(events[0], Edits()), stream);
  Edits edits;
  edits.replace(events[0].document->leaves()[0], 0, 11, "[X]");
  const std::string after = rewrite_event(events[0], edits);
  EXPECT_EQ(after,
            "event: chunk\ndata: {\"choices\":[{\"index\":0, \"delta\":  {\"content\":\"[X]\"}}]}\n"
            ": between\nid: 4\n\n");
  ASSERT_EQ(events_of("openai_chat", after).size(), 1U);
}

TEST(Stream, EveryLeafOfAGoldenStreamCanBeRewritten) {
  for (const std::string& name : testing::golden_names("streams")) {
    const std::string api = testing::endpoint_name(name);
    for (const StreamEvent& event : events_of(api, testing::read_golden(name))) {
      if (!event.document) continue;
      std::string scratch;
      for (const Leaf& leaf : event.document->leaves()) {
        const bool names_event = event.document->pointer(leaf) == "/type";
        if (leaf.kind == LeafKind::key || names_event) continue;
        Edits edits;
        edits.replace(leaf, 0, event.document->text(leaf, scratch).size(), "[X]");
        const std::string after = rewrite_event(event, edits);
        const auto again = events_of(api, after);
        ASSERT_EQ(again.size(), 1U);
        ASSERT_EQ(again[0].document->bytes(), event.document->apply(edits));
      }
    }
  }
}

}  // namespace
}  // namespace menshen::protocol
