#include "detectors/recognizers/pattern_table.h"

#include "detectors/catalog.h"
#include "detectors/engine/lines.h"
#include "detectors/recognizers/recognizers.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>

namespace menshen::detectors {
namespace {

// What an automaton of all beginnings, and one that begins anew at each place, find hard:
// repetitions that may go on as well as end.
const std::string branching = "[A-Za-z0-9]{20,100}[A-Z][a-z]{3,40}x?[0-9]{5,90}";

std::string made_for_branching(std::size_t bytes, std::mt19937& random) {
  std::string text;
  while (text.size() < bytes) {
    text += std::string(20 + random() % 30, 'A') + "B" + std::string(3 + random() % 38, 'a');
    for (std::size_t n = random() % 9; n > 0; --n) text += "Aa0"[random() % 3];
    text += std::string(1 + random() % 5, '3');
    if (random() % 50 == 0) text += "\n";
  }
  return text;
}

// Work is counted: instructions times bytes.
TEST(PatternTable, AsksNoMoreThanItSays) {
  for (const std::string& pattern :
       {branching, std::string("[ab]{2}(?:[ab]{0,40}b?x)?"), std::string("[ab]{1,30}[bc]{1,30}c"),
        std::string("\\w+@?\\w+")}) {
    PatternTable patterns;
    ASSERT_EQ(patterns.add(pattern, 0), "");
    ASSERT_EQ(patterns.build(), "");
    ASSERT_GT(patterns.work_max(), 0U) << pattern;
    ASSERT_LE(patterns.work_max(), pattern_work_max) << pattern;
    std::mt19937 random(7);
    for (const std::string& text :
         {made_for_branching(400, random), std::string(400, 'a'), std::string(400, 'b'),
          std::string("ab cx@ abab"), std::string(30, 'c')}) {
      const std::size_t owned = std::min(text.size(), line_owned_bytes);
      std::vector<PatternTable::Found> found;
      const std::size_t work = patterns.find({.text = text, .begin = 0, .owned_end = owned}, found);
      EXPECT_LE(work, owned * patterns.work_max()) << pattern << " in " << text;
    }
  }
}

TEST(PatternTable, RefusesWhatATextCouldMakeCostTooMuch) {
  PatternTable patterns;
  const std::string fault = patterns.add(".{0,50}secret.{0,50}", 0);
  EXPECT_NE(fault.find("steps a byte, and at most 10000 are allowed"), std::string::npos) << fault;
  EXPECT_NE(patterns.add("\\pL+公司", 0), "");
  for (const char* good : {"\\p{Han}+公司", "secret.{0,50}", "[A-Z]{100}[0-9]{100}", "SECRET-.*"}) {
    EXPECT_EQ(patterns.add(good, 0), "") << good;
  }
  PatternTable many;
  std::size_t added = 0;
  for (; added < 20; ++added) ASSERT_EQ(many.add(branching + std::to_string(added), 0), "");
  EXPECT_NE(many.build().find("steps a byte together"), std::string::npos);
}

// In each line, in which a window sees all, the matches are those of RE2 alone.
TEST(PatternTable, FindsWhatRE2FindsByItself) {
  std::mt19937 random(19);
  for (const char* pattern : {"[ab]{2,9}b", "[ab]{2}(?:[ab]{0,9}c)?", "(?:ab?)+b", "a.{0,4}?b",
                              "\\b[ab]+c", "[ab]{3}", "(?:a|ab)(?:c|bcd)?", "[ac]{2,7}\\b"}) {
    PatternTable patterns;
    ASSERT_EQ(patterns.add(pattern, 0), "");
    ASSERT_EQ(patterns.build(), "");
    const re2::RE2 alone(pattern);
    for (int n = 0; n < 300; ++n) {
      std::string text;
      for (std::size_t bytes = random() % 120; text.size() < bytes;)
        text += "aabbbcd "[random() % 8];
      std::vector<PatternTable::Found> found;
      (void)patterns.find({.text = text, .begin = 0, .owned_end = text.size()}, found);
      std::string mine;
      for (const auto& f : found)
        mine += std::to_string(f.begin) + "-" + std::to_string(f.end) + " ";
      std::string expected;
      re2::StringPiece match;
      for (std::size_t at = 0;
           alone.Match(text, at, text.size(), re2::RE2::UNANCHORED, &match, 1);) {
        const auto begin = static_cast<std::size_t>(match.data() - text.data());
        at = begin + match.size();
        expected += std::to_string(begin) + "-" + std::to_string(at) + " ";
      }
      ASSERT_EQ(mine, expected) << pattern << " in " << text;
    }
  }
}

TEST(PatternTable, CutsChangeNothingWhereRepetitionsBranch) {
  RecognizersBuilder builder;
  const std::uint32_t own = builder.add({.name = "own", .summary = "own", .confidence = 0.9F});
  ASSERT_EQ(builder.add_pattern(own, branching), "");
  ASSERT_EQ(builder.add_pattern(own, "[a-c]{3,20}b[a-z]{2,5}"), "");
  ASSERT_EQ(builder.build(), "");
  Scanner scanner(Catalog::extended(nullptr, builder.take()));
  std::mt19937 random(23);
  for (int n = 0; n < 4; ++n) {
    const std::string text = made_for_branching(700, random) + " abcabcbaa";
    const auto whole = testing::feed(scanner, text, {});
    ASSERT_EQ(whole.broken, "");
    ASSERT_FALSE(whole.findings.empty());
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      const auto parts = testing::feed(scanner, text, {cut, cut + (text.size() - cut) / 2});
      ASSERT_EQ(parts.broken, "");
      ASSERT_TRUE(testing::same(whole.findings, parts.findings)) << text << " at " << cut;
    }
  }
}

}  // namespace
}  // namespace menshen::detectors
