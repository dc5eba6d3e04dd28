// Values in the ways in which texts hide them: escapes of URLs, HTML and programs, base64 and
// hexadecimal digits, each in each; and harmless texts in the same disguise.
#include "detectors/scanner.h"
#include "detectors/testing/scanning.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <random>

namespace menshen::detectors {
namespace {

using testing::expect_cuts_change_nothing;
using testing::find;
using testing::redacted;
using testing::Written;

using Code = std::function<std::string(std::string_view)>;

Code each(const char* format) {
  return [format](std::string_view text) {
    std::string out;
    for (const char c : text) {
      char buffer[16];
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
      std::snprintf(buffer, sizeof buffer, format, static_cast<unsigned char>(c));
      out += buffer;
    }
    return out;
  };
}

const Code percent = each("%%%02X");
const Code lower_percent = each("%%%02x");
const Code decimal = each("&#%u;");
const Code padded = each("&#%05u;");
const Code hexadecimal = each("&#x%X;");
const Code backslash = each("\\x%02x");
const Code hex = each("%02x");

std::string base64(std::string_view text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t n = 0; n < 3; ++n) {
      bits = bits << 8U | (i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0U);
    }
    for (std::size_t n = 0; n < 4; ++n) {
      out += i + n > text.size() ? '=' : digits[bits >> (18 - 6 * n) & 63U];
    }
  }
  return out;
}

// Percent signs alone: what a second encoding of a URL does.
std::string percent_again(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '%' ? "%25" : std::string(1, c);
  return out;
}

TEST(Disguises, EscapesOfEveryKindHideNothing) {
  const std::vector<Code> codes{percent, lower_percent, decimal, padded, hexadecimal, backslash};
  for (const Code& code : codes) {
    const std::vector<Written> texts{
        {"a " + code("13800138000") + " b", "a [cn_mobile] b"},
        {"写给" + code("li@corp.example") + "。", "写给[email]。"},
        {code("手机") + "13800138000" + code("，"), code("手机") + "[cn_mobile]" + code("，")},
        {code("<") + "li@corp.example" + code(">"), code("<") + "[email]" + code(">")},
        {"{\"q\": \"" + code("13800138000") + "\"}", "{\"q\": \"[cn_mobile]\"}"},
        {code("opening hours") + " " + code("2024-11-22"),
         code("opening hours") + " " + code("2024-11-22")},
    };
    for (const auto& [text, expected] : texts) {
      if (code(" ")[0] == '\\' && text.starts_with('{')) continue;  // no JSON
      EXPECT_EQ(redacted(text), expected);
      expect_cuts_change_nothing(text);
    }
  }
}

TEST(Disguises, EscapesInEscapesAreDecoded) {
  const std::vector<Written> texts{
      {percent_again(percent("13800138000")), "[cn_mobile]"},
      {percent_again(percent_again(percent("13800138000"))), "[cn_mobile]"},
      {"&amp;#49;3800138000", "[cn_mobile]"},
      {"&#37;313800138000", "[cn_mobile]"},
      {R"({"u": "q=\u0025313800138000"})", R"({"u": "q=[cn_mobile]"})"},
      {R"({"u": "li%40corp.example\n"})", R"({"u": "[email]\n"})"},
      {"https://h.example/?to=li%40corp.example&cc=wang%40corp.example",
       "https://h.example/?to=[email]&cc=[email]"},
      {"li&commat;corp&period;example", "[email]"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected) << text;
    expect_cuts_change_nothing(text);
  }
}

TEST(Disguises, SignsThatAreSpelledOutAreSigns) {
  const std::vector<Written> texts{
      {"mail zhang.san[at]corp[dot]example now", "mail [email] now"},
      {"mail zhang.san [at] corp [dot] example, please", "mail [email], please"},
      {"mail zhang.san (at) corp.example", "mail [email]"},
      {"mail zhang.san (AT) corp (DOT) example", "mail [email]"},
      {"mail zhang.san( at )corp( dot )example", "mail [email]"},
      {"mail zhang.san[@]corp.example", "mail [email]"},
      {"邮箱zhang.san艾特corp.example，谢谢", "邮箱[email]，谢谢"},
      {"邮箱 zhang.san 艾特 corp点example", "邮箱 [email]"},
      {"zhang.san@corp点example", "[email]"},
      {R"({"m": "li [at] corp [dot] example"})", R"({"m": "[email]"})"},
      {percent("li [at] corp.example"), "[email]"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected) << text;
    expect_cuts_change_nothing(text);
  }
  for (const std::string text :
       {"the meeting (at 5) is (at) the office [at] noon", "array[at] = f(dot)",
        "三点半艾特他一下，点一下", "艾", "see [", "a (at", "@org点击这里", "(             at)",
        "x [attribute] (dotted)", " ", "艾特"}) {
    EXPECT_EQ(redacted(text), text);
    expect_cuts_change_nothing(text);
  }
}

TEST(Disguises, WhatIsNoEscapeStaysAsItIs) {
  for (const std::string text :
       {"50% of 100%, %d %10s %-3d", "%13800138000 and %zz", "a && b &x &; &#; &#xZZ; &#1114112;",
        "&copy; 2024 R&D;", "%E6%89 %C0%80 %ED%A0%80 \\xE6\\x89", "%", "&", "&#", "\\x4"}) {
    const auto before = find(text);
    EXPECT_EQ(before.size(), text.find("13800138000") == std::string::npos ? 0U : 1U) << text;
    expect_cuts_change_nothing(text);
    EXPECT_EQ(redacted(text + " 13900139000"), redacted(text) + " [cn_mobile]");
  }
}

TEST(Disguises, TokensAreDecoded) {
  const std::string sentence = "我的手机号是13800138000，邮箱li@corp.example。";
  const std::vector<Written> texts{
      {"a " + base64("13800138000") + " b", "a [cn_mobile] b"},
      {"x=MTM4MDAxMzgwMDA&y=1", "x=[cn_mobile]&y=1"},
      {"https://h.example/u/" + base64("li.wei@corp.example"), "https://h.example/u/[email]"},
      {"data:text/plain;base64," + base64("wang@corp.example"), "data:text/plain;base64,[email]"},
      {hex("13800138000"), "[cn_mobile]"},
      {"0x" + hex("li@corp.example"), "0x[email]"},
      {base64(base64("13800138000")), "[cn_mobile]"},
      {base64(hex(base64("li.wei@corp.example"))), "[email]"},
      {base64(percent("13800138000")), "[cn_mobile]"},
      {percent(base64("13800138000")), "[cn_mobile]"},
      {"{\"d\": \"" + base64("li.wei@corp.example") + "\"}", "{\"d\": \"[email]\"}"},
      {R"({"d": "bGkud2VpQGNvcnAuZXhhbXBsZT8\/Pz8="})", R"({"d": "[email]Pz8="})"},
      {base64("opening hours are from 9 to 17"), base64("opening hours are from 9 to 17")},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected) << text;
    expect_cuts_change_nothing(text);
  }
  EXPECT_EQ(find(base64(sentence)).size(), 2U);
  EXPECT_EQ(find(base64(base64(base64(base64(sentence))))).size(), 0U) << "three are decoded";
}

// A document in base64 is read window by window: every value in it is found, once, and what is
// put in its place cannot be decoded any more.
TEST(Disguises, ALongTokenIsReadToItsEnd) {
  std::mt19937 random(5);
  std::string document;
  std::size_t values = 0;
  while (document.size() < 30'000) {
    for (std::size_t words = random() % 40; words > 0; --words) document += "prose ";
    document += values % 2 == 0 ? "手机13800138000，" : "<li.wei@corp.example> ";
    ++values;
  }
  const std::string text = "see " + base64(document) + " end";
  EXPECT_EQ(find(text).size(), values);
  EXPECT_TRUE(find(redacted(text)).empty());
  expect_cuts_change_nothing(text);
}

TEST(Disguises, NoiseAndBinaryDataAreNoTexts) {
  std::mt19937 random(7);
  std::string noise;
  for (int i = 0; i < 20'000; ++i) noise += static_cast<char>(random());
  const std::string text = base64(noise) + " " + hex(noise) + " " + std::string(20'000, '3');
  EXPECT_TRUE(find(text).empty());
  expect_cuts_change_nothing(text);
}

TEST(Disguises, RandomTextsOfEncodedPartsDoNotDependOnCuts) {
  const std::vector<std::string> atoms{"%31",
                                       "%2531",
                                       "%25",
                                       "&#49;",
                                       "&amp;",
                                       "&",
                                       "#x33",
                                       ";",
                                       "\\x38",
                                       "\\",
                                       "x30",
                                       "%E6%89%8B",
                                       "138",
                                       "0013",
                                       "8000",
                                       "MTM4MDAxMzgwMDA",
                                       "=",
                                       "/",
                                       "-",
                                       "3133383030313338303030",
                                       "①",
                                       "\\u0025",
                                       "\"",
                                       "{\"a\":",
                                       "%40",
                                       "li",
                                       "corp.example",
                                       " ",
                                       "[at]",
                                       "(dot)",
                                       "[",
                                       "(",
                                       "at",
                                       "艾",
                                       "艾特",
                                       "点"};
  std::mt19937 random(13);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::size_t count = 1 + random() % 30; count > 0; --count) {
      text += atoms[random() % atoms.size()];
    }
    expect_cuts_change_nothing(text);
  }
}

}  // namespace
}  // namespace menshen::detectors
