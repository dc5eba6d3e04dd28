#include "detectors/recognizers/normal_pattern.h"

#include "detectors/text/normal_form.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace menshen::detectors {
namespace {

// Whether the pattern matches the whole text as detectors see it.
bool finds(std::string_view pattern, std::string_view text) {
  const NormalPattern normal = normal_pattern(pattern);
  EXPECT_EQ(normal.fault, "") << pattern;
  const re2::RE2 compiled(normal.text);
  EXPECT_TRUE(compiled.ok()) << pattern << ": " << normal.text;
  return re2::RE2::FullMatch(normal_form(text), compiled);
}

TEST(NormalPattern, MatchesWhatItsAuthorTyped) {
  EXPECT_TRUE(finds("工号：\\d{6}", "工号：204815"));
  EXPECT_TRUE(finds("工号：\\d{6}", "工号:２０４８１５"));
  EXPECT_TRUE(finds("（内部）\\pN+", "（内部）42"));
  EXPECT_TRUE(finds("（内部）\\pN+", "(内部)42"));
  EXPECT_FALSE(finds("（内部）\\pN+", "内部42")) << "a parenthesis is no group";
  EXPECT_TRUE(finds("ＥＭＰ－[０-９]{2}", "EMP-12"));
  EXPECT_TRUE(finds("甲　乙", "甲　乙"));
  EXPECT_TRUE(finds("甲　乙", "甲 乙"));
  EXPECT_TRUE(finds("，。、；！？《》“”", "，。、；！？《》“”"));
  EXPECT_TRUE(finds("㎏+", "㎏㎏")) << "one piece, though it shows as two characters";
  EXPECT_TRUE(finds("契約書|貳號", "貳號"));
  EXPECT_TRUE(finds("\\x{FF1A}a\\x{4e00}", ":a一"));
  EXPECT_TRUE(finds("(?P<no>Ａ)\\Q．＋.\\E", "A．+."));
  EXPECT_TRUE(finds("\\Q（*）\\E+", "（*））"));
  EXPECT_TRUE(finds("٣{2}", "٣٣"));
}

TEST(NormalPattern, HasTheFormsOfTheMembersOfSets) {
  EXPECT_TRUE(finds("工号[：:]1", "工号：1"));
  EXPECT_TRUE(finds("[（【][^）】]+[）】]", "（内部）"));
  EXPECT_FALSE(finds("[^）]", "）"));
  EXPECT_TRUE(finds("[Ａ-Ｃ]{3}", "ＡBC"));
  EXPECT_FALSE(finds("[Ａ-Ｃ]", "D"));
  EXPECT_TRUE(finds("[！-～]+", "ＡＢ！９："));
  EXPECT_TRUE(finds("[一-龥]+", "点一龥"));
  EXPECT_FALSE(finds("[一-龥]", "A")) << "a long range stays";
  EXPECT_TRUE(finds("[\\x{FF10}-\\x{FF19}a-f]+", "９a"));
  EXPECT_TRUE(finds("[－a]+", "-a")) << "no range";
  EXPECT_TRUE(finds("[]－]+", "]－"));
  EXPECT_TRUE(finds("[[:digit:]：\\]\\-]+", "1:]-"));
}

TEST(NormalPattern, SignsOfBothWidthsAreOne) {
  for (const char* const pattern : {"编号，\\d{2,3}", "编号,\\d{2,3}", "编号[，]\\d{2,3}",
                                    "编号[,]\\d{2,3}", "编号\\,\\d{2,3}", "\\Q编号,\\E\\d{2,3}"}) {
    EXPECT_TRUE(finds(pattern, "编号,12")) << pattern;
    EXPECT_TRUE(finds(pattern, "编号，123")) << pattern;
    EXPECT_FALSE(finds(pattern, "编号；12")) << pattern;
  }
  EXPECT_TRUE(finds("a！b？c；d＂e＜f＞g｛h｝", "a!b?c;d\"e<f>g{h}"));
  EXPECT_TRUE(finds("a!b\\?c;d\"e<f>g\\{h\\}", "a！b？c；d＂e＜f＞g｛h｝"));
  EXPECT_TRUE(finds("a\\|b\\^c", "a｜b＾c"));
  EXPECT_TRUE(finds("[^,]+", "a"));
  EXPECT_FALSE(finds("[^,]+", "，"));
  EXPECT_TRUE(finds("(?P<no>a{1,2}),", "aa，"));
}

TEST(NormalPattern, OfAsciiIsItself) {
  for (const char* same :
       {"\\bEMP-\\d{6}\\b", "[a-z_\\-]+(?i:x)", "a{2,3}?|\\.\\pL\\p{Han}", "\\x41[\\x41-\\x5a]",
        "(", "[", "[^", "\\", "[a-", "\\x{", "\\p{", "(?P<"}) {
    EXPECT_EQ(normal_pattern(same).text, same);
    EXPECT_EQ(normal_pattern(same).fault, "");
  }
}

TEST(NormalPattern, RefusesWhatNoTextShows) {
  EXPECT_NE(normal_pattern("a\u200B+").fault.find("U+200B"), std::string::npos);
  EXPECT_NE(normal_pattern("[a\u200D]").fault.find("U+200D"), std::string::npos);
  EXPECT_NE(normal_pattern("e\u0301").fault.find("U+0301"), std::string::npos);
  EXPECT_NE(normal_pattern("[\u0300-\u0302]").fault.find("U+0300"), std::string::npos);
  EXPECT_NE(normal_pattern("[㎏]").fault.find("shows as several"), std::string::npos);
  EXPECT_NE(normal_pattern("\\x{200b}").fault.find("U+200B"), std::string::npos);
}

}  // namespace
}  // namespace menshen::detectors
