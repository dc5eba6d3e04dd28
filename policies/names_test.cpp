// Which characters ids and names of groups may have, and what is said of the others.
#include "policies/names.h"
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using ::testing::HasSubstr;

TEST(Names, IdsAreLettersOfAnyScriptInOneForm) {
  for (const char* id : {"no-secrets", "v1.2_b", "财务-内网", "個資", "二〇二六", "Größe",
                         "правило", "カード", "보안", "𠮷"}) {
    EXPECT_TRUE(is_id(id)) << id;
  }
  for (const std::string id :
       {"a b",        "a/b",      "a,b",     "a;b",        "a=b",          "a%b",    "a\"b",
        "(a)",        "a\tb",     "财 务",   "财\u3000务", "ＰＩＩ",       "①",      "财\u200b务",
        "财\u200d务", "a\u00adb", "\u202ea", "e\u0301",    "\u1112\u1161", "\u3164", "\uf900",
        "\xc3",       "财务！",   "😀",      "１"}) {
    EXPECT_FALSE(is_id(id)) << id;
  }
}

TEST(Names, AnIdInOtherFormsIsToldHowItIsMeant) {
  EXPECT_EQ(id_meant("ＰＩＩ－１"), "PII-1");
  EXPECT_EQ(id_meant("Gro\u0308ße"), "Größe");
  EXPECT_EQ(id_meant("\uf900"), "豈");
  EXPECT_EQ(id_meant("a b"), "");
  EXPECT_EQ(id_meant("\xc3"), "");
}

std::string problems_of(const std::string& rules) {
  return testing::listed(testing::parse(testing::with_header(rules)));
}

TEST(Names, RulesAndGroupsMayBeChinese) {
  const std::string rules =
      "access:\n  - {id: 财务-内网, effect: allow, who: {groups: [财务部]}}\n"
      "content:\n  - {id: 个人信息, find: {categories: [pii]}, then: {action: redact}}\n"
      "tests:\n  - name: 财务\n    given: {groups: [财务部]}\n"
      "    expect: {access: allow, rule: 财务-内网}\n";
  const auto loaded = testing::parse(testing::with_header(rules));
  ASSERT_TRUE(loaded.set) << testing::listed(loaded);
  EXPECT_TRUE(loaded.set->run_tests().front().passed);
  const core::Subject subject{"u", core::SubjectKind::user, {"财务部"}, "k"};
  EXPECT_EQ(loaded.set->access({&subject, "m", core::Operation::chat, "internal", 0}).rule,
            "财务-内网");
}

TEST(Names, OfRulesAreBoundedInBytes) {
  const auto with_id = [](const std::string& id) {
    return problems_of("access:\n  - {id: " + id + ", effect: allow}\n");
  };
  std::string id;
  for (int i = 0; i < 42; ++i) id += "财";
  EXPECT_EQ(with_id(id + "ab"), "");
  EXPECT_THAT(with_id(id + "abc"), HasSubstr("This text is longer than 128 bytes."));
  EXPECT_THAT(with_id("ＰＩＩ"),
              HasSubstr("access[0].id: An id has letters, digits, '_', '-' and '.' alone. Did you "
                        "mean PII?"));
}

TEST(Names, OfGroupsShowAllOfThemselvesInOneForm) {
  const auto with_group = [](const std::string& group) {
    return problems_of("access:\n  - {id: a, effect: allow, who: {groups: [\"" + group + "\"]}}\n");
  };
  EXPECT_EQ(with_group("财务部（上海）"), "");
  EXPECT_EQ(with_group("R & D, Zürich"), "");
  for (const std::string hidden : {"\u200b", "\u202e", "\u2060", "\u00ad"}) {
    EXPECT_THAT(with_group("财" + hidden + "务"),
                HasSubstr("access[0].who.groups[0]: The name of a group has no control characters "
                          "and none that show nothing."));
  }
  EXPECT_THAT(with_group("Zu\u0308rich"),
              HasSubstr("is written in composed form (NFC). Did you mean Zürich?"));
}

TEST(Names, OfRulesInTestsAreGuessed) {
  EXPECT_THAT(
      problems_of("access:\n  - {id: office, effect: allow}\n"
                  "tests:\n  - {name: t, given: {}, expect: {access: allow, rule: ofice}}\n"),
      HasSubstr("No access rule has the id \"ofice\". Did you mean office?"));
}

}  // namespace
}  // namespace menshen::policies
