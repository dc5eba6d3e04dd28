// Where a stream ends: with its terminal event, without it, too early, and with more behind it.
#include "proxy/pipeline/stream_guard.h"

#include "proxy/pipeline/stream_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::pipeline {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(StreamGuard, ATruncatedStreamIsAnError) {
  for (const std::string_view api : streaming_apis) {
    const std::string stream =
        stream_of(api, {{0, Field::content, "Hello there "}, {0, Field::content, "you"}});
    // Without its terminal event, and without what says that its choices have finished.
    std::size_t last_event = stream.rfind("\n\n", stream.size() - 3);
    last_event = stream.rfind("\n\n", last_event - 1);
    const auto guarded = guard_stream(api, stream.substr(0, last_event + 2), {}, redacting());
    EXPECT_EQ(guarded.error, "stream_truncated");
    EXPECT_THAT(released_text(guarded), HasSubstr("Hello"));
  }
}

TEST(StreamGuard, AStreamMayCloseOnceItsChoicesHaveFinished) {
  for (const std::string_view api : {"openai_chat", "openai_completions"}) {
    std::string stream = stream_of(
        api, {{0, Field::content, "mail zhang.san@co"}, {0, Field::content, "rp.example"}});
    stream.resize(stream.rfind("data: [DONE]"));
    for (std::size_t cut = 0; cut < stream.size(); ++cut) {
      const auto guarded = guard_stream(api, stream, {cut}, redacting());
      ASSERT_EQ(guarded.error, "");
      ASSERT_EQ(released_text(guarded), "mail [EMAIL]");
    }
    EXPECT_EQ(guard_stream(api, stream, {}, refusing()).error, "content_refused");
  }
}

TEST(StreamGuard, WhatComesBehindTheEndDoesNotLeaveAtAnyCut) {
  for (const std::string_view api : streaming_apis) {
    const std::string stream = stream_of(api, {{0, Field::content, "Hello there "}});
    const std::string behind = ": call 13800138000\n\ndata: {\"x\":\"zhang.san@corp.example\"}\n\n";
    for (std::size_t cut = 1; cut < stream.size() + behind.size(); ++cut) {
      const auto guarded = guard_stream(api, stream + behind, {cut}, refusing());
      ASSERT_EQ(guarded.error, "");
      ASSERT_EQ(guarded.released, stream);
    }
  }
}

TEST(StreamGuard, AnEndWithoutItsBlankLineIsAnEnd) {
  for (const std::string_view api : streaming_apis) {
    const std::string stream = stream_of(api, {{0, Field::content, "Hello there "}});
    for (const std::size_t missing : {1U, 2U}) {
      const auto without_end = std::string_view(stream).substr(0, stream.size() - missing);
      const auto guarded = guard_stream(api, without_end, {}, redacting());
      EXPECT_EQ(guarded.error, "");
      EXPECT_EQ(guarded.released, stream);
    }
  }
}

TEST(StreamGuard, AFinishReasonWithEveryChunkHidesNothing) {
  for (const std::string reason : {"stop", "", "null"}) {
    std::string stream;
    for (const char* piece : {"mail zhang.san@co", "rp.example now"}) {
      stream += sse({{"choices", Json::array({{{"index", 0},
                                               {"delta", {{"content", piece}}},
                                               {"finish_reason", reason}}})}});
    }
    const auto guarded = guard_stream("openai_chat", stream + "data: [DONE]\n\n", {}, redacting());
    EXPECT_EQ(guarded.error, "");
    EXPECT_EQ(released_text(guarded), "mail [EMAIL] now");
  }
}

}  // namespace
}  // namespace menshen::pipeline
