#include "detectors/recognizers/literal_filter.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace menshen::detectors {
namespace {

std::vector<int> hits_of(const std::vector<std::string>& literals, std::string_view text) {
  LiteralFilter filter;
  filter.build(literals);
  std::vector<int> hits;
  filter.find(text, hits);
  std::ranges::sort(hits);
  return hits;
}

using Hits = std::vector<int>;

TEST(LiteralFilter, FindsTextsInAnyCaseOfAscii) {
  EXPECT_EQ(hits_of({"emp-", "kunde"}, "an EMP-1, a Kunde"), (Hits{0, 1}));
  EXPECT_EQ(hits_of({"emp-", "kunde"}, "an emp1, a kund"), Hits{});
  EXPECT_EQ(hits_of({"emp_"}, "emp\x7f emp\x5f"), Hits{0});
  EXPECT_EQ(hits_of({"a[b"}, "a{b"), Hits{}) << "alike but for the bit of the case";
}

TEST(LiteralFilter, FindsThemAtEveryPlaceWhateverTheirLengths) {
  for (const std::string literal : {"abc", "abcd", "abcde", "abcdef", "abcdefghijkl", "工号"}) {
    for (std::size_t before = 0; before < 12; ++before) {
      for (std::size_t behind = 0; behind < 6; ++behind) {
        const std::string text = std::string(before, '.') + literal + std::string(behind, '.');
        EXPECT_EQ(hits_of({literal}, text), Hits{0}) << text;
        EXPECT_EQ(hits_of({"zzzzzzzz", literal}, text), Hits{1}) << text;
        EXPECT_EQ(hits_of({"zzz", literal}, text), Hits{1}) << text;
      }
    }
    EXPECT_EQ(hits_of({literal}, literal.substr(1)), Hits{}) << literal;
  }
}

TEST(LiteralFilter, NamesEachOnce) {
  EXPECT_EQ(hits_of({"abc", "abcd", "bcd"}, "abcd abcd"), (Hits{0, 1, 2}));
}

TEST(LiteralFilter, CountsAsThereWhatItCannotTell) {
  LiteralFilter filter;
  filter.build(std::vector<std::string>{"ab", "société", "москва", "emp", "工号", "한국"});
  EXPECT_TRUE(std::ranges::equal(filter.always(), Hits{0, 1, 2}));
}

TEST(LiteralFilter, TakesShortTextsAndNone) {
  EXPECT_EQ(hits_of({"abc"}, ""), Hits{});
  EXPECT_EQ(hits_of({"abc"}, "ab"), Hits{});
  EXPECT_EQ(hits_of({"abc"}, "abc"), Hits{0});
  EXPECT_EQ(hits_of({}, "abc"), Hits{});
}

}  // namespace
}  // namespace menshen::detectors
