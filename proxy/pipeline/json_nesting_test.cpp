// Where JSON stands in a text, and how a value is written there.
#include "proxy/pipeline/json_nesting.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace menshen::pipeline {
namespace {

using Json = nlohmann::ordered_json;

unsigned depth_behind(std::string_view text, bool is_json = false) {
  JsonNesting nesting(is_json);
  nesting.feed(text);
  return nesting.depth();
}

TEST(JsonNesting, CountsTheStringsOfJsonInStringsOfJson) {
  std::string text = R"({"a":")";
  EXPECT_EQ(depth_behind(text), 1U);
  Json inner = "X";
  for (unsigned depth = 1; depth <= JsonNesting::depth_max; ++depth) {
    inner = Json{{"k", depth == 1 ? Json("X") : Json(inner.dump())}};
    const std::string whole = inner.dump();
    const std::size_t at = whole.find('X');
    EXPECT_EQ(depth_behind(whole.substr(0, at)), depth) << whole;
    EXPECT_EQ(depth_behind(whole.substr(0, at), true), depth) << whole;
    EXPECT_EQ(depth_behind(whole), 0U) << whole;
  }
  inner = Json{{"k", inner.dump()}};
  EXPECT_EQ(depth_behind(inner.dump().substr(0, inner.dump().find('X'))), JsonNesting::depth_max);
}

// A string may end with backslashes of its own.
TEST(JsonNesting, TellsAQuoteFromAnEscapedOneBehindBackslashes) {
  for (const std::string_view end : {"", "\\", "\\\\", "\"", "\\\"", "\"\\"}) {
    Json inner = "X";
    for (unsigned depth = 1; depth <= JsonNesting::depth_max; ++depth) {
      inner = Json{{"a", end}, {"k", depth == 1 ? Json("X") : Json(inner.dump())}, {"z", end}};
      const std::string whole = inner.dump();
      const std::string before = whole.substr(0, whole.find('X'));
      EXPECT_EQ(depth_behind(before), depth) << before;
      EXPECT_EQ(depth_behind(before, true), depth) << before;
      EXPECT_EQ(depth_behind(whole), 0U) << whole;
    }
  }
}

TEST(JsonNesting, IsNoneInProse) {
  for (const std::string_view text :
       {R"(He said: ")", R"([Note] ")", R"({as "x)", R"(f("a", ")", R"({'a': ")", R"({a: ")"}) {
    EXPECT_EQ(depth_behind(text), 0U) << text;
  }
  EXPECT_EQ(depth_behind("see {\"a\":1} \""), 0U);
  EXPECT_EQ(depth_behind("see [[1],[\""), 1U);
  EXPECT_EQ(depth_behind("see {\n  \"a\": \""), 1U);
  EXPECT_EQ(depth_behind("{\"a: b\n\""), 0U);
}

TEST(JsonNesting, WhatIsEscapedIsDecodedAgain) {
  for (const std::string_view value :
       {"plain", "a\"b\\c", "line\nbreak\ttab", "\\\\\"\"", "张三 🙂", "\x01\x1f"}) {
    for (unsigned depth = 0; depth <= JsonNesting::depth_max; ++depth) {
      const std::string written = escaped_at(depth, value);
      EXPECT_EQ(decoded_at(depth, written), value);
      std::string text = written;
      for (unsigned i = 0; i < depth; ++i) text = Json::parse('"' + text + '"').get<std::string>();
      EXPECT_EQ(text, value);
    }
  }
  EXPECT_EQ(decoded_at(1, R"(bad \q)"), R"(bad \q)");
  EXPECT_EQ(decoded_at(1, R"(half \)"), R"(half \)");
}

}  // namespace
}  // namespace menshen::pipeline
