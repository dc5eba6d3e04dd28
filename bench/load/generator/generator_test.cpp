#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/load/generator/answer.h"
#include "bench/load/generator/histogram.h"
#include "bench/load/generator/schedule.h"

#include <string>
#include <vector>

namespace menshen::load {
namespace {

const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const std::string chunked =
    "HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: t\r\n\r\n";

TEST(Answer, IsTheSameHoweverItIsCut) {
  for (const std::string& wire : {sized, chunked}) {
    for (std::size_t cut = 0; cut < wire.size(); ++cut) {
      AnswerReader reader;
      reader.feed(wire.substr(0, cut));
      EXPECT_FALSE(reader.complete()) << cut;
      EXPECT_EQ(reader.begun(), cut > 0);
      reader.feed(wire.substr(cut));
      ASSERT_TRUE(reader.complete()) << cut << reader.broken();
      EXPECT_EQ(reader.body(), "hello");
      EXPECT_EQ(reader.status(), wire == sized ? 200 : 503);
      EXPECT_EQ(reader.keep_alive(), wire == sized);
    }
  }
}

TEST(Answer, NextOneIsReadAfresh) {
  AnswerReader reader;
  reader.feed(chunked);
  reader.clear();
  reader.feed(sized);
  EXPECT_TRUE(reader.complete());
  EXPECT_EQ(reader.body(), "hello");
  EXPECT_TRUE(reader.keep_alive());
}

TEST(Answer, WhatIsNotFramedIsBroken) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string in_chunks = head + "transfer-encoding: chunked\r\n\r\n";
  for (const auto& [wire, why] : std::vector<std::pair<std::string, std::string>>{
           {head + "\r\n", "it says no length"},
           {head + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
            "it says two lengths"},
           {head + "content-length: 5\r\ncontent-length: 5\r\n\r\n", "its length is none"},
           {head + "content-length: -5\r\n\r\n", "its length is none"},
           {head + "transfer-encoding: gzip\r\n\r\n", "its encoding is unknown"},
           {head + "nothing\r\n\r\n", "a field has no colon"},
           {"HTTP/1.0 200 OK\r\n\r\n", "its first line is none"},
           {"HTTP/1.1 20 OK\r\n\r\n", "its first line is none"},
           {"HTTP/1.1 2000 OK\r\n\r\n", "its first line is none"},
           {std::string(70'000, 'x'), "its head is too long"},
           {sized + "H", "more than an answer"},
           {in_chunks + "z\r\n", "a chunk has no size"},
           {in_chunks + "ffffffffffffffff\r\n", "a chunk has no size"},
           {in_chunks + "2\r\nabc\r\n", "a chunk has another size"}}) {
    AnswerReader reader;
    reader.feed(wire);
    EXPECT_FALSE(reader.complete()) << why;
    EXPECT_EQ(reader.broken(), why);
  }
}

TEST(Histogram, PercentilesAreWithinABucket) {
  Histogram times;
  EXPECT_EQ(times.percentile(0.5), 0U);
  for (std::uint64_t i = 1; i <= 100'000; ++i) times.add(i * 1'000);
  for (const double share : {0.001, 0.5, 0.9, 0.99, 0.999}) {
    const double exact = share * 1e8;
    EXPECT_NEAR(static_cast<double>(times.percentile(share)), exact, exact * 0.008) << share;
  }
  EXPECT_EQ(times.percentile(1), 100'000'000U);
  EXPECT_EQ(times.max(), 100'000'000U);
}

TEST(Histogram, SmallAndHugeValuesHaveBuckets) {
  for (const std::uint64_t value : {0ULL, 1ULL, 255ULL, 256ULL, 511ULL, ~0ULL}) {
    Histogram times;
    times.add(value);
    times.add(~0ULL);
    EXPECT_GE(times.percentile(0.5), value);
    EXPECT_LE(static_cast<double>(times.percentile(0.5)), static_cast<double>(value) * 1.01);
  }
}

TEST(Schedule, GapsAreExponentialAndHangOnTheSeed) {
  Schedule one(1'000, 7);
  Schedule same(1'000, 7);
  Schedule other(1'000, 8);
  EXPECT_NE(one.due(), other.due());
  constexpr int count = 100'000;
  std::uint64_t last = 0;
  int short_gaps = 0;  // under the mean: 1 - 1/e of them
  for (int i = 0; i < count; ++i, one.next(), same.next()) {
    ASSERT_EQ(one.due(), same.due());
    ASSERT_GE(one.due(), last);
    if (one.due() - last < 1'000'000) ++short_gaps;
    last = one.due();
  }
  EXPECT_NEAR(static_cast<double>(last), 1e6 * count, 1e6 * count * 0.02);
  EXPECT_NEAR(short_gaps, count * 0.632, count * 0.01);
}

}  // namespace
}  // namespace menshen::load
