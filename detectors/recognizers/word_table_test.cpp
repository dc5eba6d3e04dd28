#include "detectors/recognizers/word_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace menshen::detectors {
namespace {

// What is passed over without a look at all of a token begins no word.
TEST(WordTable, FindsAmongManyWhatItFindsAlone) {
  const std::vector<std::string> sought{"Café Noir",  "ﬁnal", "猎鹰",     "獵鷹二",
                                        ".net",       "&co",  "Straße",   "x",
                                        "a1b2c3d4e5", "Ёж",   "カタカナ", "㎏重"};
  WordTable many;
  for (int i = 0; i < 2'000; ++i) ASSERT_EQ(many.add("w" + std::to_string(i) + " z", 0), "");
  WordTable few;
  for (std::uint32_t i = 0; i < sought.size(); ++i) {
    ASSERT_EQ(many.add(sought[i], i + 1), "");
    ASSERT_EQ(few.add(sought[i], i + 1), "");
  }
  many.build();
  few.build();
  const std::string text =
      "CAFE NOIR, café noir, final FINAL 大獵鹰二, 猎鹰。.NET asp.net a&co strasse STRASSE x X-x "
      "A1B2C3D4E5 "
      "a1b2c3d4e5f ёж カタカナ kg重 w7 w7 z 猎 鹰 cafes noir";
  std::vector<WordTable::Found> of_many;
  std::vector<WordTable::Found> of_few;
  many.find(text, 0, text.size(), of_many);
  few.find(text, 0, text.size(), of_few);
  std::string described_many;
  std::string described_few;
  for (const auto& f : of_many) {
    if (f.owner != 0)
      described_many += std::to_string(f.begin) + ":" + std::to_string(f.owner) + " ";
  }
  for (const auto& f : of_few)
    described_few += std::to_string(f.begin) + ":" + std::to_string(f.owner) + " ";
  EXPECT_EQ(described_many, described_few);
  for (std::uint32_t i = 0; i < sought.size(); ++i) {
    EXPECT_NE(described_few.find(":" + std::to_string(i + 1) + " "), std::string::npos)
        << sought[i];
  }
  EXPECT_EQ(std::ranges::count(of_many, 0U, &WordTable::Found::owner), 1);
}

}  // namespace
}  // namespace menshen::detectors
