#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "policies/testing.h"

#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using testing::listed;
using testing::with_header;

constexpr std::string_view two_recognizers = R"(
recognizers:
  - name: employee_no
    category: pii
    description: Staff numbers
    pattern: '\bEMP-\d{6}\b'
    confidence: 0.9
    examples: {match: ["工号EMP-204815"], no_match: ["EMP-20481", "TEMP-204815"]}
  - name: project_name
    category: secret
    words: [猎鹰, Project Falcon]
access: [{id: all, effect: allow}]
content:
  - {id: staff, find: {types: [employee_no]}, then: {action: redact}}
  - {id: secrets, find: {categories: [secret], confidence_min: 0.7}, then: {action: deny}}
)";

PolicySet::Loaded load_recognizers(std::string_view recognizers) {
  return testing::parse(
      with_header("access: [{id: all, effect: allow}]\nrecognizers:\n" + std::string(recognizers)));
}

std::vector<core::Finding> scanned_under(const PolicySet& set, std::string_view text) {
  auto found = detectors::scan_text(set.catalog(), text);
  EXPECT_TRUE(found);
  return found ? *found : std::vector<core::Finding>{};
}

TEST(PolicyRecognizers, FindTypesThatRulesName) {
  const auto loaded = testing::parse(with_header(two_recognizers));
  ASSERT_NE(loaded.set, nullptr) << listed(loaded);
  EXPECT_EQ(listed(loaded), "");
  const auto found = scanned_under(*loaded.set, "EMP-204815, 项目猎鹰");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].type->name, "employee_no");
  EXPECT_EQ(found[0].type->tag, "EMPLOYEE_NO");
  EXPECT_EQ(found[0].type->summary, "Staff numbers");
  EXPECT_FLOAT_EQ(found[0].confidence, 0.9F);
  EXPECT_EQ(found[1].type->category, core::Category::secret);
  EXPECT_FLOAT_EQ(found[1].confidence, 0.8F);
  const core::Subject caller;
  const ContentPlan plan = loaded.set->content({.subject = &caller}, core::Direction::request);
  EXPECT_EQ(plan.decide(found[0], nullptr).action, core::Action::redact);
  EXPECT_EQ(*plan.decide(found[0], nullptr).rule, "staff");
  EXPECT_EQ(plan.decide(found[1], nullptr).action, core::Action::deny);
  EXPECT_EQ(*plan.decide(found[1], nullptr).rule, "secrets");
}

TEST(PolicyRecognizers, StandBesideTheKnownCatalog) {
  const auto base = detectors::Catalog::built_in();
  const auto loaded =
      PolicySet::parse(with_header(two_recognizers), "policy.yaml", {base->types(), {}, base});
  ASSERT_NE(loaded.set, nullptr) << listed(loaded);
  EXPECT_EQ(scanned_under(*loaded.set, "EMP-204815 a@b.example").size(), 2U);
  EXPECT_EQ(loaded.set->catalog()->types().size(), base->types().size() + 2);
  const auto without = PolicySet::parse(with_header("access: [{id: a, effect: allow}]"),
                                        "policy.yaml", {base->types(), {}, base});
  EXPECT_EQ(without.set->catalog(), base);
}

// What was found names its type after the set is gone from everywhere but the scanner.
TEST(PolicyRecognizers, LiveAsLongAsAScannerOfTheirs) {
  auto loaded = testing::parse(with_header(two_recognizers));
  ASSERT_NE(loaded.set, nullptr);
  detectors::Scanner scanner(loaded.set->catalog());
  ASSERT_TRUE(scanner.feed("EMP-20"));
  const std::weak_ptr<const PolicySet> gone = loaded.set;
  loaded = {};
  EXPECT_TRUE(gone.expired());
  ASSERT_TRUE(scanner.feed("4815"));
  ASSERT_TRUE(scanner.finish());
  const auto found = scanner.take();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].type->tag, "EMPLOYEE_NO");
}

TEST(PolicyRecognizers, ErrorsHaveTheirPlace) {
  const auto loaded =
      load_recognizers(R"(  - {name: ok_one, category: pii, pattern: 'a(', confidence: 0.5}
  - name: ok_two
    category: pii
    patterns:
      - 'abc'
      - 'x*'
)");
  EXPECT_EQ(loaded.set, nullptr);
  const std::string all = listed(loaded);
  EXPECT_NE(all.find("error policy.yaml:6:44 recognizers[0].pattern: RE2 does not take this "
                     "pattern: missing )."),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("error policy.yaml:11:9 recognizers[1].patterns[1]: This pattern matches the "
                     "empty text"),
            std::string::npos)
      << all;
}

void expect_recognizer_fault(std::string_view recognizer, std::string_view fault) {
  const auto loaded = load_recognizers("  - " + std::string(recognizer) + "\n");
  EXPECT_EQ(loaded.set, nullptr) << recognizer;
  EXPECT_NE(listed(loaded).find(fault), std::string::npos) << recognizer << "\n" << listed(loaded);
}

TEST(PolicyRecognizers, AreRefusedWhenTheyCannotBe) {
  const std::string own = "{name: own, category: pii, ";
  expect_recognizer_fault(own + "words: ['...']}", "recognizers[0].words[0]: A word has a letter");
  expect_recognizer_fault(own + "pattern: '^abc'}", "no anchors");
  expect_recognizer_fault(own + "patterns: [abc, '.{0,50}secret.{0,50}']}",
                          "recognizers[0].patterns[1]: A text that is made for it makes this "
                          "pattern cost ");
  expect_recognizer_fault(own + "pattern: \"a\\u200Bb\"}",
                          "recognizers[0].pattern: No text shows the character U+200B");
  expect_recognizer_fault(own + "pattern: 'abc', words: [a]}",
                          "one of `pattern`, `patterns` and `words`");
  expect_recognizer_fault("{name: own, category: pii}", "one of `pattern`, `patterns` and `words`");
  expect_recognizer_fault(own + "words: [a], validator: luhn}", "words need none");
  expect_recognizer_fault(own + "pattern: 'abc', validator: luhm}", "Did you mean luhn?");
  expect_recognizer_fault(own + "pattern: 'abc', context: {words: [a]}}", "`required: true`, or");
  expect_recognizer_fault(own + "pattern: 'abc', context: {words: [a], required: false}}",
                          "leave it out");
  expect_recognizer_fault(own + "pattern: 'abc', context: {words: ['-'], required: true}}",
                          "recognizers[0].context.words[0]: A word has a letter");
  expect_recognizer_fault(
      own + "pattern: 'abc', confidence: 0.9, context: {words: [a], confidence: 0.8}}",
      "less than without it");
  expect_recognizer_fault(own + "pattern: 'abc', confidence: 0}", "recognizers[0].confidence");
  expect_recognizer_fault(
      own + "pattern: 'abc', examples: {match: [abd]}}",
      "recognizers[0].examples.match[0]: This example should match, and nothing of the type");
  expect_recognizer_fault(own + "pattern: 'abc', examples: {match: [abc], no_match: [x, xabc]}}",
                          "recognizers[0].examples.no_match[1]: This example should not match");
  for (const char* name : {"Own", "1st", "own-type", "工号", "_a"}) {
    expect_recognizer_fault("{name: " + std::string(name) + ", category: pii, words: [a]}",
                            "recognizers[0].name: The name of a type");
  }
  for (const char* name : {"email", "pii", "secret", "provider_credential"}) {
    expect_recognizer_fault("{name: " + std::string(name) + ", category: pii, words: [a]}",
                            "is found by Menshen itself");
  }
  expect_recognizer_fault("{name: own, category: toxicity, words: [a]}", "recognizers[0].category");
  expect_recognizer_fault(own + "words: [a]}\n  - " + own + "words: [b]}",
                          "Two recognizers have the name \"own\": the other one stands in line 6.");
}

// Rules that name a type whose recognizer is at fault are told nothing wrong.
TEST(PolicyRecognizers, AreKnownToRulesThoughAtFault) {
  const auto loaded = testing::parse(with_header(
      "access: [{id: all, effect: allow}]\nrecognizers: [{name: own, category: pii, pattern: "
      "'('}]\ncontent: [{id: r, find: {types: [own]}, then: {action: deny}}]\n"));
  EXPECT_EQ(loaded.diagnostics.size(), 2U) << listed(loaded);
  EXPECT_EQ(listed(loaded).find("content"), std::string::npos) << listed(loaded);
}

TEST(PolicyRecognizers, WithoutExamplesAreWarnedOf) {
  const auto loaded = load_recognizers("  - {name: own, category: pii, pattern: 'abc'}\n");
  EXPECT_NE(loaded.set, nullptr);
  EXPECT_NE(listed(loaded).find("warning policy.yaml:6:5 recognizers[0]: Nothing shows"),
            std::string::npos)
      << listed(loaded);
}

TEST(PolicyRecognizers, AreBoundedInNumber) {
  std::string many;
  for (int i = 0; i <= 1000; ++i) {
    many += "  - {name: t" + std::to_string(i) + ", category: pii, words: [a]}\n";
  }
  const auto loaded = load_recognizers(many);
  EXPECT_EQ(loaded.set, nullptr);
  EXPECT_NE(listed(loaded).find("More than 1000 recognizers."), std::string::npos);
}

}  // namespace
}  // namespace menshen::policies
