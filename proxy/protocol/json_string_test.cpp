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

TEST(JsonNumber, FollowsTheGrammar) {
  for (const auto* good :
       {"0", "-0", "1", "10", "-12.50", "1e5", "1E+5", "0.1e-5", "123456789012345678901"}) {
    EXPECT_TRUE(is_json_number(good)) << good;
  }
  for (const auto* bad : {"", "-", "+1", "01", "-01", "1.", ".1", "1e", "1e+", "1.e5", "1a", "0x1",
                          "--1", "1 "}) {
    EXPECT_FALSE(is_json_number(bad)) << bad;
    EXPECT_FALSE(is_common_number(bad)) << bad;
  }
}

TEST(JsonNumber, ReadersAgreeOnWhatADoubleHolds) {
  const std::string long_one(308, '9');
  const std::string too_long(400, '9');
  for (const std::string_view common : {std::string_view("1e308"), std::string_view("1e-400"),
                                        std::string_view("0e999"), std::string_view(long_one)}) {
    EXPECT_TRUE(is_common_number(common)) << common;
  }
  for (const std::string_view rare :
       {std::string_view("1e400"), std::string_view("-1e309"), std::string_view(too_long)}) {
    EXPECT_TRUE(is_json_number(rare)) << rare;
    EXPECT_FALSE(is_common_number(rare)) << rare;
  }
}

TEST(JsonNumber, LongOnesMaySpellSomethingOut) {
  for (const auto* yes :
       {"123456789", "-123456789", "13812345678.0", "1.3812345678e10", "6222020200112230",
        "0.00013812345678e+14", "13812345678e-11", "1E9"}) {
    EXPECT_TRUE(is_long_number(yes)) << yes;
  }
  for (const auto* no : {"12345678", "-12345678", "-0.000123456789", "0.1234567890123", "1e5",
                         "1.3812345678e-5", "0e99", "1.5e400", "1e99999999999999999999"}) {
    EXPECT_FALSE(is_long_number(no)) << no;
  }
}

TEST(JsonNumber, ValuesAreWrittenOut) {
  const std::vector<std::pair<std::string, std::string>> values{
      {"13812345678.0", "13812345678"},      {"1.3812345678e10", "13812345678"},
      {"1.3812345678E+10", "13812345678"},   {"138123456780e-1", "13812345678"},
      {"0.000138123456780e14", "13812345678"}, {"-1.3812345678e10", "-13812345678"},
      {"13812345678e2", "1381234567800"},    {"1.38123456785e10", "13812345678.5"},
      {"1e9", "1000000000"}};
  for (const auto& [number, value] : values) EXPECT_EQ(written_out(number), value) << number;
  for (const auto* same : {"13812345678", "13812345678.5", "1e5", "0.5", "1.2e-7", "0", "0.0e9",
                           "1e400", "13812345678e-11", "1e99999999999999999999"}) {
    EXPECT_EQ(written_out(same), std::nullopt) << same;
  }
}

}  // namespace
}  // namespace menshen::protocol
