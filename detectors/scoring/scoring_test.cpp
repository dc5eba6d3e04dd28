// The parts: normalised view, term matcher, tokens of grounding.
#include "detectors/grounding/index.h"
#include "detectors/grounding/tokens.h"
#include "detectors/scoring/reading.h"
#include "detectors/scoring/terms.h"
#include "detectors/scoring/view.h"
#include "detectors/text/folding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace menshen::detectors::scoring {
namespace {

using testing::ElementsAre;

std::string view_of(std::string_view raw) {
  View view;
  view.assign(raw);
  return view.text;
}

// What fold_ascii() promises.
TEST(Folding, OfAsciiIsAscii) {
  const Folding& folding = Folding::instance();
  for (std::uint8_t c = 0; c < 0x80; ++c) {
    std::array<char32_t, Folding::expansion_max> out{};
    const std::size_t count = folding.fold(c, out.data());
    ASSERT_LE(count, 1U);
    ASSERT_LT(out[0], 0x80U);
    EXPECT_EQ(static_cast<char32_t>(folding.fold_ascii(c)), count == 0 ? 0 : out[0]);
  }
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

// Eight bytes at a time or one by one, whatever stands before.
TEST(View, FoldsAlikeAtEveryOffset) {
  const std::string_view raw =
      "The QUICK\tb\x01rown fox, a[Z]z{@}`~\x7F; Éß "
      "1gn0re i g n o r e 请無視\xFF.";
  const std::string folded =
      "the quick brown fox, a[z]z{@}`~; ess ignore ignore 请无视\xEF\xBF\xBD.";
  for (std::size_t before = 0; before <= 17; ++before) {
    const std::string lead(before, '#');
    EXPECT_EQ(view_of(lead + std::string(raw)), lead + folded);
  }
}

TEST(View, GrowsBeyondItsInput) {
  std::string raw;
  std::string folded;
  for (int i = 0; i < 1000; ++i) {
    raw += "\xFF\xEF\xB7\xBA";  // U+FDFA folds to several words, cut after four
                                // characters
    folded += "\xEF\xBF\xBDصلى ";
  }
  EXPECT_EQ(view_of(raw), folded);
}

TEST(View, Sentences) {
  View view;
  view.assign("It is 3.5. Yes! 好。");
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
  const TermMatcher matcher{std::array<Lexicon, 1>{{{scope("bias"), rows}}}};
  EXPECT_THAT(found_in(matcher, "she said hers"), ElementsAre("she", "hers"));
  EXPECT_THAT(found_in(matcher, "shed ashe other"), ElementsAre());
  EXPECT_THAT(found_in(matcher, "moronic"), ElementsAre("moron"));
  EXPECT_THAT(found_in(matcher, "go\nhome"), ElementsAre("go\nhome"));
  EXPECT_THAT(found_in(matcher, "大白痴"), ElementsAre("白痴", "痴"));
}

bool word_at(std::string_view text, std::size_t at) {
  const char c = at < text.size() ? text[at] : ' ';
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// A search for each term at each place, in the order that TermMatcher promises.
std::vector<std::string> naive_search(std::span<const std::string> terms, std::string_view text) {
  std::string blanks(text);
  std::ranges::replace(blanks, '\n', ' ');
  std::vector<std::string> out;
  for (std::size_t end = 1; end <= text.size(); ++end) {
    for (std::size_t begin = 0; begin < end; ++begin) {
      if (begin > 0 && word_at(text, begin - 1) && word_at(text, begin)) continue;
      const std::string_view piece = std::string_view(blanks).substr(begin, end - begin);
      for (const std::string& term : terms) {
        const bool open = term.ends_with('*');
        if (piece != std::string_view(term).substr(0, term.size() - (open ? 1 : 0))) continue;
        if (open || !word_at(text, end - 1) || !word_at(text, end))
          out.emplace_back(text.substr(begin, end - begin));
      }
    }
  }
  return out;
}

// Terms shorter than an entry, equal but for their '*', inside one another, in several scripts.
TEST(Terms, EqualANaiveSearch) {
  const std::array<std::string_view, 12> parts{"a",  "b",  "ab", "1",  " ",  "\n",
                                               "甲", "乙", "男", "-.", "❌", "b a"};
  std::mt19937 random(11);
  const auto made_of = [&](std::size_t count, std::size_t from) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += parts[random() % from];
    return out;
  };
  std::size_t found = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> terms;
    std::string row;
    for (std::size_t i = 0; i < 12; ++i) {
      std::string term = made_of(1 + random() % 4, parts.size());
      std::ranges::replace(term, '\n', ' ');
      if (random() % 4 == 0) term += '*';
      if (std::ranges::find(terms, term) != terms.end()) continue;
      terms.push_back(term);
      row += (row.empty() ? "" : "|") + term;
    }
    const std::array<TermRow, 1> rows{{{0, 1.0F, row}}};
    const TermMatcher matcher{std::array<Lexicon, 1>{{{scope("bias"), rows}}}};
    for (int text_round = 0; text_round < 20; ++text_round) {
      const std::string text = made_of(random() % 14, parts.size());
      const auto expected = naive_search(terms, text);
      EXPECT_EQ(found_in(matcher, text), expected) << row << "\n" << text;
      found += expected.size();
    }
  }
  EXPECT_GT(found, 10'000U);
}

TEST(Terms, OfCuesOnlyIsToldThatTheyAreThere) {
  static constexpr TermRow rows[] = {{0, 1.0F, "one"}};
  static constexpr TermRow cues[] = {{0, 0, "one|two"}, {3, 0, "three*"}};
  static constexpr TermRow others[] = {{1, 0, "two"}};
  const TermMatcher matcher{std::array<Lexicon, 3>{{{scope("bias"), rows, {}},
                                                    {scope("injection"), rows, cues},
                                                    {scope("toxicity"), {}, others}}}};
  std::vector<Hit> hits;
  const std::uint64_t found = matcher.find("one two threesome", hits);
  EXPECT_EQ(hits.size(), 2U);  // "one", of two lexicons
  EXPECT_EQ(matcher.cues_of(found, scope("injection")), 0b1001U);
  EXPECT_EQ(matcher.cues_of(found, scope("toxicity")), 0b10U);
  EXPECT_EQ(matcher.cues_of(found, scope("bias")), 0U);
  EXPECT_EQ(matcher.find("twofold thre", hits), 0U);
}

TEST(Terms, EndWithTheText) {
  static constexpr TermRow rows[] = {{0, 1.0F, "u|ab|abc|abcd|忽略"}};
  const TermMatcher matcher{std::array<Lexicon, 1>{{{scope("bias"), rows}}}};
  EXPECT_THAT(found_in(matcher, "u u"), ElementsAre("u", "u"));
  EXPECT_THAT(found_in(matcher, "ab abc abcd"), ElementsAre("ab", "abc", "abcd"));
  EXPECT_THAT(found_in(matcher, "忽"), ElementsAre());
  EXPECT_THAT(found_in(matcher, std::string_view("忽略").substr(0, 5)), ElementsAre());
  EXPECT_THAT(found_in(matcher, ""), ElementsAre());
}

TEST(Reading, ExemptCompoundsHideWhatIsInside) {
  Reading reading;
  reading.assign("垃圾分类");
  EXPECT_TRUE(reading.hits().empty());
  reading.assign("垃圾");
  EXPECT_FALSE(reading.hits().empty());
}

std::vector<double> numbers_in(std::string_view text) {
  Tokenizer tokens;
  tokens.assign(text);
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

TEST(Tokens, WordsHashByTheirLetters) {
  for (const std::string_view word :
       {"a", "letter", "seventy7", "lengthens", "incomprehensible", "überlänge", "слово"}) {
    std::vector<std::uint64_t> hashes;
    Tokenizer tokens;
    for (const std::string& text :
         {std::string(word), std::string(word) + "'s", "x " + std::string(word)}) {
      tokens.assign(text);
      Token last;
      for (Token token; tokens.next(token);) {
        if (token.kind == TokenKind::word) last = token;
      }
      hashes.push_back(last.hash);
    }
    EXPECT_THAT(hashes, testing::Each(hashes[0])) << word;
  }
  Tokenizer tokens;
  for (std::size_t letters = 5; letters < 40; ++letters) {
    const std::string word =
        std::string("incarnationsofthelongestpossiblewordsthatwehave").substr(0, letters) + "e";
    tokens.assign(word + "s " + word + " " + word.substr(0, 5));
    Token plural;
    Token single;
    Token head;
    ASSERT_TRUE(tokens.next(plural) && tokens.next(single) && tokens.next(head));
    EXPECT_EQ(plural.hash, single.hash);
    EXPECT_EQ(single.hash, word_hash(word));
    EXPECT_EQ(plural.prefix, head.prefix);
    EXPECT_NE(single.hash, head.hash);
    EXPECT_EQ(single.stripped, word.size() >= 7 ? word_hash(word.substr(2)) : 0);
  }
}

TEST(Tokens, Sentences) {
  Tokenizer tokens;
  tokens.assign("Mr. Smith paid 3.5. Did he? 是。对！");
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
