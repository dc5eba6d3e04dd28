#include "detectors/engine/sentences.h"

#include "detectors/text/decoder.h"
#include "detectors/text/segmenter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace menshen::detectors {
namespace {

// What windows say of a text: each token with the window that owns it.
class Written final : public SentenceSink {
 public:
  explicit Written(const View& view) : view_(view) {}
  bool on_sentence_window(const SentenceWindow& window) override {
    EXPECT_LT(window.owned_begin, window.owned_end);
    EXPECT_LE(window.owned_end, window.tokens.size());
    EXPECT_LE(window.owned_begin, tokens_before);
    EXPECT_LE(window.tokens.size(), tokens_before + 2 * tokens_owned + 2 * tokens_ahead);
    EXPECT_TRUE(window.ends_sentence || window.tokens.size() - window.owned_end == tokens_ahead);
    const bool first = text.empty() || text.back() == '/';
    EXPECT_EQ(window.owned_begin == 0, first);
    EXPECT_TRUE(window.begins_sentence || !first);
    for (std::size_t i = window.owned_begin; i < window.owned_end; ++i) {
      const Token& token = window.tokens[i];
      EXPECT_GE(token.begin, end_);
      EXPECT_LE(token.end - token.begin, token_bytes_max);
      end_ = token.end;
      text.append(view_.slice(token.begin, token.end)) += '|';
    }
    text += window.ends_sentence ? "/" : "~";
    forced = forced || window.forced;
    return true;
  }
  std::string text;
  bool forced = false;

 private:
  const View& view_;
  std::size_t end_ = 0;
};

struct Cut {
  std::string text;
  bool forced = false;
  std::size_t undecided_most = 0;
};

// `piece` bytes at a time.
Cut cut(std::string_view raw, std::size_t piece) {
  Decoder decoder;
  View view;
  Sentences sentences;
  decoder.reset();
  sentences.reset();
  Written sink(view);
  Cut made;
  for (std::size_t at = 0; at < raw.size(); at += piece) {
    decoder.decode(raw.substr(at, piece), view, {});
    EXPECT_TRUE(sentences.advance(view, sink));
    EXPECT_LE(sentences.shown(), sentences.decided());
    const std::size_t decided = sentences.decided();
    const std::size_t begin = decided == view.end() ? view.raw_end() : view.raw_begin(decided);
    made.undecided_most = std::max(made.undecided_most, view.raw_end() - begin);
    view.forget_before(view.boundary_before(sentences.shown()));
  }
  decoder.finish(view);
  EXPECT_TRUE(sentences.finish(view, sink));
  EXPECT_EQ(sentences.decided(), view.end());
  made.text = sink.text;
  made.forced = sink.forced;
  return made;
}

struct Row {
  std::string_view raw;
  std::string_view tokens;
};

TEST(Sentences, AreTokensOfContent) {
  constexpr Row rows[] = {
      {"", ""},
      {"One, two 12.", "One|,|two|12|.|/"},
      {"It ended. So did Prof. No!Yes", "It|ended|.|/So|did|Prof|.|No|!|/Yes|/"},
      {"an end. Go", "an|end|.|/Go|/"},
      {"a\nb\r\nc", "a|/b|/c|/"},
      {"他来了。3人走。", "他|来|了|。|/3|人|走|。|/"},
      {"カナ한 Ünï1x", "カ|ナ|한|Ünï|1|x|/"},
      {"x\u200by １２", "xy|12|/"},
      {"a                b", "a|b|/"},
      {"a                 b", "a|/b|/"},
  };
  for (const Row& row : rows) EXPECT_EQ(cut(row.raw, row.raw.size() + 1).text, row.tokens);
}

TEST(Sentences, LongTokensAreCutByCount) {
  const std::string word(token_bytes_max * 2 + 1, 'x');
  EXPECT_EQ(cut(word, 1000).text,
            std::string(token_bytes_max, 'x') + "|" + std::string(token_bytes_max, 'x') + "|x|/");
}

TEST(Sentences, CutsChangeNothing) {
  std::mt19937 random(5);
  constexpr std::string_view parts[] = {"word", "Dr", ".", " ",      "  ",     "\n", "，", "他",
                                        "12",   "é",  "!", "\u200b", "\u0301", "。", "-",  "\xff"};
  for (int round = 0; round < 200; ++round) {
    std::string raw;
    for (int i = 0; i < 120; ++i) raw += parts[random() % std::size(parts)];
    const Cut whole = cut(raw, raw.size());
    for (const std::size_t piece : {1U, 2U, 3U, 7U}) EXPECT_EQ(cut(raw, piece).text, whole.text);
  }
}

TEST(Sentences, HoldBackABoundOfTheSource) {
  std::string flood;
  for (int i = 0; i < 3000; ++i) flood += i % 100 == 0 ? "word " : "\u200b\u200b";
  for (const std::size_t piece : {std::size_t{1}, flood.size()}) {
    const Cut made = cut(flood, piece);
    EXPECT_TRUE(made.forced);
    if (piece == 1) {
      EXPECT_LE(made.undecided_most, raw_span_max + 4);
    }
    EXPECT_EQ(made.text, cut(flood, 13).text);
  }
  std::string plain;
  for (int i = 0; i < 3000; ++i) plain += "word ";
  const Cut made = cut(plain, 1);
  EXPECT_FALSE(made.forced);
  EXPECT_LE(made.undecided_most, (tokens_owned + tokens_ahead) * 5);
}

}  // namespace
}  // namespace menshen::detectors
