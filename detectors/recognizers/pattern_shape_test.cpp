#include "detectors/recognizers/pattern_shape.h"

#include <gtest/gtest.h>

#include <string>

namespace menshen::detectors {
namespace {

constexpr std::size_t no_bound = PatternShape::unbounded;

void expect_bytes(std::string_view pattern, std::size_t min, std::size_t max) {
  const PatternShape shape = shape_of(pattern);
  EXPECT_EQ(shape.bytes_min, min) << pattern;
  EXPECT_EQ(shape.bytes_max, max) << pattern;
  EXPECT_FALSE(shape.anchored) << pattern;
  EXPECT_FALSE(shape.splits) << pattern;
}

TEST(PatternShape, KnowsHowLongMatchesAre) {
  expect_bytes("EMP-\\d{6}", 10, 10);
  expect_bytes("\\bab\\B", 2, 2);
  expect_bytes("工号", 6, 6);
  expect_bytes(".", 1, 4);
  expect_bytes("[a-c]x", 2, 2);
  expect_bytes("[^a]", 1, 4);
  expect_bytes("[]a]b", 2, 2);
  expect_bytes("[^]a]b", 2, 5);
  expect_bytes("[[:alpha:]]{3}", 3, 3);
  expect_bytes("[[:^alpha:]]", 1, 4);
  expect_bytes("[一-龥]{2,4}", 2, 16);
  expect_bytes("a|bcd|ef", 1, 3);
  expect_bytes("(?:a|bcd)(x)", 2, 4);
  expect_bytes("(?P<name>ab)c", 3, 3);
  expect_bytes("a+", 1, no_bound);
  expect_bytes("a*b", 1, no_bound);
  expect_bytes("(ab)?c{2,}", 2, no_bound);
  expect_bytes("a+?b*?c??", 1, no_bound);
  expect_bytes("(a{2}){3}", 6, 6);
  expect_bytes("a{2,3}?", 2, 3);
  expect_bytes("a{,3}", 5, 5);
  expect_bytes("\\Qa.b\\E\\.", 4, 4);
  expect_bytes("\\x{4e00}\\x41\\pL\\p{Han}", 6, 12);
  expect_bytes("[\\x{2d}-\\x39]\\x3a", 2, 2);
  expect_bytes("\\101a", 2, 3);
  expect_bytes("\\n\\t\\-\\W", 4, 7);
  expect_bytes("(?i)k-1", 3, 5);
  expect_bytes("(?i)emp-1", 5, 5);
  expect_bytes("(?s:.)a", 2, 5);
  expect_bytes("((((a))))", 1, 1);
  expect_bytes("", 0, 0);
  expect_bytes("(a|)", 0, 1);
}

// The bytes of ASCII that may stand at the first places; "*" where any byte may.
std::string prefix_of(std::string_view pattern) {
  std::string out;
  for (const auto& bytes : shape_of(pattern).prefix) {
    out += out.empty() ? "" : " ";
    if (bytes.all()) {
      out += '*';
      continue;
    }
    for (std::size_t c = 0; c < 0x80; ++c) {
      if (bytes[c]) out += static_cast<char>(c);
    }
    if (bytes[0x80]) out += '+';
  }
  return out;
}

TEST(PatternShape, KnowsWhichBytesMatchesBeginWith) {
  EXPECT_EQ(prefix_of("EMP-\\d"), "E M P -");
  EXPECT_EQ(prefix_of("\\b[A-C]{2}\\d{6}"), "ABC ABC 0123456789 0123456789");
  EXPECT_EQ(prefix_of("a|bc"), "ab * * *");
  EXPECT_EQ(prefix_of("(?:ab|cd)e+f"), "ac bd e *");
  EXPECT_EQ(prefix_of("a?bc"), "* * * *");
  EXPECT_EQ(prefix_of("a{2,3}b"), "a a * *");
  EXPECT_EQ(prefix_of("(?i)ab-[x-z]"), "Aa Bb - XYZxyz+");
  EXPECT_EQ(prefix_of("(?i)k1"), "* * * *");
  EXPECT_EQ(prefix_of("[^0-9]").find('0'), std::string::npos);
  EXPECT_NE(prefix_of("[^0-9]").find('+'), std::string::npos);
  EXPECT_EQ(prefix_of("[]a\\-\\]-]x"), "-]a x * *");
  EXPECT_NE(prefix_of("[[:digit:]]1").find('7'), std::string::npos);
  EXPECT_EQ(prefix_of("[\\d_]."), "0123456789_ * * *");
  EXPECT_EQ(prefix_of("\\Qa.\\E\\.\\n"), "a . . *");
  EXPECT_EQ(prefix_of("\\x41\\x{3a}[\\x{30}-\\x{32}x]b"), "A : 012x b");
}

// Whether a byte can mean two places of a pattern at once.
TEST(PatternShape, KnowsWhetherARepetitionMayGoOnAsWellAsEnd) {
  for (const char* pattern :
       {"[a-z]{2,9}x", "[A-Za-z0-9]{20,100}[A-Z][a-z]{3,40}x?[0-9]{5,90}", ".*x", "(?:a+)+",
        "(?:ab?)*b", "a*a", "\\d{4,6}-?\\d{2}", "(?:a|ab)b?c", "a?(?:b?a)", "\\pL+公", "x{1,3}?x",
        "(a?b?)+a", "[^x]{2,3}y", "(?i)[a-z]{1,2}K"}) {
    EXPECT_TRUE(shape_of(pattern).branches) << pattern;
  }
  for (const char* pattern :
       {"EMP-\\d{6}", "[a-z]{2,9}[0-9]", "SECRET-.*", "tok_\\w+", "(?:ab|cd)+e", "EMP-?\\d{6}",
        "[A-Z][A-Z0-9]{6,36}[g-z]", "\\b[A-Z]{2}\\d{4,8}\\b", "(?:foo|far)", "\\d+(?:\\.\\d+)?",
        "[A-Za-z0-9_-]{20,100}\\.[A-Za-z0-9_-]{20,100}", "[0-9]+:"}) {
    EXPECT_FALSE(shape_of(pattern).branches) << pattern;
  }
}

TEST(PatternShape, KnowsHowFarBehindAMatchMayBeRead) {
  EXPECT_EQ(shape_of("EMP-\\d{6}").bytes_ahead, 1U);
  EXPECT_EQ(shape_of("SECRET-[a-z]*").bytes_ahead, 1U);
  EXPECT_EQ(shape_of("ab(?:[a-z]{0,50}x)?").bytes_ahead, 51U);
  EXPECT_EQ(shape_of("[a-z]{0,50}x").bytes_ahead, 51U);
  EXPECT_EQ(shape_of("ab|[a-z]{30}x").bytes_ahead, 29U);
}

TEST(PatternShape, KnowsWhatIsAskedOfTheText) {
  for (const char* pattern : {"^a", "a$", "(b|^)a", "\\Aa", "a\\z"}) {
    EXPECT_TRUE(shape_of(pattern).anchored) << pattern;
  }
  for (const char* pattern : {"[$]", "[^a]", "\\$", "\\^", "\\Q$\\E", "[\\]$]"}) {
    EXPECT_FALSE(shape_of(pattern).anchored) << pattern;
  }
  EXPECT_TRUE(shape_of("a\\C").splits);
  EXPECT_FALSE(shape_of("\\\\C").splits);
}

// Whatever is no expression has some shape.
TEST(PatternShape, EndsOnAnything) {
  for (const char* pattern : {"(", ")", "[", "[^", "[]", "\\", "\\Q", "\\x", "\\x{", "\\p", "a{",
                              "a{1", "(?", "(?P<", "*", "{1}", "[[:", "))((", "\xff\xfe"}) {
    (void)shape_of(pattern);
  }
  std::string deep(100'000, '(');
  EXPECT_EQ(shape_of(deep + "a").bytes_min, 1U);
  EXPECT_EQ(shape_of("((a{1000}){1000}){1000}").bytes_max, no_bound);
}

}  // namespace
}  // namespace menshen::detectors
