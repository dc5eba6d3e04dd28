#include "detectors/text/plain_words.h"

#include "detectors/values/boundary.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace menshen::detectors {
namespace {

std::size_t skipped(std::string_view text) {
  return static_cast<std::size_t>(skip_words(text.data(), text.data() + text.size()) - text.data());
}

// A text that the skip has read: words and marks, as the header says.
bool are_plain_words(std::string_view text) {
  int bytes = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_letter(c) || c == '.' || c == '\'' || c == ':') {
      if (++bytes > skipped_bytes_max) return false;
      continue;
    }
    if (c != ' ' && c != ',' && c != '"' && c != '\n') return false;
    if (c == ' ' && at > 0 && is_upper(text[at - 1])) return false;
    bytes = 0;
  }
  return bytes == 0;  // the last word has its mark
}

TEST(PlainWords, AreSkippedUpToWhatMayBeAValue) {
  constexpr std::string_view prose =
      "The \"minutes\" of the last meeting: it's said, and\nof the one before. They ";
#if defined(__SSE2__)
  EXPECT_GT(skipped(prose), prose.size() - 16);
  EXPECT_EQ(skipped("of the year 2024 and of all others"), 12U);
#endif
  EXPECT_EQ(skipped("GB29 NWBK 6016 1331 9268 19"), 0U);
  EXPECT_EQ(skipped("DE BANK of the world and all others"), 0U);
  EXPECT_EQ(skipped("aaaaaaaaaaaaaaaa and all that follows"), 0U);
  EXPECT_EQ(skipped("short "), 0U);
}

TEST(PlainWords, NothingElseIsSkipped) {
  std::mt19937 random(7);
  constexpr std::string_view alphabet = "aaaabcdeeeezAZZ   ,\n\"_0-.':;@[`{\x80\xFF\x7F";
  for (int round = 0; round < 10'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 200; i > 0; --i) text += alphabet[random() % alphabet.size()];
    for (std::size_t from = 0; from < text.size(); ++from) {
      const std::string_view rest = std::string_view(text).substr(from);
      ASSERT_TRUE(are_plain_words(rest.substr(0, skipped(rest)))) << rest;
    }
  }
}

}  // namespace
}  // namespace menshen::detectors
