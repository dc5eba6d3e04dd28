// What is held back of a stream, and how much of one there may be, at the bounds and past them.
#include "proxy/pipeline/stream_guard.h"

#include "proxy/pipeline/stream_testing.h"

#include <gtest/gtest.h>

namespace menshen::pipeline {
namespace {

using namespace testing;

TEST(StreamGuard, HoldBackIsBounded) {
  core::Limits limits;
  limits.held_bytes_max = 64 * 1024;
  limits.stream_event_bytes_max = 16 * 1024;
  std::vector<Delta> deltas;
  for (int i = 0; i < 2000; ++i) deltas.push_back({0, Field::content, std::string(16, 'a')});
  const auto guarded = guard_stream("openai_chat", chat_stream(deltas), {}, redacting(), limits);
  EXPECT_LE(guarded.held_bytes_peak, limits.held_bytes_max + limits.stream_event_bytes_max);
}

TEST(StreamGuard, AStreamHasABound) {
  const std::string stream = chat_stream({{0, Field::content, "Hello there "}});
  core::Limits limits;
  limits.stream_bytes_max = stream.size();
  const auto guard = [&] {
    return guard_stream("openai_chat", stream, every_byte(stream.size()), redacting(), limits);
  };
  EXPECT_EQ(guard().released, stream);
  limits.stream_bytes_max = stream.size() - 1;
  EXPECT_EQ(guard().error, "stream_too_large");
}

TEST(StreamGuard, WhatIsHeldHasABound) {
  const std::string stream = chat_stream({{0, Field::content, "Hello there "}});
  core::Limits limits;
  limits.held_bytes_max = static_cast<std::uint32_t>(stream.size());
  const auto guard = [&] {
    return guard_stream("openai_chat", stream, {}, redacting(), limits, {.hold_all = true});
  };
  EXPECT_EQ(guard().error, "");
  EXPECT_EQ(guard().held_bytes_peak, stream.size());
  limits.held_bytes_max -= 1;
  EXPECT_EQ(guard().error, "held_too_much");
}

// Events of one text wait behind the unfinished word of another, as long as they are few.
TEST(StreamGuard, EventsThatWaitForAnotherTextHaveABound) {
  core::Limits limits;
  limits.held_events_max = 3;
  for (const std::size_t events : {3U, 4U}) {
    std::vector<Delta> deltas{{0, Field::reasoning, "thinking.done"}};
    deltas.resize(1 + events, {0, Field::content, "word,"});
    std::string stream = chat_stream(deltas);
    std::size_t end = 0;
    for (std::size_t i = 0; i < events; ++i) end = stream.find("word,", end) + 1;
    stream.resize(stream.find("\n\n", end) + 2);
    const auto guarded = guard_stream("openai_chat", stream, {}, redacting(), limits);
    const bool waits = guarded.before_end.find("word,") == std::string::npos;
    EXPECT_EQ(waits, events <= limits.held_events_max) << events;
  }
}

TEST(StreamGuard, HoldAllReleasesNothingBeforeTheScores) {
  const std::string stream = chat_stream({{0, Field::content, "Hello there "}});
  const auto guarded = guard_stream("openai_chat", stream, {}, redacting(), {},
                                    {.hold_all = true, .keep_answer = true});
  EXPECT_EQ(guarded.released, "");
}

}  // namespace
}  // namespace menshen::pipeline
