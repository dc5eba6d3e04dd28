#include "detectors/text/segmenter.h"

#include "detectors/text/characters.h"
#include "detectors/text/decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace menshen::detectors {
namespace {

struct Seen final : RunSink {
  explicit Seen(const View& v) : view(&v) {}
  bool on_window(const RunWindow& w) override {
    windows.push_back(w);
    texts.emplace_back(view->slice(w.begin, w.end));
    return --left != 0;
  }
  const View* view;
  std::vector<RunWindow> windows;
  std::vector<std::string> texts;
  int left = -1;
};

// Every run, as text.
std::vector<std::string> runs(std::string_view text) {
  RunFilter all;
  all.add({1, 0, 0});
  View view;
  view.reset();
  Decoder decoder;
  decoder.reset();
  decoder.decode(text, view, {});
  Segmenter segmenter(all);
  Seen seen(view);
  EXPECT_TRUE(segmenter.finish(view, seen));
  EXPECT_EQ(segmenter.decided(view), view.end());
  return seen.texts;
}

using Runs = std::vector<std::string>;

TEST(Segmenter, RunsEndAtWhatNoValueHolds) {
  EXPECT_EQ(runs("a.b-c_d+e=f@g:h%i~j#k(l)'m n"), (Runs{"a.b-c_d+e=f@g:h%i~j#k(l)'m", "n"}));
  EXPECT_EQ(runs("手机x是y，z"), (Runs{"x", "y", "z"}));
  EXPECT_EQ(runs("a,b;c\"d<e>\nf|g"), (Runs{"a", "b", "c", "d", "e", "f", "g"}));
  EXPECT_EQ(runs("müller почта"), (Runs{"müller", "почта"}));
}

TEST(Segmenter, DigitsGoOnOverSeparators) {
  EXPECT_EQ(runs("+86 (138) 0013 - 8000 x"), (Runs{"+86 (138) 0013 - 8000", "x"}));
  EXPECT_EQ(runs("138    0013"), (Runs{"138", "0013"}));
  EXPECT_EQ(runs("138\n0013, 8000"), (Runs{"138", "0013", "138\n0013", "8000"}));
  EXPECT_EQ(runs("in 2024 we"), (Runs{"in", "2024", "we"}));
  EXPECT_EQ(runs("1 - (a"), (Runs{"1", "(a"}));
  EXPECT_EQ(runs("1 - "), Runs{"1"}) << "separators alone hold nothing";
}

TEST(Segmenter, IbanGroups) {
  EXPECT_EQ(runs("GB82 WEST 1234 5698 and"), (Runs{"GB82 WEST 1234 5698", "and"}));
  EXPECT_EQ(runs("IBAN:GB82 WEST 1234"), (Runs{"IBAN:GB82 WEST 1234"}));
  EXPECT_EQ(runs("GB82  WEST"), (Runs{"GB82", "WEST"}));
}

TEST(Segmenter, HanNumeralsFormRunsOfTheirOwn) {
  EXPECT_EQ(runs("打1三8 零零1 38000吧"), (Runs{"1", "8", "1三8 零零1 38000", "1 38000"}));
  EXPECT_EQ(runs("一二三四五六"), Runs{}) << "six numerals are no number";
  EXPECT_EQ(runs("一二三四五六七"), Runs{"一二三四五六七"});
}

TEST(Segmenter, LongRunsComeInWindowsThatOverlap) {
  RunFilter all;
  all.add({1, 0, 0});
  View view;
  view.reset();
  const std::string text(5000, 'a');
  view.append(text.data(), text.size());
  Segmenter segmenter(all);
  Seen seen(view);
  ASSERT_TRUE(segmenter.finish(view, seen));
  std::size_t owned = 0;
  for (const RunWindow& w : seen.windows) {
    EXPECT_EQ(w.begin, owned);
    EXPECT_EQ(w.last, w.end == text.size());
    EXPECT_EQ(w.end - w.owned_end, w.last ? 0 : core::match_bytes_max);
    owned = w.owned_end;
  }
  EXPECT_EQ(owned, text.size());
}

TEST(Segmenter, StopsWhenTheSinkSaysSo) {
  RunFilter all;
  all.add({1, 0, 0});
  View view;
  view.reset();
  view.append("a b c ", 6);
  Segmenter segmenter(all);
  Seen seen(view);
  seen.left = 2;
  EXPECT_FALSE(segmenter.advance(view, seen));
  EXPECT_EQ(seen.texts, (Runs{"a", "b"}));
}

TEST(RunFilter, PassesWhatSomeClauseAsksFor) {
  RunFilter filter;
  filter.add({16, 0, 0});
  filter.add({6, 0, run_class::at});
  filter.add({7, 7, 0});
  EXPECT_FALSE(filter.passes(15, 0, 2));
  EXPECT_TRUE(filter.passes(16, 0, 2));
  EXPECT_TRUE(filter.passes(6, 0, 2 | run_class::at));
  EXPECT_FALSE(filter.passes(5, 0, run_class::at));
  EXPECT_TRUE(filter.passes(7, 7, 1));
  EXPECT_FALSE(filter.passes(8, 6, 1));
}

// Short runs are given out where what stands around them says so, and dismissed elsewhere.
TEST(Segmenter, AClauseMayAskForWhatStandsAroundARun) {
  RunFilter filter;
  filter.add({.bytes = 9, .digits = 9});
  filter.add({.bytes = 4, .digits = 4, .next = U'年', .before = "生"});
  const auto given = [&filter](std::string_view text) {
    View view;
    view.reset();
    Decoder decoder;
    decoder.reset();
    decoder.decode(text, view, {});
    Segmenter segmenter(filter);
    Seen seen(view);
    EXPECT_TRUE(segmenter.finish(view, seen));
    return seen.texts;
  };
  EXPECT_EQ(given("出生于1990年"), Runs{"1990"});
  EXPECT_EQ(given("出生：1990年"), Runs{":1990"});
  EXPECT_EQ(given("出生：990年"), Runs{}) << "too few digits";
  EXPECT_EQ(given("公元1990年"), Runs{}) << "nothing of it before";
  EXPECT_EQ(given("生 " + std::string(40, ' ') + "1990年"), Runs{}) << "too far before";
  EXPECT_EQ(given("出生：1990月"), Runs{}) << "another character behind";
  EXPECT_EQ(given("出生：1990 年"), Runs{}) << "a blank behind";
  EXPECT_EQ(given("出生：1990"), Runs{}) << "nothing behind";
  EXPECT_EQ(given("a 123456789 b"), Runs{"123456789"});
}

}  // namespace
}  // namespace menshen::detectors
