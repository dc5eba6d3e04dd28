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
const Code quoted = each("=%02X");
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
      {"mail zhang.san(at)corp(dot)example", "mail [email]"},
      {"邮箱 zhang.san 艾特 corp 点 example，谢谢", "邮箱 [email]，谢谢"},
      {"邮箱 zhang.san (at) corp 點 example", "邮箱 [email]"},
      {"zhang.san@corp 点 example", "[email]"},
      {R"({"m": "li 艾特 corp 点 example"})", R"({"m": "[email]"})"},
      {R"({"m": "li [at] corp [dot] example"})", R"({"m": "[email]"})"},
      {percent("li [at] corp.example"), "[email]"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected) << text;
    expect_cuts_change_nothing(text);
  }
  for (const std::string text :
       {"the meeting (at 5) is (at) the office [at] noon", "array[at] = f(dot)",
        "三点半艾特他一下，点一下", "艾", "下午 3 点 pm", "@org 点 com", "li@org 点 这里",
        "li@org 点", "see [", "a (at", "@org点击这里", "(             at)",
        "x [attribute] (dotted)", " ", "艾特"}) {
    EXPECT_EQ(redacted(text), text);
    expect_cuts_change_nothing(text);
  }
}

TEST(Disguises, ANumberMayGoOnInTheNextLine) {
  const std::vector<Written> texts{
      {"手机：1380013\n8000，谢谢", "手机：[cn_mobile]，谢谢"},
      {"phone 138-0013-\r\n8000", "phone [cn_mobile]"},
      {"my phone is 138 0013\r\n8000 now", "my phone is [cn_mobile] now"},
      {"身份证 110105\n19491231\n002X", "身份证 [cn_resident_id]"},
      {R"({"t": "card 41111111\n11111111"})", R"({"t": "card [bank_card]"})"},
      {"电话 13800138000\n13900139000\n", "电话 [cn_mobile]\n[cn_mobile]\n"},
      {"1380013\n8000", "1380013\n8000"},
      {"手机 1380013\n\n8000", "手机 1380013\n\n8000"},
      {"手机型号 138\n订单 00138000", "手机型号 138\n订单 00138000"},
      {"size 67108864\n081109 203615 35 INFO", "size 67108864\n081109 203615 35 INFO"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected) << text;
    expect_cuts_change_nothing(text);
  }
  std::string lines = "手机 1380013\n" + std::string(9'000, ' ');
  for (int i = 0; i < 4'000; ++i) lines += "\u200b";
  expect_cuts_change_nothing(lines + "8000");
  std::string column;
  for (int i = 0; i < 2'000; ++i) column += std::to_string(i * 7919) + "\n";
  expect_cuts_change_nothing("phone\n" + column);
}

TEST(Disguises, QuotedPrintableIsReadWhereItMustBeThat) {
  const std::vector<Written> texts{
      {"a " + quoted("13800138000") + " b", "a [cn_mobile] b"},
      {quoted("手机") + "13800138000", quoted("手机") + "[cn_mobile]"},
      {"To: " + quoted("li@corp.example"), "To: [email]"},
      {"port=53, ip=41.202.33.20; n=4155", "port=53, ip=[ip_address]; n=4155"},
      {"x=41=42 y=4=5 z==41", "x=41=42 y=4=5 z==41"},
      {"tel=13800138000&ssn=536-90-4399", "tel=[cn_mobile]&ssn=[us_ssn]"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected) << text;
    expect_cuts_change_nothing(text);
  }
}

// 0 and 1 as letters, where a label says that the word is a number.
TEST(Disguises, LettersMayBeDigits) {
  const std::vector<Written> texts{
      {"手机 l38OOl38OOO，", "手机 [cn_mobile]，"},
      {"my phone is 138-OOl3-8OOO.", "my phone is [cn_mobile]."},
      {"card 4lll llll llll llll", "card 4lll llll llll llll"},
      {"card 411111111111IIII", "card [bank_card]"},
      {"l38OOl38OOO", "l38OOl38OOO"},
      {"手机壳 model l38OOl38OOOX, lol100oO", "手机壳 model l38OOl38OOOX, lol100oO"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected) << text;
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
                                       "点",
                                       "=E6=89=8B",
                                       "=31",
                                       "=",
                                       "l38",
                                       "OOl3",
                                       "8OOO",
                                       "\n",
                                       "\r\n",
                                       "手机"};
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
