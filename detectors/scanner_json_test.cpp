// JSON inside texts: numbers and keys of documents, of strings that hold one, and what only looks
// so.
#include "detectors/testing/scanning.h"

#include <gtest/gtest.h>

#include <array>
#include <tuple>
#include <utility>

namespace menshen::detectors {
namespace {

using testing::describe;
using testing::expect_cuts_change_nothing;
using testing::find;
using testing::redacted;
using testing::Written;

TEST(Scanner, NumbersOfJsonAreFoundWholeAtEachDepth) {
  const std::vector<Written> texts{
      {R"({"n": 13800138000})", R"({"n": <cn_mobile/0>})"},
      {"\ufeff \n```json\n[-13800138000, 1]\n```", "\ufeff \n```json\n[<cn_mobile/0>, 1]\n```"},
      {R"(Result: {"n":13800138000)", R"(Result: {"n":<cn_mobile/0>)"},
      {R"({"s": "{\"n\": 13800138000}"})", R"({"s": "{\"n\": <cn_mobile/1>}"})"},
      {R"(so {\"n\": [13800138000], \"m\": "x" [13800138000])",
       R"(so {\"n\": [<cn_mobile/1>], \"m\": "x" [<cn_mobile/0>])"},
      {R"({"s": "{\"t\": \"{\\\"n\\\": 13800138000}\"}"})",
       R"({"s": "{\"t\": \"{\\\"n\\\": <cn_mobile/2>}\"}"})"},
      {R"({"a": "\n", "n": 13800138000})", R"({"a": "\n", "n": <cn_mobile/0>})"},
      {R"([call 13800138000])", R"([call [cn_mobile]])"},
      {R"([138-0013-8000])", R"([[cn_mobile]])"},
      {R"({x: 13800138000})", R"({x: [cn_mobile]})"},
      {R"({"a": "[call] 13800138000"})", R"({"a": "[call] [cn_mobile]"})"},
      {R"({"s": "[13800138000, 1]"})", R"({"s": "[<cn_mobile/1>, 1]"})"},
      {R"({"s": "[1, [13800138000]]", "n": [13800138000]})",
       R"({"s": "[1, [<cn_mobile/1>]]", "n": [<cn_mobile/0>]})"},
      {R"({"s": "[13800138000, {\"n\": 13800138000}]"})",
       R"({"s": "[<cn_mobile/1>, {\"n\": <cn_mobile/1>}]"})"},
      {R"({"s": "{\"t\": \"[13800138000, 1]\"}"})", R"({"s": "{\"t\": \"[<cn_mobile/2>, 1]\"}"})"},
      {R"({"s": "{\"t\": \"[13800138000, \\\"x\\\", 13800138000]\"}"})",
       R"({"s": "{\"t\": \"[<cn_mobile/2>, \\\"x\\\", <cn_mobile/2>]\"}"})"},
      {R"({"s": "[)" + std::string(200, ' ') + R"({\"n\": 13800138000}]"})",
       R"({"s": "[)" + std::string(200, ' ') + R"({\"n\": <cn_mobile/1>}]"})"},
      {"13800138000", "[cn_mobile]"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected);
    expect_cuts_change_nothing(text);
  }
}

// By the digits as they are written, and by the value.
TEST(Scanner, NumbersOfJsonWithFractionsAndExponents) {
  for (const std::string number :
       {"13800138000.0", "-13800138000.50", "13800138000.5", "-13800138000.50e+3", "1.3800138e10",
        "138001380000e-1", "13800138000E2", "-0.13800138e+11"}) {
    for (const auto& [before, after, depth] :
         std::vector<std::array<std::string, 3>>{{R"({"n": )", "}", "0"},
                                                 {R"(结果：[1, )", "]", "0"},
                                                 {R"({"s": "[1, )", R"(]"})", "1"},
                                                 {R"({"s": "{\"n\": )", R"(}"})", "1"}}) {
      const std::string text = before + number + after;
      EXPECT_EQ(redacted(text), before + "<cn_mobile/" + depth + ">" + after);
      expect_cuts_change_nothing(text);
    }
    // Behind a comma and outside of JSON it is a quantity.
    if (number.find("000.5") != std::string::npos) {
      EXPECT_EQ(redacted("a, " + number), "a, " + number);
    }
  }
  for (const auto* nobodys : {"[1380013800.5]", "[1.3800138e9]", "[138.00138000]", "[1e400]"}) {
    EXPECT_EQ(redacted(nobodys), nobodys);
  }
}

// A single number in brackets is JSON, or a word of what goes on in its line.
TEST(Scanner, ANumberInBracketsOfMarkdownAndOfProseIsNoJson) {
  const std::vector<Written> texts{
      {"[13800138000](tel:13800138000)", "[[cn_mobile]](tel:[cn_mobile])"},
      {"拨打 [13800138000](tel:13800138000) 联系", "拨打 [[cn_mobile]](tel:[cn_mobile]) 联系"},
      {"![13800138000][1] and [ 13800138000 ]: x", "![[cn_mobile]][1] and [ [cn_mobile] ]: x"},
      {"call [13800138000] now", "call [[cn_mobile]] now"},
      {"请拨打[13800138000]，谢谢", "请拨打[[cn_mobile]]，谢谢"},
      {R"x({"a": "[13800138000](tel:1)"})x", R"x({"a": "[[cn_mobile]](tel:1)"})x"},
      {R"({"a": "{\"b\": \"[13800138000] 谢谢\"}"})",
       R"({"a": "{\"b\": \"[[cn_mobile]] 谢谢\"}"})"},
      {"[13800138000]", "[<cn_mobile/0>]"},
      {"[13800138000] \n", "[<cn_mobile/0>] \n"},
      {"Result: [13800138000]\nSee there.", "Result: [<cn_mobile/0>]\nSee there."},
      {"```\n[13800138000]```", "```\n[<cn_mobile/0>]```"},
      {"[13800138000] {\"n\": 13800138000}", "[<cn_mobile/0>] {\"n\": <cn_mobile/0>}"},
      {"[13800138000, 13800138000] (two)", "[<cn_mobile/0>, <cn_mobile/0>] (two)"},
      {"[[13800138000]] (one)", "[[<cn_mobile/0>]] (one)"},
      {R"({"a": "[13800138000]"})", R"({"a": "[<cn_mobile/1>]"})"},
      {"[13800138000]" + std::string(9, ' ') + "x", "[<cn_mobile/0>]" + std::string(9, ' ') + "x"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected);
    expect_cuts_change_nothing(text);
  }
}

TEST(Scanner, JsonPlaces) {
  const std::string text =
      R"({"13800138000": ["13900139000", 13700137000, {"a": "b", "c": "13600136000"}]})";
  const auto found = find(text);
  ASSERT_EQ(found.size(), 4U) << describe(found);
  EXPECT_EQ(found[0].place, core::Place::json_key);
  EXPECT_EQ(found[1].place, core::Place::json_string);
  EXPECT_EQ(found[2].place, core::Place::json_bare);
  EXPECT_EQ(found[3].place, core::Place::json_string);
  expect_cuts_change_nothing(text);
}

TEST(Scanner, KeysAreThoseOfTheDocumentThatTheTextIs) {
  const std::pair<std::string, core::Place> texts[] = {
      {R"({"13800138000": 1})", core::Place::json_key},
      {"\xEF\xBB\xBF \n"
       R"([{"a": {"13800138000": 1}}])",
       core::Place::json_key},
      {R"({"code":"x = {\"13800138000\": 1}"})", core::Place::json_string},
      {R"({"code":"x = [{\"a\": {\"13800138000)", core::Place::json_string},
      {R"(printf("{\"13800138000 is mine)", core::Place::json_string},
      {R"(see {"13800138000": 1})", core::Place::json_string},
      {R"("{\"13800138000\":1}")", core::Place::json_string},
      {R"({"{\"13800138000\":1}":2})", core::Place::json_key},
  };
  for (const auto& [text, place] : texts) {
    const auto found = find(text);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].place, place) << text;
    expect_cuts_change_nothing(text);
  }
}

// Bytes that are no UTF-8 end no string.
TEST(Scanner, InvalidBytesInAString) {
  for (const char* bytes : {"\xEF", "\x80", "\xF0\x9F\x92", "\xC0\xAF"}) {
    for (const auto& [before, behind, place] :
         {std::tuple("{\"", "b@corp.example\": 1}", core::Place::json_key),
          std::tuple("{\"a\": \"", " b@corp.example\"}", core::Place::json_string),
          std::tuple("{\"a\": ", "\"b@corp.example\"}", core::Place::plain)}) {
      const std::string text = std::string(before) + bytes + behind;
      const auto found = find(text);
      ASSERT_EQ(found.size(), 1U) << text;
      EXPECT_EQ(found[0].place, place) << text;
      expect_cuts_change_nothing(text);
    }
  }
}

TEST(Scanner, JsonDeeperThanIsKnownCountsAsKeys) {
  const std::string text = std::string(5000, '[') + "\"13800138000\"";
  const auto found = find(text);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].place, core::Place::json_key);
}

TEST(Scanner, BrokenJsonIsStillScanned) {
  for (const std::string text :
       {R"({"a": "13800138000)", R"(13800138000"}]})", R"({"a": '\u0031\u0033800138000'})",
        R"("\ud800 13800138000 \u12)", R"(\)"}) {
    const auto found = find(text);
    EXPECT_EQ(found.size(), text.size() > 2 ? 1U : 0U) << text;
    expect_cuts_change_nothing(text);
  }
}

}  // namespace
}  // namespace menshen::detectors
