#include "detectors/numbers/label_index.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace menshen::detectors {
namespace {

constexpr std::array<std::string_view, 2> passport_words{"passport", "护照"};
constexpr std::array<std::string_view, 2> card_words{"id card", "社保"};
constexpr std::array<std::string_view, 3> id_words{"id no", "社保号", "id card"};
constexpr std::size_t passport_row = 0;
constexpr std::size_t card_row = 1;
constexpr std::size_t id_row = 2;

const LabelIndex& index_of_three() {
  static const LabelIndex index = [] {
    LabelIndex made;
    made.add(passport_words, passport_row);
    made.add(card_words, card_row);
    made.add(id_words, id_row);
    made.finish();
    return made;
  }();
  return index;
}

std::string rows_before(std::string_view context) {
  const DirectLabel label = index_of_three().before(context);
  std::string rows;
  for (const std::size_t row : {passport_row, card_row, id_row}) {
    if (label.rows[row]) rows += static_cast<char>('0' + row);
  }
  return rows;
}

TEST(LabelIndex, ReadsTheLabelDirectlyBefore) {
  struct Row {
    std::string_view context;
    std::string_view rows;
  };
  constexpr Row rows[] = {
      {"passport ", "0"},
      {"Passport No.: ", "0"},
      {"my passport number is ", "0"},
      {"\"passport\": \"", "0"},
      {"<passport>", "0"},
      {"**Passport**: ", "0"},
      {"passportNumber=", "0"},
      {"PASSPORT_NO=", "0"},
      {"passport (US): ", "0"},
      {"passport:\n  ", "0"},
      {"护照号码为：", "0"},
      {"他的护照是“", "0"},
      {"id_card_no: ", "12"},
      {"idCard=", "12"},
      // the word that begins first, and what is the same with a filler
      {"passport id no. ", "0"},
      {"社保号：", "12"},
      {"社保：", "1"},
      // not directly, not a word, another line, another label
      {"passport of Jane: ", ""},
      {"passport, ", ""},
      {"passport\n", ""},
      {"护照已寄出，单号", ""},
      {"spassport ", ""},
      {"passport: order no. ", ""},
      {"", ""},
      {"number ", ""},
      {")))((( ", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(rows_before(row.context), row.rows) << row.context;
}

TEST(LabelIndex, KnowsTheLabelsOfOtherThings) {
  for (const std::string_view context :
       {"order no. ", "订单号：", "Tracking Number: ", "发票号码：", "ISBN ", "流水号",
        "size=", "blk_", "客服热线：", "page ", "invoice #", "版本号 "}) {
    EXPECT_TRUE(index_of_three().before(context).otherwise) << context;
  }
  for (const std::string_view context : {"", "see ", "我的", "第一个"}) {
    EXPECT_FALSE(index_of_three().before(context).otherwise) << context;
  }
}

}  // namespace
}  // namespace menshen::detectors
