#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/context.h"
#include "detectors/values/token.h"

#include <gtest/gtest.h>

#include <array>

namespace menshen::detectors {
namespace {

struct Edge {
  std::string_view text;  // the value stands between the bars
  Side left;
  Side right;
};

TEST(Boundary, WhatTouchesAValue) {
  constexpr Edge edges[] = {
      {"|138|", Side::clean, Side::clean},          {"id=|138|&x", Side::clean, Side::clean},
      {"phone_|138|,", Side::clean, Side::clean},   {"手机|138|请", Side::clean, Side::clean},
      {"tel|138|wx", Side::letters, Side::letters}, {"\\n|138|\\n", Side::clean, Side::clean},
      {"p%3D|138|%26", Side::clean, Side::clean},   {"a1b|138|c2d", Side::blob, Side::blob},
      {"9f2e-|138|-4a1b", Side::blob, Side::blob},  {"user-|138|-x", Side::clean, Side::clean},
      {"3.|138|.5", Side::blob, Side::blob},        {"x.|138|.0", Side::clean, Side::clean},
      {"1|138|2", Side::blob, Side::blob},
  };
  for (const Edge& e : edges) {
    std::string text(e.text);
    const std::size_t begin = text.find('|');
    text.erase(begin, 1);
    const std::size_t end = text.find('|');
    text.erase(end, 1);
    EXPECT_EQ(left_side(text, begin), e.left) << e.text;
    EXPECT_EQ(right_side(text, end), e.right) << e.text;
  }
}

TEST(Context, WordsAreWholeWords) {
  constexpr std::array<std::string_view, 3> words{"tel", "phone", "手机"};
  for (const std::string_view yes : {"tel ", "my Tel: ", "PHONE_", "phoneNumber=", "phones ",
                                     "的手机号", "PHONENUMBER ", "TELPhone"}) {
    EXPECT_TRUE(has_word(yes, words)) << yes;
  }
  for (const std::string_view no :
       {"hotel ", "telling ", "TELEGRAM ", "TELEX", "te l", "手 机", "", "p"}) {
    EXPECT_FALSE(has_word(no, words)) << no;
  }
  EXPECT_EQ(last_word("phone, tel: ", words), 10U);
  EXPECT_EQ(last_word("tel, phone: ", words), 10U);
}

TEST(Context, LabelsStandDirectlyBefore) {
  constexpr std::array<std::string_view, 2> words{"order", "订单"};
  for (const std::string_view yes :
       {"order ", "Order no. ", "order_id=", "订单号：", "订单编", "order number is "}) {
    EXPECT_EQ(labelled(yes, words), yes != "订单编") << yes;
  }
  EXPECT_FALSE(labelled("order shipped, call ", words));
  EXPECT_FALSE(labelled("订单已发货，请联系", words));
}

TEST(Token, SetsAndRandomness) {
  EXPECT_EQ(token_bytes("abc-D_1.x", 0, token_set::url_safe), 7U);
  EXPECT_EQ(token_bytes("abfg", 0, token_set::hex), 3U);
  EXPECT_TRUE(looks_random("a8Fk2Lm0Qz7Rt5Wx"));
  EXPECT_FALSE(looks_random("xxxxxxxxxxxxxxxx") || looks_random("0000000011111111"));
}

}  // namespace
}  // namespace menshen::detectors
