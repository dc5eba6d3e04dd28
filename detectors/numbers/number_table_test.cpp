// The shape of a row carries the identifiers that are still to come: their formats and checks here,
// each found where it is right and left where one digit is wrong.
#include "detectors/catalog.h"
#include "detectors/numbers/number_table.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"
#include "detectors/values/checksum.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type(std::string_view name) {
  return {name, core::Category::pii, "TAG", "For tests."};
}

// The weighted sum of all characters, letters from A = 10 on.
int weighted(std::string_view value, std::string_view alphabet, std::span<const int> weights) {
  int sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i] * static_cast<int>(alphabet.find(value[i]));
  }
  return sum;
}
constexpr std::string_view decimal = "0123456789";

// UK NHS: weights 10 to 2, 11 minus the sum mod 11.
bool nhs_valid(std::string_view d) noexcept {
  constexpr std::array weights{10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  return weighted(d, decimal, weights) % 11 == 0;
}
constexpr Grouping nhs_groups[] = {{{3, 3, 4}}};
constexpr DigitForm nhs_forms[] = {{.lengths = digits(10),
                                    .check = nhs_valid,
                                    .groupings = nhs_groups,
                                    .alone = {.grouped = 0.6F},
                                    .labelled = {.together = 0.95F, .grouped = 0.95F}}};
constexpr std::array<std::string_view, 1> nhs_labels{"nhs"};

// GB 32100: 31 characters without I O S V Z, weights 3^i mod 31.
constexpr std::string_view uscc_alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
bool uscc_valid(std::string_view v) noexcept {
  constexpr std::array weights{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1};
  return weighted(v, uscc_alphabet, weights) % 31 == 0;
}
constexpr CodeForm uscc_forms[] = {{.mask = "xxddddddxxxxxxxxxx",
                                    .alphabet = uscc_alphabet,
                                    .check = uscc_valid,
                                    .alone = 0.9F,
                                    .labelled = 0.97F}};

// Formats without a check: passports, national insurance, Hong Kong identity cards, HETU.
constexpr CodeForm passport_forms[] = {
    {.mask = "Edddddddd", .labelled = 0.9F},
    {.mask = "Eaddddddd", .alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ", .labelled = 0.9F}};
constexpr std::array<std::string_view, 2> passport_labels{"passport", "护照"};
constexpr CodeForm nino_forms[] = {{.mask = "aadddddda", .group = 2, .alone = 0.7F}};
constexpr CodeForm hk_forms[] = {{.mask = "adddddd(x)", .alone = 0.8F},
                                 {.mask = "aadddddd(x)", .alone = 0.8F}};
constexpr CodeForm hetu_forms[] = {{.mask = "dddddd-dddx", .alone = 0.8F},
                                   {.mask = "ddddddAdddx", .alone = 0.8F}};

constexpr NumberSpec nhs{.type = type("nhs"), .labels = nhs_labels, .digit_forms = nhs_forms};
constexpr NumberSpec uscc{.type = type("uscc"), .code_forms = uscc_forms};
constexpr NumberSpec passport{
    .type = type("passport"), .labels = passport_labels, .code_forms = passport_forms};
constexpr NumberSpec nino{.type = type("nino"), .code_forms = nino_forms};
constexpr NumberSpec hk{.type = type("hk"), .code_forms = hk_forms};
constexpr NumberSpec hetu{.type = type("hetu"), .code_forms = hetu_forms};

std::shared_ptr<const Catalog> catalog_of(const std::vector<const NumberSpec*>& rows) {
  return std::make_shared<const Catalog>(std::vector<const Detector*>{}, rows);
}

std::shared_ptr<const Catalog> catalog() {
  static const auto made = catalog_of({&nhs, &uscc, &passport, &nino, &hk, &hetu});
  return made;
}

// "uscc:91350100M000100Y43 ".
std::string found_in(std::string_view text) {
  std::string found;
  const auto findings = scan_text(catalog(), text);
  if (!findings) return "refused";
  for (const core::Finding& f : *findings) {
    found.append(f.detector).append(":").append(text.substr(f.begin, f.end - f.begin)) += ' ';
  }
  return found;
}

struct Row {
  std::string_view text;
  std::string_view found;
};

TEST(NumberTable, CarriesOtherFormatsAndChecks) {
  constexpr Row rows[] = {
      {"NHS 943 476 5870", "nhs:943 476 5870 "},
      {"NHS 9434765870.", "nhs:9434765870 "},
      {"NHS 943 476 5871", ""},
      {"943 476 5870", "nhs:943 476 5870 "},
      {"9434765870", ""},
      {"信用代码91350100M000100Y43，", "uscc:91350100M000100Y43 "},
      {"91350100m000100y43", "uscc:91350100m000100y43 "},
      {"91350100M000100Y4Z", ""},
      {"91350100M000100Y431", ""},
      {"护照 E12345678", "passport:E12345678 "},
      {"护照：EF1260892。", "passport:EF1260892 "},
      {"E12345678", ""},
      {"passport EI1260892", ""},
      {"AB 12 34 56 C", ""},
      {"AB123456C", "nino:AB123456C "},
      {"AB-12-34-56-C", "nino:AB-12-34-56-C "},
      {"A123456(3) and AB123456(9)", "hk:A123456(3) hk:AB123456(9) "},
      {"131052-308T, 131052A308T", "hetu:131052-308T hetu:131052A308T "},
      {"x131052-308T", ""},
      {"131052-308TX", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(found_in(row.text), row.found) << row.text;
}

// Three things speak for a value: its form, its check digit, the words before it.
TEST(NumberTable, ALabelOutvotesAChecksum) {
  static constexpr DigitForm claimed_forms[] = {{.lengths = digits(10),
                                                 .check = nhs_valid,
                                                 .groupings = nhs_groups,
                                                 .alone = {.together = 0.6F, .grouped = 0.6F},
                                                 .labelled = usual(0.95F),
                                                 .claimed = 0.7F}};
  static constexpr std::array<std::string_view, 1> other_labels{"routing"};
  static constexpr CodeForm other_codes[] = {{.mask = "xxxxx", .most = 12, .claimed = 0.8F}};
  constexpr NumberSpec row{.type = type("row"), .labels = nhs_labels, .digit_forms = claimed_forms};
  constexpr NumberSpec other{
      .type = type("other"), .labels = other_labels, .code_forms = other_codes};
  const auto catalog = catalog_of({&row, &other});
  struct Sure {
    std::string_view text;
    std::string_view type;
    float confidence;
  };
  constexpr Sure all[] = {
      {"NHS: 9434765870", "row", 0.95F},
      {"NHS, as I said, 9434765870", "row", 0.95F},
      {"9434765870", "row", 0.6F},
      {"NHS: 9434765871", "row", 0.7F},
      {"NHS: 943 476 5871", "row", 0.7F},
      {"NHS, as I said, 9434765871", "", 0},
      {"9434765871", "", 0},
      {"NHS order no. 9434765870", "", 0},
      {"routing 9434765870", "other", 0.8F},
      {"routing 94347658701234", "", 0},
  };
  for (const Sure& sure : all) {
    const auto findings = scan_text(catalog, sure.text);
    ASSERT_TRUE(findings);
    ASSERT_EQ(findings->size(), sure.type.empty() ? 0U : 1U) << sure.text;
    if (findings->empty()) continue;
    EXPECT_EQ(findings->front().type->name, sure.type) << sure.text;
    EXPECT_FLOAT_EQ(findings->front().confidence, sure.confidence) << sure.text;
  }
}

// A value whose first character stands before its run is held back from there.
TEST(NumberTable, ALeadIsHeldUntilItsRunIsKnown) {
  static constexpr std::array<std::string_view, 1> leads{"京"};
  static constexpr CodeForm forms[] = {{.mask = "addddd", .alone = 0.9F, .leads = leads}};
  constexpr NumberSpec row{.type = type("plate"), .code_forms = forms};
  Scanner scanner(catalog_of({&row}));
  scanner.reset();
  ASSERT_TRUE(scanner.feed("北京"));
  EXPECT_LE(scanner.settled(), 3U);
  ASSERT_TRUE(scanner.feed("市，"));
  EXPECT_EQ(scanner.settled(), 12U);
  ASSERT_TRUE(scanner.feed("京A1"));
  EXPECT_EQ(scanner.settled(), 12U);
  ASSERT_TRUE(scanner.feed("2345。"));
  EXPECT_EQ(testing::describe(scanner.take()), "plate [12, 21) ");
  EXPECT_EQ(scanner.settled(), 24U);
  ASSERT_TRUE(scanner.feed("南京"));
  ASSERT_TRUE(scanner.finish());
  EXPECT_EQ(scanner.settled(), 30U);
}

// A row hides nothing from the others, and its own value is not read again.
TEST(NumberTable, RowsDoNotDisturbEachOther) {
  static constexpr DigitForm nine[] = {
      {.lengths = digits(9), .alone = {.together = 0.6F, .few = 0.6F}}};
  static constexpr DigitForm three[] = {{.lengths = digits(3), .alone = {.together = 0.6F}}};
  constexpr NumberSpec whole{.type = type("whole"), .digit_forms = nine};
  constexpr NumberSpec part{.type = type("part"), .digit_forms = three};
  const auto findings = scan_text(catalog_of({&whole, &part}), "123 456 789");
  ASSERT_TRUE(findings);
  EXPECT_EQ(testing::describe(*findings), "whole [0, 11) part [0, 3) part [4, 7) part [8, 11) ");
}

TEST(NumberTable, CutsChangeNothing) {
  const std::string text =
      "NHS 943 476 5870, 信用代码91350100M000100Y43 护照：EF1260892。131052-308T";
  Scanner scanner(catalog());
  const auto whole = testing::feed(scanner, text, {});
  EXPECT_EQ(whole.findings.size(), 4U);
  std::vector<std::size_t> each;
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    EXPECT_TRUE(testing::same(whole.findings, testing::feed(scanner, text, {cut}).findings)) << cut;
    each.push_back(cut);
  }
  EXPECT_TRUE(testing::same(whole.findings, testing::feed(scanner, text, each).findings));
}

TEST(NumberTable, HasABoundOfRowsAndNoMore) {
  std::vector<const NumberSpec*> rows(NumberTable::rows_max, &nhs);
  EXPECT_NO_THROW(NumberTable{rows});
  rows.push_back(&nhs);
  EXPECT_THROW(NumberTable{rows}, std::length_error);
  std::vector<const NumberSpec*> codes(NumberTable::codes_max, &uscc);
  EXPECT_NO_THROW(NumberTable{codes});
  codes.back() = &hk;
  EXPECT_THROW(NumberTable{codes}, std::length_error);
}

}  // namespace
}  // namespace menshen::detectors
