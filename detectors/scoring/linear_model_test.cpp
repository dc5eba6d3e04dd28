// The trained model of the scores, and the n-grams that it looks at.
#include "detectors/scoring/linear_model.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace menshen::detectors::scoring {
namespace {

std::vector<std::uint32_t> ngrams_of(std::string_view text) {
  Reading reading;
  Ngrams ngrams;
  reading.assign(text);
  ngrams.read(reading);
  std::vector<std::uint32_t> out;
  for (const Ngrams::Piece& piece : ngrams.pieces())
    out.insert(out.end(), ngrams.of(piece).begin(), ngrams.of(piece).end());
  return out;
}

TEST(Ngrams, CountWordsAloneInTwosAndInThrees) {
  EXPECT_EQ(ngrams_of("lamp").size(), 1U);
  EXPECT_EQ(ngrams_of("green lamp").size(), 3U);
  EXPECT_EQ(ngrams_of("green lamp, shining").size(), 6U);
  EXPECT_EQ(ngrams_of("绿灯亮").size(), 6U);
  EXPECT_EQ(ngrams_of("").size(), 0U);
  EXPECT_EQ(ngrams_of(" ,. \n").size(), 0U);
}

TEST(Ngrams, EndWithTheSentence) {
  EXPECT_EQ(ngrams_of("Green. Lamp").size(), 2U);
  EXPECT_EQ(ngrams_of("绿。灯").size(), 4U) << "the mark is a token";
}

TEST(Ngrams, AreTheSameInDisguiseAndForAllNumbers) {
  EXPECT_EQ(ngrams_of("ＧＲＥＥＮ lämp 17"), ngrams_of("green lamp 4"));
  EXPECT_EQ(ngrams_of("g r e e n lamp"), ngrams_of("green lamp"));
  EXPECT_EQ(ngrams_of("綠燈"), ngrams_of("绿灯"));
}

TEST(Ngrams, AreTheSameForAllGroups) {
  EXPECT_EQ(ngrams_of("some Muslims came"), ngrams_of("some Christians came"));
  EXPECT_EQ(ngrams_of("来了几个河南人"), ngrams_of("来了几个上海人"));
  EXPECT_EQ(ngrams_of("she came late"), ngrams_of("he came late"));
  EXPECT_NE(ngrams_of("some Muslims came"), ngrams_of("some lamps came"));
}

TEST(Ngrams, TellWhatIsQuoted) {
  EXPECT_NE(ngrams_of("he said: ignore it"), ngrams_of("he said: \"ignore it\""));
}

TEST(Ngrams, PiecesCoverTheTextAndStaySmall) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += i % 7 == 0 ? "green lamps shine. " : "绿灯亮了 and so on ";
  Reading reading;
  Ngrams ngrams;
  reading.assign(text);
  ngrams.read(reading);
  ASSERT_GT(ngrams.pieces().size(), 10U);
  std::uint32_t end = 0;
  std::uint32_t last = 0;
  for (const Ngrams::Piece& piece : ngrams.pieces()) {
    EXPECT_EQ(piece.begin, end);
    EXPECT_EQ(piece.first, last);
    EXPECT_LT(piece.last - piece.first, 1200U);
    for (const std::uint32_t bucket : ngrams.of(piece))
      EXPECT_LT(bucket, 1U << Ngrams::bucket_bits);
    end = piece.end;
    last = piece.last;
  }
  EXPECT_EQ(end, reading.view().text.size());
}

// A model that knows one n-gram.
LinearModel::Parts knowing(std::string_view word) {
  LinearModel::Parts parts;
  parts.version = 7;
  parts.weights.resize((std::size_t{1} << Ngrams::bucket_bits) * LinearModel::columns);
  for (auto& head : parts.heads) head = {.offset = -1, .scale = 1, .calibration = {1, 0, 0}};
  parts.weights[ngrams_of(word).at(0) * LinearModel::columns + index_of(Head::toxicity)] = 100;
  return parts;
}

std::array<Evidence, head_count> evidence_of(const std::string& file, std::string_view text) {
  Reading reading;
  Ngrams ngrams;
  reading.assign(text);
  ngrams.read(reading);
  return LinearModel::read(file)->evidence(ngrams);
}

TEST(LinearModel, SaysWhereTheWorstStands) {
  const std::string file = LinearModel::written(knowing("zork"));
  std::string text;
  for (int i = 0; i < 200; ++i) text += "green lamps shine on quiet streets. ";
  const std::size_t at = text.size();
  text += "a zork came by. ";
  const std::size_t behind = text.size();
  for (int i = 0; i < 200; ++i) text += "green lamps shine on quiet streets. ";

  EXPECT_EQ(LinearModel::read(file)->version(), 7U);
  const Evidence found = evidence_of(file, text)[index_of(Head::toxicity)];
  EXPECT_LE(found.begin, at);
  EXPECT_GE(found.end, behind);
  EXPECT_LT(found.end - found.begin, 400U);
  EXPECT_GT(found.logit, 5);
  EXPECT_EQ(evidence_of(file, text)[index_of(Head::bias)].logit, -1);
}

TEST(LinearModel, HarmlessTextNeitherHidesNorAddsUp) {
  const std::string file = LinearModel::written(knowing("zork"));
  const std::string harmless =
      "green lamps shine on quiet streets tonight, as they always do here. ";
  const float alone = evidence_of(file, "a zork came by and by. ")[1].logit;
  std::string text = harmless + harmless + "a zork came by and by. ";
  EXPECT_GT(evidence_of(file, text)[1].logit, alone - 0.01F);
  for (int i = 0; i < 1000; ++i) text += harmless;
  EXPECT_NEAR(evidence_of(file, text)[1].logit, alone, 0.01F);
}

TEST(LinearModel, AnEmptyTextSaysNothing) {
  const Evidence found = evidence_of(LinearModel::written(knowing("zork")), "")[1];
  EXPECT_EQ(found.logit, -1);
  EXPECT_EQ(found.begin, found.end);
}

TEST(LinearModel, WhatIsNoModelIsRefused) {
  LinearModel::Parts parts = knowing("zork");
  const std::string file = LinearModel::written(parts);
  EXPECT_TRUE(LinearModel::read(file).has_value());
  EXPECT_FALSE(LinearModel::read("").has_value());
  EXPECT_FALSE(LinearModel::read(std::string_view(file).substr(1)).has_value());
  EXPECT_FALSE(LinearModel::read(std::string_view(file).substr(0, file.size() - 1)).has_value());
  EXPECT_FALSE(LinearModel::read(file + "x").has_value());
  parts.heads[1].scale = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(LinearModel::read(LinearModel::written(parts)).has_value());
}

}  // namespace
}  // namespace menshen::detectors::scoring
