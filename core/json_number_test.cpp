#include "core/json_number.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace menshen::core {
namespace {

TEST(JsonNumber, FollowsTheGrammar) {
  for (const auto* good :
       {"0", "-0", "1", "10", "-12.50", "1e5", "1E+5", "0.1e-5", "123456789012345678901"}) {
    EXPECT_TRUE(is_json_number(good)) << good;
  }
  for (const auto* bad :
       {"", "-", "+1", "01", "-01", "1.", ".1", "1e", "1e+", "1.e5", "1a", "0x1", "--1", "1 "}) {
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
  for (const auto* yes : {"123456789", "-123456789", "13812345678.0", "1.3812345678e10",
                          "6222020200112230", "0.00013812345678e+14", "13812345678e-11", "1E9"}) {
    EXPECT_TRUE(is_long_number(yes)) << yes;
  }
  for (const auto* no : {"12345678", "-12345678", "-0.000123456789", "0.1234567890123", "1e5",
                         "1.3812345678e-5", "0e99", "1.5e400", "1e99999999999999999999"}) {
    EXPECT_FALSE(is_long_number(no)) << no;
  }
}

TEST(JsonNumber, ValuesAreWrittenOut) {
  const std::vector<std::pair<std::string, std::string>> values{
      {"13812345678.0", "13812345678"},
      {"1.3812345678e10", "13812345678"},
      {"1.3812345678E+10", "13812345678"},
      {"138123456780e-1", "13812345678"},
      {"0.000138123456780e14", "13812345678"},
      {"-1.3812345678e10", "-13812345678"},
      {"13812345678e2", "1381234567800"},
      {"1.38123456785e10", "13812345678.5"},
      {"1e9", "1000000000"}};
  for (const auto& [number, value] : values) EXPECT_EQ(written_out(number), value) << number;
  for (const auto* same : {"13812345678", "13812345678.5", "1e5", "0.5", "1.2e-7", "0", "0.0e9",
                           "1e400", "13812345678e-11", "1e99999999999999999999"}) {
    EXPECT_EQ(written_out(same), std::nullopt) << same;
  }
}

TEST(JsonNumber, DigitsAreSpelledUpToThePointOrTheExponent) {
  for (const auto* number : {"-13812345678", "-13812345678.50e+3", "-13812345678E5"}) {
    EXPECT_EQ(spelled_digits(number), "-13812345678") << number;
  }
}

}  // namespace
}  // namespace menshen::core
