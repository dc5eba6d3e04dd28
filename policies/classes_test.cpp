// Rules find by class, and a set overrides the classes of its types.
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using core::FindingClass;
using testing::email;
using ::testing::HasSubstr;
using testing::jwt;
using testing::phone;

PolicySet::Loaded with_classes(const std::string& classes, const std::string& find) {
  return testing::parse(testing::with_header(classes + "content:\n  - {id: a, find: {" + find +
                                             "}, then: {action: deny}}\n"));
}

std::string denied_by(const std::string& classes, const std::string& find) {
  const auto loaded = with_classes(classes, find);
  if (!loaded.set) return testing::listed(loaded);
  const core::Subject subject{"alice", core::SubjectKind::user, {}};
  const auto plan = loaded.set->content({.subject = &subject}, core::Direction::request);
  std::string out;
  for (const core::FindingType* type : testing::types) {
    const bool denied =
        plan.decide(testing::finding(*type, 1), nullptr).action == core::Action::deny;
    if (denied) out.append(type->name).append(" ");
  }
  return out;
}

TEST(Classes, RulesFindByThem) {
  EXPECT_EQ(denied_by("", "classes: [hipaa_f]"), "email ");
  EXPECT_EQ(denied_by("", "classes: [hipaa]"), "email phone ");
  EXPECT_EQ(denied_by("", "classes: [hipaa_f, hipaa_d]"), "email phone ");
  EXPECT_EQ(denied_by("", "classes: [hipaa_d], types: [jwt]"), "phone jwt ");
  EXPECT_EQ(denied_by("", "classes: [hipaa_d], categories: [secret]"), "phone jwt ");
  EXPECT_THAT(denied_by("", "classes: [pci]"),
              HasSubstr("policy.yaml:5:30 content[0].find.classes[0]: No type has this class"));
  EXPECT_THAT(denied_by("", "classes: [hippa]"), HasSubstr("Did you mean hipaa?"));
  EXPECT_THAT(denied_by("", "classes: [hipaa], scores: {bias: {above: 0.5}}"),
              HasSubstr("`find` needs either"));
}

TEST(Classes, OfTypesAreOverridden) {
  const std::string classes = "classes: {phone: none, jwt: [pci, gb45574_other]}\n";
  EXPECT_EQ(denied_by(classes, "classes: [hipaa]"), "email ");
  EXPECT_EQ(denied_by(classes, "classes: [pci]"), "jwt ");
  EXPECT_EQ(denied_by(classes, "classes: [gb45574]"), "jwt ");
  const auto set = with_classes(classes, "types: [jwt]").set;
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->classes_of(email), core::FindingClasses{FindingClass::hipaa_f});
  EXPECT_TRUE(set->classes_of(phone).empty());
  EXPECT_EQ(set->classes_of(jwt),
            (core::FindingClasses{FindingClass::gb45574_other, FindingClass::pci}));
}

TEST(Classes, OfTheSetsOwnRecognizers) {
  const std::string own =
      "recognizers: [{name: badge, category: pii, words: [Falcon]}]\n"
      "classes: {badge: [hipaa_r]}\n";
  EXPECT_EQ(denied_by(own, "classes: [hipaa_r]"), "");
  EXPECT_THAT(denied_by("recognizers: [{name: badge, category: pii, words: [Falcon]}]\n",
                        "classes: [hipaa_r]"),
              HasSubstr("No type has this class"));
}

TEST(Classes, WhatIsWrongIsNamedWithItsLine) {
  const auto faults = [](const std::string& classes) {
    return denied_by("classes: {" + classes + "}\n", "types: [jwt]");
  };
  EXPECT_THAT(faults("emial: [pci]"),
              HasSubstr("error policy.yaml:4:11 classes.emial: No detector"));
  EXPECT_THAT(faults("email: [pic]"), HasSubstr("error policy.yaml:4:19 classes.email[0]"));
  EXPECT_THAT(faults("email: [pci, pci]"), HasSubstr("This class occurs twice."));
  EXPECT_THAT(faults("email: [hipaa]"), HasSubstr("classes.email[0]"));
  EXPECT_THAT(faults("email: []"), HasSubstr("classes.email"));
  EXPECT_THAT(faults("email: pci"), HasSubstr("classes.email"));
}

TEST(Classes, GroupsStandForTheirClasses) {
  EXPECT_EQ(core::finding_classes_from("pci"), core::FindingClasses{FindingClass::pci});
  EXPECT_TRUE(core::finding_classes_from("hipaa")->has(FindingClass::hipaa_a));
  EXPECT_TRUE(core::finding_classes_from("hipaa")->has(FindingClass::hipaa_r));
  EXPECT_FALSE(core::finding_classes_from("hipaa")->has(FindingClass::gb45574_health));
  EXPECT_EQ(core::finding_classes_from("gdpr"), std::nullopt);
  EXPECT_EQ(core::finding_classes_from(""), std::nullopt);
}

}  // namespace
}  // namespace menshen::policies
