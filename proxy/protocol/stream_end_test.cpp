// Where a stream ends, by one rule for each API, the same at every cut; and lines that readers read
// differently.
#include "proxy/protocol/sse.h"
#include "proxy/protocol/stream.h"
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace menshen::protocol {
namespace {

using testing::run_stream;
using testing::StreamRun;

constexpr std::string_view finish =
    R"(data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})"
    "\n\n";

// The run of a stream at every cut, which must be the same.
StreamRun at_every_cut(std::string_view api, std::string_view stream) {
  StreamRun whole = run_stream(api, {stream});
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    const StreamRun run = run_stream(api, {stream.substr(0, cut), stream.substr(cut)});
    EXPECT_EQ(run.events, whole.events) << cut;
    EXPECT_EQ(run.raw, whole.raw) << cut;
    EXPECT_EQ(run.error, whole.error) << cut;
    EXPECT_EQ(run.complete, whole.complete) << cut;
  }
  return whole;
}

struct Terminal {
  std::string_view api;
  std::string data;
};
const std::vector<Terminal> terminals{
    {"openai_chat", "data: [DONE]"},
    {"openai_chat", "data:[DONE]"},
    {"openai_chat", "data: [DONE] \t"},
    {"openai_completions", "data: [DONE]"},
    {"openai_responses", R"(data: {"type":"response.completed","response":{}})"},
    {"openai_responses", R"(data: {"type":"response.incomplete","response":{}})"},
    {"openai_responses", "data: [DONE]"},
    {"anthropic_messages", "event: message_stop\ndata: {\"type\":\"message_stop\"}"}};
const std::vector<Terminal> errors{
    {"openai_chat", R"(data: {"error":{"message":"x"}})"},
    {"openai_chat", R"(data: {"error":"x"})"},
    {"openai_chat", "event: error\ndata: {\"message\":\"x\"}"},
    {"openai_completions", R"(data: {"error":{}})"},
    {"openai_responses", R"(data: {"error":{"message":"x"}})"},
    {"openai_responses", R"(data: {"type":"error","message":"x"})"},
    {"openai_responses", R"(data: {"type":"response.failed","response":{"error":{}}})"},
    {"anthropic_messages", R"(data: {"type":"error","error":{"message":"x"}})"}};

TEST(StreamEnd, WhatComesBehindItIsNotReadAtAnyCut) {
  for (const auto& list : {terminals, errors}) {
    for (const Terminal& terminal : list) {
      const std::string end = ": hello\n\n" + terminal.data + "\n\n";
      for (const std::string behind :
           {"data: {\"x\":\"late\"}\n\n", "data: [DONE]\n\n", ": late\n\n", "garbage", "\n"}) {
        const StreamRun run = at_every_cut(terminal.api, end + behind);
        EXPECT_EQ(run.error, "");
        EXPECT_EQ(run.raw, end) << behind;
        EXPECT_TRUE(run.complete);
      }
    }
  }
}

TEST(StreamEnd, ItsEventNeedsNoBlankLineAndGetsIt) {
  for (const auto& list : {terminals, errors}) {
    for (const Terminal& terminal : list) {
      for (const auto& [end, whole] : std::vector<std::pair<std::string, std::string>>{
               {"", "\n\n"}, {"\n", "\n\n"}, {"\r\n", "\r\n\n"}, {"\r", "\r\n\n"}}) {
        const StreamRun run = at_every_cut(terminal.api, terminal.data + end);
        EXPECT_EQ(run.error, "") << terminal.data;
        EXPECT_EQ(run.raw, terminal.data + whole);
        EXPECT_TRUE(run.complete);
      }
    }
  }
}

TEST(StreamEnd, LinesMayEndInCarriageReturns) {
  for (const Terminal& terminal : terminals) {
    std::string stream = ": hello\r\r" + terminal.data + "\r\r";
    std::replace(stream.begin(), stream.end(), '\n', '\r');
    const StreamRun run = at_every_cut(terminal.api, stream);
    EXPECT_EQ(run.raw, stream);
    EXPECT_TRUE(run.complete);
    // The event is whole without the byte behind it.
    StreamReader reader(testing::endpoint_of(terminal.api), {});
    reader.feed(stream);
    EXPECT_TRUE(reader.next()->has_value());
    EXPECT_TRUE(reader.next()->has_value());
    EXPECT_TRUE(reader.complete());
  }
  // A LF behind such an event is a blank line more.
  EXPECT_EQ(at_every_cut("openai_chat", "data: {}\r\r\ndata: {}\r\r\n: x").events.size(), 5U);
}

TEST(StreamEnd, AProvidersErrorIsAnEnd) {
  for (const Terminal& terminal : errors) {
    const StreamRun run = run_stream(terminal.api, {terminal.data + "\n\n"});
    EXPECT_NE(run.events[0].find("terminal\nerror\n"), std::string::npos) << run.events[0];
  }
  for (const std::string none : {"null", "\"\"", "false", "0"}) {
    const StreamRun run = run_stream("openai_chat", {"data: {\"error\":" + none + "}\n\n"});
    EXPECT_EQ(run.events[0].find("terminal"), std::string::npos);
  }
}

TEST(StreamEnd, FinishedChoicesMayCloseWithoutDone) {
  const std::string usage = R"(data: {"choices":[],"usage":{"prompt_tokens":1}})";
  for (const std::string_view api : {"openai_chat", "openai_completions"}) {
    EXPECT_TRUE(at_every_cut(api, finish).complete);
    EXPECT_TRUE(at_every_cut(api, std::string(finish) + usage + "\n\n").complete);
    const StreamRun cut_off = at_every_cut(api, std::string(finish) + usage);
    EXPECT_TRUE(cut_off.complete);
    EXPECT_EQ(cut_off.raw, std::string(finish) + usage + "\n\n");
    EXPECT_EQ(at_every_cut(api, std::string(finish) + usage.substr(0, 20)).error,
              "stream_truncated");
  }
  const std::string other = R"(data: {"choices":[{"index":1,"delta":{"content":"b"}}]})"
                            "\n\n";
  EXPECT_FALSE(run_stream("openai_chat", {finish, other}).complete);
  EXPECT_FALSE(run_stream("openai_chat", {": nothing\n\n"}).complete);
  EXPECT_FALSE(run_stream("openai_chat", {usage + "\n\n"}).complete);
}

TEST(StreamEnd, AFinishReasonEndsNoText) {
  for (const std::string reason : {"null", "\"\"", "\"null\"", "\"stop\"", "false"}) {
    const std::string chunk =
        R"(data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":)" + reason +
        "}]}\n\n";
    const StreamRun run = at_every_cut("openai_chat", chunk + chunk);
    EXPECT_EQ(run.error, "");
    ASSERT_EQ(run.events.size(), 2U);
    EXPECT_EQ(run.events[0], run.events[1]);
    EXPECT_EQ(run.complete, reason == "\"stop\"");
  }
}

TEST(StreamEnd, OtherApisNeedTheirTerminalEvent) {
  EXPECT_FALSE(run_stream("anthropic_messages",
                          {R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}})"
                           "\n\n"})
                   .complete);
  EXPECT_FALSE(run_stream("openai_responses", {finish}).complete);
}

TEST(StreamData, WhatHoldsNoTextIsPassed) {
  for (const std::string data : {"", " ", "null", " null ", "true", "[]", "\"\"", ": keepalive"}) {
    const std::string stream = "data: " + data + "\n\n" + std::string(finish);
    const StreamRun run = at_every_cut("openai_chat", stream);
    EXPECT_EQ(run.error, "") << data;
    EXPECT_EQ(run.raw, stream);
    EXPECT_EQ(run.events.size(), 2U);
  }
  EXPECT_EQ(run_stream("openai_chat", {"data: : call 13812345678\n\n"}).events[0],
            "side : call 13812345678\n");
  for (const std::string data : {"text", "17", "\"a\"", "[1]", ":\x0b data", "\xef\xbb\xbf{}"}) {
    EXPECT_EQ(run_stream("openai_chat", {"data: " + data + "\n\n"}).error, "bad_stream_event")
        << data;
  }
}

TEST(StreamData, WhatHoldsNoTextCanBeDropped) {
  StreamReader reader(testing::endpoint_of("openai_chat"), {});
  reader.feed("event: x\ndata: : call 13812345678\n\n: call\ndata: [DONE]\n\n");
  auto event = reader.next();
  drop_side_text(**event);
  EXPECT_EQ((*event)->raw, "event: x\n\n");
  event = reader.next();
  drop_side_text(**event);
  EXPECT_EQ((*event)->raw, "data: [DONE]\n\n");
}

TEST(StreamLines, FieldsThatOnlySomeReadersFindAreRefused) {
  const std::string bom = "\xef\xbb\xbf";
  for (const std::string line : {" data: {}", "\tdata: {}", "Data: {}", "DATA:{}", "data : {}",
                                 " event: x", "Id: 1", bom.c_str(),
                                 ": c\xe2\x80\xa8"
                                 "data: {}",
                                 ": c\x0b"
                                 "data: {}",
                                 ": c\x1e"
                                 "event: x",
                                 "id: 1\xc2\x85"
                                 "data: {}",
                                 "note: x\xe2\x80\xa9 Data : {}"}) {
    const std::string odd = line == bom ? bom + "data: {}" : line;
    const StreamRun run = at_every_cut("openai_chat", ": first\n\n" + odd + "\n\n");
    EXPECT_EQ(run.error, "ambiguous_stream_line") << odd;
  }
  for (const std::string end : {"\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\x85"}) {
    const auto with = [&](const std::string& text) {
      return "data: {\"choices\":[{\"delta\":{\"content\":\"a" + end + text + "\"}}]}\n\n";
    };
    EXPECT_EQ(at_every_cut("openai_chat", with("data: {}")).error, "ambiguous_stream_line");
    EXPECT_EQ(at_every_cut("openai_chat", with(end + bom + " id:")).error, "ambiguous_stream_line");
    // As characters of a text they are the text's own.
    EXPECT_EQ(at_every_cut("openai_chat", with("b" + end)).error, "");
    EXPECT_EQ(at_every_cut("openai_chat", with("database: x")).error, "");
  }
  EXPECT_EQ(run_stream("openai_chat", {bom + bom + "data: {}\n\n"}).error, "ambiguous_stream_line");
  EXPECT_EQ(run_stream("openai_chat", {bom + "data: {}\n\n"}).error, "");
  EXPECT_EQ(run_stream("openai_chat", {"note: x\ndatabase: y\n : z\n\n"}).error, "");
}

TEST(StreamLines, ManyOddEndsCostNoMoreThanTheirBytes) {
  core::Limits limits;
  std::string line = ": ";
  while (line.size() < limits.stream_event_bytes_max - 8) line += "\xe2\x80\xa8 ";
  EXPECT_EQ(run_stream("openai_chat", {line + "\n\n"}, limits).error, "");
}

}  // namespace
}  // namespace menshen::protocol
