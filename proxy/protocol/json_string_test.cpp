#include "proxy/protocol/json_string.h"

#include <gtest/gtest.h>

namespace menshen::protocol {
namespace {

std::string decoded(std::string_view raw) {
  std::string out;
  append_decoded(out, raw);
  return out;
}

TEST(JsonString, DecodesEveryEscape) {
  EXPECT_EQ(decoded(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(decoded(R"(a\u0041\u00e9\u4f60\ud83d\ude00z)"),
            "aA\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80z");
  EXPECT_EQ(decoded(R"(\uFFFD\u07ff\u0800)"), "\xef\xbf\xbd\xdf\xbf\xe0\xa0\x80");
  EXPECT_EQ(decoded("plain"), "plain");
}

TEST(JsonString, EscapingIsUndoneByDecoding) {
  std::string all;
  for (char c = 1; c < 127; ++c) all.push_back(c);
  all += "\x7f你好\xf0\x9f\x98\x80";
  std::string raw;
  append_escaped(raw, all);
  EXPECT_EQ(check_escapes(raw), std::nullopt);
  EXPECT_EQ(decoded(raw), all);
}

TEST(JsonString, OffsetsMeetTheSameCharacters) {
  const std::string raw = R"(a你\u4f60\n\ud83d\ude00z\/)";
  const std::string text = decoded(raw);
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    for (std::size_t end = begin + 1; end <= text.size(); ++end) {
      OffsetMap map(raw);
      const std::size_t raw_begin = map.begin_of(begin);
      const std::size_t raw_end = map.end_of(end);
      ASSERT_LT(raw_begin, raw_end);
      // Whole characters: the span of the text, widened where it cuts one.
      const std::string before = decoded(std::string_view(raw).substr(0, raw_begin));
      const std::string inside =
          decoded(std::string_view(raw).substr(raw_begin, raw_end - raw_begin));
      ASSERT_LE(before.size(), begin);
      ASSERT_GT(before.size() + 4, begin);
      ASSERT_GE(before.size() + inside.size(), end);
      ASSERT_LT(before.size() + inside.size(), end + 4);
      ASSERT_EQ(before + inside, text.substr(0, before.size() + inside.size()));
    }
  }
}

TEST(JsonString, OffsetsPastTheEndStopThere) {
  OffsetMap map(R"(a\n)");
  EXPECT_EQ(map.begin_of(9), 3U);
  EXPECT_EQ(map.end_of(12), 3U);
}

}  // namespace
}  // namespace menshen::protocol
