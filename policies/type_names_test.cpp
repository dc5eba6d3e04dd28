#include "policies/type_names.h"

#include "detectors/catalog.h"
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string_view> meant(std::string_view name) {
  static const auto catalog = detectors::Catalog::complete();
  std::vector<std::string_view> known;
  for (const core::FindingType* type : catalog->types()) known.push_back(type->name);
  return types_meant(name, known);
}

TEST(TypeNames, AreKnownAsOthersCallThem) {
  EXPECT_THAT(meant("SSN"), ElementsAre("us_ssn"));
  EXPECT_THAT(meant("CREDIT_CARD"), ElementsAre("bank_card"));
  EXPECT_THAT(meant("Email Address"), ElementsAre("email"));
  EXPECT_THAT(meant("phone-number"), ElementsAre("phone", "cn_mobile"));
  EXPECT_THAT(meant("身份证号"), ElementsAre("cn_resident_id"));
  EXPECT_THAT(meant("密码"), ElementsAre("password"));
}

TEST(TypeNames, AreKnownByTheirWordsAndNearlySpelt) {
  EXPECT_THAT(meant("nhs"), ElementsAre("gb_nhs"));
  EXPECT_THAT(meant("itin"), ElementsAre("us_itin"));
  EXPECT_THAT(meant("emial"), ElementsAre("email"));
  EXPECT_EQ(meant("au").size(), types_meant_max) << "of many the first ones";
}

TEST(TypeNames, AreNotGuessedOfAnything) {
  for (const std::string_view name : {"colour", "", "_", "颜色", "a"}) {
    EXPECT_THAT(meant(name), IsEmpty()) << name;
  }
  EXPECT_THAT(meant(std::string(10'000, 'e')), IsEmpty());
}

TEST(TypeNames, StandInTheErrorOfARule) {
  const auto says = [](const std::string& type) {
    return testing::listed(testing::parse(testing::with_header(
        "content: [{id: a, find: {types: [" + type + "]}, then: {action: redact}}]")));
  };
  EXPECT_THAT(says("EMAIL_ADDRESS"), HasSubstr("\"EMAIL_ADDRESS\". Did you mean email?"));
  EXPECT_THAT(says("phone_jwt"), HasSubstr("\"phone_jwt\". Did you mean one of phone, jwt?"));
}

}  // namespace
}  // namespace menshen::policies
