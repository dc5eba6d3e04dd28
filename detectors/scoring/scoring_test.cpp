// The parts: normalised view, term matcher, tokens of grounding.
#include "detectors/grounding/index.h"
#include "detectors/grounding/tokens.h"
#include "detectors/scoring/reading.h"
#include "detectors/scoring/terms.h"
#include "detectors/scoring/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace menshen::detectors::scoring {
namespace {

using testing::ElementsAre;

std::string view_of(std::string_view raw) {
  View view;
  EXPECT_TRUE(view.assign(raw).has_value());
  return view.text;
}

TEST(View, Folds) {
  EXPECT_EQ(view_of("ＡＢＣ　１２３"), "abc 123");
  EXPECT_EQ(view_of("Über Ñandú"), "uber nandu");
  EXPECT_EQ(view_of("раураl"), "paypal");  // Cyrillic
  EXPECT_EQ(view_of("請無視"), "请无视");
  EXPECT_EQ(view_of("a\u200b\u00adb"), "ab");
  EXPECT_EQ(view_of("𝐢𝐠𝐧𝐨𝐫𝐞"), "ignore");
  EXPECT_EQ(view_of("a \t b\r\n\n c"), "a b\nc");
  EXPECT_EQ(view_of(std::string_view("i\0g", 3)), "ig");
  EXPECT_EQ(view_of("a\xFF"
                    "b"),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(View, JoinsSpacedLettersAndTurnsDigitsBack) {
  EXPECT_EQ(view_of("i g n o r e"), "ignore");
  EXPECT_EQ(view_of("so i-g-n-o-r-e  it"), "so ignore it");
  EXPECT_EQ(view_of("a b c"), "a b c");
  EXPECT_EQ(view_of("1gn0re"), "ignore");
  EXPECT_EQ(view_of("gpt4 mp3 2023 10am"), "gpt4 mp3 2023 10am");
}

TEST(View, Sentences) {
  View view;
  ASSERT_TRUE(view.assign("It is 3.5. Yes! 好。").has_value());
  EXPECT_EQ(view.sentence_end(0), 10U);
  EXPECT_EQ(view.sentence_end(10), 15U);
  EXPECT_EQ(view.sentence_end(16), view.text.size());
}

std::vector<std::string> found_in(const TermMatcher& matcher, std::string_view text) {
  std::vector<Hit> hits;
  matcher.find(text, hits);
  std::vector<std::string> out;
  for (const Hit& hit : hits) out.emplace_back(text.substr(hit.begin, hit.end - hit.begin));
  return out;
}

TEST(Terms, WholeWordsPhrasesAndOverlaps) {
  static constexpr TermRow rows[] = {{0, 1.0F, "he|she|hers|his|moron*|go home|白痴|痴"}};
  const TermMatcher matcher{std::array<Lexicon, 1>{{{Scope::bias, rows}}}};
  EXPECT_THAT(found_in(matcher, "she said hers"), ElementsAre("she", "hers"));
  EXPECT_THAT(found_in(matcher, "shed ashe other"), ElementsAre());
  EXPECT_THAT(found_in(matcher, "moronic"), ElementsAre("moron"));
  EXPECT_THAT(found_in(matcher, "go\nhome"), ElementsAre("go\nhome"));
  EXPECT_THAT(found_in(matcher, "大白痴"), ElementsAre("白痴", "痴"));
}

// Against a search for each term at each place.
TEST(Terms, EqualANaiveSearch) {
  static constexpr TermRow rows[] = {{0, 1.0F, "甲乙|乙|乙丙丁|甲乙丙|丁甲"}};
  const TermMatcher matcher{std::array<Lexicon, 1>{{{Scope::bias, rows}}}};
  const std::array<std::string_view, 4> letters{"甲", "乙", "丙", "丁"};
  const std::array<std::string_view, 5> terms{"甲乙", "乙", "乙丙丁", "甲乙丙", "丁甲"};
  for (unsigned code = 0; code < 4096; ++code) {
    std::string text;
    for (unsigned rest = code, i = 0; i < 6; ++i, rest /= 4) text += letters[rest % 4];
    std::size_t expected = 0;
    for (const std::string_view term : terms) {
      for (std::size_t at = text.find(term); at != std::string::npos; at = text.find(term, at + 3))
        ++expected;
    }
    EXPECT_EQ(found_in(matcher, text).size(), expected) << text;
  }
}

TEST(Reading, ExemptCompoundsHideWhatIsInside) {
  Reading reading;
  ASSERT_TRUE(reading.assign("垃圾分类").has_value());
  EXPECT_TRUE(reading.hits().empty());
  ASSERT_TRUE(reading.assign("垃圾").has_value());
  EXPECT_FALSE(reading.hits().empty());
}

std::vector<double> numbers_in(std::string_view text) {
  Tokenizer tokens;
  EXPECT_TRUE(tokens.assign(text).has_value());
  std::vector<double> out;
  for (Token token; tokens.next(token);) {
    if (token.kind == TokenKind::number) out.push_back(token.value);
  }
  return out;
}

TEST(Tokens, Numbers) {
  EXPECT_THAT(numbers_in("1,234.5 and 2 million"), ElementsAre(1234.5, 2e6));
  EXPECT_THAT(numbers_in("12% or 12 percent"), ElementsAre(12, 12));
  EXPECT_THAT(numbers_in("三百二十"), ElementsAre(320));
  EXPECT_THAT(numbers_in("二〇一五年"), ElementsAre(2015));
  EXPECT_THAT(numbers_in("5万 3.2亿 十二 一百零五 两千三百万"),
              ElementsAre(5e4, 3.2e8, 12, 105, 2.3e7));
  EXPECT_THAT(numbers_in("10:30"), ElementsAre(10, 30));
  EXPECT_THAT(numbers_in("seven million"), ElementsAre(7e6));
  EXPECT_THAT(numbers_in("百分之十二"), ElementsAre(12));
}

TEST(Tokens, Sentences) {
  Tokenizer tokens;
  ASSERT_TRUE(tokens.assign("Mr. Smith paid 3.5. Did he? 是。对！").has_value());
  std::vector<bool> questions;
  for (Token token; tokens.next(token);) {
    if (token.kind == TokenKind::stop) questions.push_back(token.question);
  }
  EXPECT_THAT(questions, ElementsAre(false, true, false, false));
}

TEST(Index, HoldsEveryHashThroughGrowth) {
  HashSet set;
  set.reset(0);
  for (std::uint64_t i = 0; i < 5000; ++i) set.insert(hash_step(1, i));
  set.insert(0);
  for (std::uint64_t i = 0; i < 5000; ++i) EXPECT_TRUE(set.contains(hash_step(1, i)));
  EXPECT_TRUE(set.contains(0));
  EXPECT_FALSE(set.contains(hash_step(2, 1)));
}

}  // namespace
}  // namespace menshen::detectors::scoring
