// Values that rules take no notice of: how they are compared, and what is wrong with an entry.
#include "policies/ignore.h"

#include "detectors/catalog.h"
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using core::Action;
using ::testing::HasSubstr;

// Bits of the entries of `ignore` that name the value.
std::uint32_t entries_of(const core::FindingType& type, std::string_view value,
                         const std::vector<IgnoreEntry>& entries) {
  return IgnoreList(entries).entries_of(type, value);
}

std::shared_ptr<const PolicySet> ignoring(const std::string& sections) {
  auto loaded =
      testing::parse(testing::with_header("access: [{id: all, effect: allow}]\n" + sections));
  EXPECT_TRUE(loaded.set) << testing::listed(loaded);
  return loaded.set;
}

TEST(Ignore, NumbersAreComparedByTheirDigits) {
  const std::vector<IgnoreEntry> entries{{.values = {"400-820-8820", "1234"}}};
  EXPECT_EQ(entries_of(testing::phone, "400 8208820", entries), 1U);
  EXPECT_EQ(entries_of(testing::phone, "(400)820-8820", entries), 1U);
  EXPECT_EQ(entries_of(testing::phone, "400-820-8821", entries), 0U);
  EXPECT_EQ(entries_of(testing::phone, "+86 400-820-8820", entries), 0U);
  EXPECT_EQ(entries_of(testing::phone, "+1 (380) 013-8000", {{.values = {"13800138000"}}}), 0U);
  EXPECT_EQ(entries_of(testing::phone, "+86 13800138000", {{.values = {"+8613800138000"}}}), 1U);
  EXPECT_EQ(entries_of(testing::phone, "1234", entries), 1U);
  EXPECT_EQ(entries_of(testing::phone, "12-34", entries), 0U);  // too short for a grouping
}

TEST(Ignore, ValuesAreWrittenInAnyFormThatLooksAlike) {
  const std::vector<IgnoreEntry> entries{{.values = {"４００８２０８８２０", "Info@Example.COM"}}};
  EXPECT_EQ(entries_of(testing::phone, "4008208820", entries), 1U);
  EXPECT_EQ(entries_of(testing::email, "info@example.com", entries), 1U);
  EXPECT_EQ(entries_of(testing::email, "xinfo@example.com", entries), 0U);
}

TEST(Ignore, PatternsAndValuesMayBeWrittenInAnyForm) {
  const auto loaded = PolicySet::parse(
      testing::with_header(
          "access: [{id: all, effect: allow}]\n"
          "ignore: [{patterns: ['（测试）：\\d+']}, {values: ['甲，乙（丙）']}]\n"),
      "policy.yaml", {testing::types, testing::score_kinds, detectors::Catalog::built_in()});
  ASSERT_TRUE(loaded.set) << testing::listed(loaded);
  const auto entries = [&](std::string_view value) {
    return loaded.set->catalog()->ignored()->entries_of(testing::phone, value);
  };
  EXPECT_EQ(entries("(测试):42"), 1U);
  EXPECT_EQ(entries("测试:42"), 0U);
  EXPECT_EQ(entries("甲，乙(丙)"), 2U);
  EXPECT_EQ(entries("甲,乙(丙)"), 2U) << "a comma of half the width is the same";
}

TEST(Ignore, ADomainStandsForWhatIsBelowIt) {
  const std::vector<IgnoreEntry> entries{{.domains = {"Example.com"}}};
  EXPECT_EQ(entries_of(testing::email, "a@example.com", entries), 1U);
  EXPECT_EQ(entries_of(testing::email, "a@mail.EXAMPLE.com", entries), 1U);
  EXPECT_EQ(entries_of(testing::email, "a@badexample.com", entries), 0U);
  EXPECT_EQ(entries_of(testing::email, "a@example.com.evil.org", entries), 0U);
  EXPECT_EQ(entries_of(testing::email, "example.com", entries), 0U);
}

// A password may have an @.
TEST(Ignore, ADomainReachesNoSecretThatItsEntryDoesNotName) {
  EXPECT_EQ(entries_of(testing::jwt, "p@example.com", {{.domains = {"example.com"}}}), 0U);
  EXPECT_EQ(entries_of(testing::jwt, "p@example.com",
                       {{.domains = {"example.com"}, .types = {&testing::jwt}}}),
            1U);
}

TEST(Ignore, ListsThatAreTooWideAreWarnedOf) {
  const auto warnings = [](const std::string& entry) {
    const auto loaded = testing::parse(
        testing::with_header("access: [{id: all, effect: allow}]\nignore: [" + entry + "]\n"));
    EXPECT_TRUE(loaded.set) << entry << testing::listed(loaded);
    return testing::listed(loaded);
  };
  for (const char* wide : {"0.0.0.0/0", "8.0.0.0/7", "::/0", "2000::/3", "::ffff:0:0/96"}) {
    EXPECT_THAT(warnings("{networks: ['" + std::string(wide) + "']}"),
                HasSubstr("ignore[0].networks[0]: This range is wider"))
        << wide;
  }
  for (const char* wide : {"com", "cn", "com.cn", "co.uk", "中国", "ＣＯＭ"}) {
    EXPECT_THAT(warnings("{domains: ['" + std::string(wide) + "']}"),
                HasSubstr("ignore[0].domains[0]: Everybody may have mailboxes in"))
        << wide;
  }
  for (const char* wide : {".+", "\\S{3,}", "[0-9]+", "\\w.*\\w", "[^@]+"}) {
    EXPECT_THAT(warnings("{patterns: ['" + std::string(wide) + "']}"),
                HasSubstr("ignore[0].patterns[0]: This pattern matches values of several types"))
        << wide;
  }
  for (const char* fine :
       {"{networks: [10.0.0.0/8, 'fc00::/7', 'fd00::/8', 127.0.0.1]}",
        "{patterns: ['TEST-[0-9]+', '.*@example\\.org', '1390000[0-9]{4}']}",
        "{domains: [example.com, corp.internal, internal, mail.co.uk, ab.cd]}"}) {
    EXPECT_EQ(warnings(fine), "") << fine;
  }
}

TEST(Ignore, ARangeStandsForItsAddresses) {
  const std::vector<IgnoreEntry> entries{
      {.networks = {*Network::from("10.0.0.0/8"), *Network::from("192.0.2.7")}},
      {.networks = {*Network::from("2001:db8::/33")}}};
  EXPECT_EQ(entries_of(testing::phone, "10.255.0.1", entries), 1U);
  EXPECT_EQ(entries_of(testing::phone, "::ffff:10.1.2.3", entries), 1U);
  EXPECT_EQ(entries_of(testing::phone, "11.0.0.1", entries), 0U);
  EXPECT_EQ(entries_of(testing::phone, "192.0.2.7", entries), 1U);
  EXPECT_EQ(entries_of(testing::phone, "192.0.2.8", entries), 0U);
  EXPECT_EQ(entries_of(testing::phone, "2001:db8:7fff::1", entries), 2U);
  EXPECT_EQ(entries_of(testing::phone, "2001:db8:8000::1", entries), 0U);
  EXPECT_EQ(entries_of(testing::phone, "10.0.0.0/8", entries), 0U);
}

TEST(Ignore, AddressesAreReadStrictly) {
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0.1/8", "::1/129", "10.0.0.0/", "10.0.0.0/+8",
                          "10.0.0.0/8/8", "010.0.0.1", "1.2.3", "host", "2001:db8::1/32"})
    EXPECT_FALSE(Network::from(bad)) << bad;
  for (const char* good : {"0.0.0.0/0", "::/0", "10.0.0.1/32", "::1", "fe80::/10", "::ffff:0:0/96"})
    EXPECT_TRUE(Network::from(good)) << good;
}

TEST(Ignore, TypesAreThoseOfTheEntryAlone) {
  const std::vector<IgnoreEntry> entries{{.values = {"x"}, .types = {&testing::jwt}}};
  EXPECT_EQ(entries_of(testing::jwt, "X", entries), 1U);
  EXPECT_EQ(entries_of(testing::email, "x", entries), 0U);
}

TEST(Ignore, RulesThatItNamesTakeNoNoticeAndOthersDo) {
  const auto set = ignoring(
      "content:\n"
      "  - {id: a, find: {types: [email]}, then: {action: annotate}}\n"
      "  - {id: b, find: {types: [email]}, then: {action: deny}}\n"
      "  - {id: s, find: {types: [email]}, then: {action: deny}, mode: shadow}\n"
      "ignore:\n"
      "  - {values: [x], rules: [b, s]}\n"
      "  - {patterns: ['y+']}\n");
  const core::Subject caller{"alice", core::SubjectKind::user, {}, "k1"};
  const ContentPlan plan =
      set->content({&caller, "m", core::Operation::chat, "internal", 0}, core::Direction::request);
  const auto decide = [&](std::uint32_t ignored) {
    core::Finding finding = testing::finding(testing::email, 1);
    finding.ignored = ignored;
    Matches shadow;
    const Action action = plan.decide(finding, &shadow).action;
    return std::pair(action, shadow.size());
  };
  EXPECT_EQ(decide(0), std::pair(Action::deny, std::size_t{1}));
  EXPECT_EQ(decide(1), std::pair(Action::annotate, std::size_t{0}));
  EXPECT_EQ(decide(2), std::pair(Action::allow, std::size_t{0}));
}

TEST(Ignore, WhatIsWrongWithAnEntryIsNamedWithItsPlace) {
  const struct {
    const char* entry;
    const char* error;
  } cases[] = {
      {"{}", "ignore[0]: An entry needs values"},
      {"{types: [email]}", "ignore[0]: An entry needs values"},
      {"{values: [x], types: [emial]}", "ignore[0].types[0]: No detector of this version finds"},
      {"{values: [x], rules: [b]}", "ignore[0].rules[0]: No content rule on findings has the id"},
      {"{values: [x], rules: [o]}", "ignore[0].rules[0]: No content rule on findings has the id"},
      {"{domains: ['@example.com']}", "ignore[0].domains[0]: A domain is given by its name"},
      {"{networks: [10.0.0.1/8]}", "ignore[0].networks[0]: Expected an address or a range"},
      {"{patterns: ['(']}", "ignore[0].patterns[0]: RE2 does not take this pattern"},
      {"{patterns: ['(a{1000}){1000}']}", "ignore[0].patterns[0]: RE2 does not take"},
      {"{patterns: [\"a\\u200B\"]}", "ignore[0].patterns[0]: No text shows the character U+200B"},
      {"{patterns: ['.*']}", "ignore[0].patterns[0]: This pattern matches a text without"},
      {"{value: x}", "ignore[0]: Unknown key \"value\""},
      {"x", "ignore[0]: "},
  };
  for (const auto& [entry, error] : cases) {
    const auto loaded = testing::parse(testing::with_header(
        std::string("access: [{id: all, effect: allow}]\n"
                    "content:\n"
                    "  - {id: a, find: {types: [email]}, then: {action: deny}}\n"
                    "  - {id: o, find: {opaque: [image]}, then: {action: deny}}\n"
                    "ignore: [") +
        entry + "]\n"));
    EXPECT_FALSE(loaded.set) << entry;
    EXPECT_THAT(testing::listed(loaded), HasSubstr(error)) << entry;
  }
}

}  // namespace
}  // namespace menshen::policies
