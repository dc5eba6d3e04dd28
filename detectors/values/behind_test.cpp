#include "detectors/values/behind.h"

#include <gtest/gtest.h>

#include <string>

namespace menshen::detectors {
namespace {

TEST(Behind, ReadsTheLabelOfAClauseOrABracket) {
  EXPECT_EQ(read_behind(" is my phone number.").phrase, "phone number");
  EXPECT_EQ(read_behind(" is John's SSN").phrase, "SSN");
  EXPECT_EQ(read_behind("是张三的身份证号，").phrase, "身份证号");
  EXPECT_EQ(read_behind("(手机)").phrase, "手机");
  EXPECT_EQ(read_behind(" (order no.)").phrase, "order no.");
  EXPECT_EQ(read_behind("，我的手机号").phrase, "手机号");
}

TEST(Behind, LeavesTheLabelOfTheNextValue) {
  EXPECT_EQ(read_behind(" phone: 1").phrase, "");
  EXPECT_EQ(read_behind(" is my phone: 1").phrase, "");
  EXPECT_EQ(read_behind("是手机：1").phrase, "");
  EXPECT_EQ(read_behind("(手机\n)").phrase, "");
}

TEST(Behind, KnowsUnits) {
  EXPECT_TRUE(read_behind(" bytes").quantity);
  EXPECT_TRUE(read_behind(" 字节").quantity);
  EXPECT_TRUE(read_behind("号订单").quantity);
  EXPECT_FALSE(read_behind(" byteswap").quantity);
  EXPECT_FALSE(read_behind(" 张三").quantity);
}

// What is decided of a text is decided of all that begin with it, and never waits for more than the
// bound.
TEST(Behind, DecidesTheSameHoweverMuchIsSeen) {
  for (const std::string run : {"13800138000", "13800138000(", "13800138000(mo"}) {
    for (const std::string text :
         {" is my phone number. And", " bytes of", " by", "是我的手机号，谢谢", "手机)是",
          "bile) is", "【手机】", ", my phone", ", mine", " isolated", "号订单", "号楼",
          "  (order no.) x", " is what nobody would ever have expected to be so very long", ""}) {
      const auto whole = reach_behind(run, text, true);
      ASSERT_TRUE(whole) << text;
      EXPECT_LE(*whole, behind_bytes_max);
      for (std::size_t shown = 0; shown <= text.size(); ++shown) {
        const auto reach = reach_behind(run, text.substr(0, shown), false);
        if (reach) EXPECT_EQ(*reach, *whole) << run << "|" << text << " of which " << shown;
        if (shown >= behind_bytes_max) EXPECT_TRUE(reach) << text;
      }
    }
  }
}

}  // namespace
}  // namespace menshen::detectors
