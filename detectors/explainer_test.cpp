// What is said of a finding is what the detectors do without what it names.
#include "detectors/explainer.h"

#include "detectors/testing/feeding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace menshen::detectors {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Optional;

Explanation explained(std::string_view text) {
  static const Explainer explainer(testing::catalog());
  auto out = explainer.explain(text);
  EXPECT_TRUE(out) << text;
  return out ? *out : Explanation{};
}

TEST(Explainer, SaysWhatALabelInFrontDid) {
  const Explanation alone = explained("call 13812345678 now");
  ASSERT_EQ(alone.found.size(), 1U);
  EXPECT_EQ(alone.found[0].finding.type->name, "cn_mobile");
  EXPECT_GT(alone.found[0].version, 0U);
  EXPECT_THAT(alone.found[0].without_before, Optional(FloatNear(0.75F, 1e-6F)));
  const Explanation labelled = explained("手机 13812345678 now");
  ASSERT_EQ(labelled.found.size(), 1U);
  EXPECT_FLOAT_EQ(labelled.found[0].finding.confidence, 0.95F);
  EXPECT_THAT(labelled.found[0].without_before, Optional(FloatNear(0.75F, 1e-6F)));
  EXPECT_THAT(labelled.found[0].without_behind, Optional(FloatNear(0.95F, 1e-6F)));
}

TEST(Explainer, SaysThatALabelIsNeeded) {
  const Explanation out = explained("NHS number: 943 476 5870");
  bool nhs = false;
  for (const Explained& one : out.found) {
    if (one.finding.type->name != "gb_nhs") continue;
    nhs = true;
    EXPECT_THAT(one.without_before, Optional(0.0F));
    EXPECT_THAT(one.without_behind, Optional(one.finding.confidence));
  }
  EXPECT_TRUE(nhs);
}

TEST(Explainer, SaysInWhichSignsAValueIsWritten) {
  const auto signs = [](std::string_view text) {
    const Explanation out = explained(text);
    return out.found.empty() ? std::vector<std::string_view>{}
                             : names_of_written(out.found[0].written);
  };
  EXPECT_THAT(signs("call 13812345678 now"), ElementsAre());
  EXPECT_THAT(signs("电话 １３８１２３４５６７８"), ElementsAre("full_width"));
  EXPECT_THAT(signs("手机 一三八一二三四五六七八"), ElementsAre("other_digits"));
  EXPECT_THAT(signs("call 138\u200b12345678 now"), ElementsAre("invisible"));
  EXPECT_THAT(signs("q=zhang.san%40corp.example"), ElementsAre("url_escapes"));
  EXPECT_THAT(signs("zhang.san&#64;corp.example"), ElementsAre("html_escapes"));
  EXPECT_THAT(signs("zhang.san\\u0040corp.example"), ElementsAre("backslash_escapes"));
}

TEST(Explainer, NamesWhatWasPassedOver) {
  // The label of another row ends the mobile number; no finding has its bytes.
  const Explanation imei = explained("IMEI 13812345678");
  EXPECT_TRUE(imei.found.empty());
  ASSERT_FALSE(imei.passed_over.empty());
  bool mobile = false;
  for (const PassedOver& passed : imei.passed_over) {
    mobile = mobile || passed.candidate.type->name == "cn_mobile";
    EXPECT_TRUE(passed.overlapped_by.empty());
  }
  EXPECT_TRUE(mobile);
}

// Whatever the text: found is what a scan finds, nothing of it is passed over as well, and what is
// said to overlap does.
TEST(Explainer, AgreesWithAScan) {
  for (const std::string_view text :
       {std::string_view(
            "mail li.lei@example.com, card 4111 1111 1111 1111, id 11010519491231002X"),
        std::string_view("password = \"Tr0ub4dor&3x\" host 203.0.113.9 订单号 13812345678"),
        std::string_view("13812345678@example.com"), std::string_view("")}) {
    const Explanation out = explained(text);
    const auto scanned = scan_text(testing::catalog(), text);
    ASSERT_TRUE(scanned);
    ASSERT_EQ(out.found.size(), scanned->size()) << text;
    for (std::size_t i = 0; i < scanned->size(); ++i) {
      EXPECT_EQ(out.found[i].finding.begin, (*scanned)[i].begin);
      EXPECT_EQ(out.found[i].finding.type, (*scanned)[i].type);
    }
    for (const PassedOver& passed : out.passed_over) {
      for (const std::size_t by : passed.overlapped_by) {
        const core::Finding& f = out.found[by].finding;
        EXPECT_TRUE(f.begin < passed.candidate.end && passed.candidate.begin < f.end) << text;
      }
      for (const Explained& one : out.found) {
        const core::Finding& f = one.finding;
        EXPECT_FALSE(f.type == passed.candidate.type && f.begin == passed.candidate.begin &&
                     f.end == passed.candidate.end)
            << text;
      }
    }
  }
}

}  // namespace
}  // namespace menshen::detectors
