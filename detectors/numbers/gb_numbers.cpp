// Identifiers of Britain.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/boundary.h"
#include "detectors/values/national_checksum.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

constexpr Grouping nhs_groups[] = {{{3, 3, 4}}};
constexpr DigitForm nhs_forms[] = {{.lengths = digits(10),
                                    .check = nhs_valid,
                                    .groupings = nhs_groups,
                                    .labelled = usual(0.95F),
                                    .claimed = 0.7F}};
constexpr std::array<std::string_view, 4> nhs_labels{"nhs", "nhs number", "national health service",
                                                     "nhs no"};

// Prefixes that are given out.
bool is_nino(std::string_view value) noexcept {
  constexpr std::string_view never_first = "DFIQUV";
  constexpr std::string_view never_second = "DFIOQUV";
  constexpr std::array<std::string_view, 7> never{"BG", "GB", "NK", "KN", "NT", "TN", "ZZ"};
  return never_first.find(value[0]) == never_first.npos &&
         never_second.find(value[1]) == never_second.npos &&
         std::ranges::find(never, value.substr(0, 2)) == never.end();
}
bool has_suffix(std::string_view value) noexcept { return value.back() <= 'D'; }
constexpr CodeForm nino_codes[] = {{.mask = "aadddddda",
                                    .group = 2,
                                    .check = is_nino,
                                    .must = has_suffix,
                                    .alone = 0.8F,
                                    .labelled = 0.97F,
                                    .claimed = 0.7F},
                                   {.mask = "dd dd dd",
                                    .check = is_nino,
                                    .alone = 0.6F,
                                    .labelled = 0.95F,
                                    .claimed = 0.7F,
                                    .lead_capitals = 2}};
constexpr std::array<std::string_view, 5> nino_labels{"nino", "national insurance", "ni number",
                                                      "ni no", "国民保险号"};

// Surname, decade, month (of women 50 more), day, year, initials, and what keeps it unique.
bool is_licence(std::string_view value) noexcept {
  const std::string_view surname = value.substr(0, 5);
  const auto letters = std::ranges::find_if_not(surname, is_letter);
  if (letters == surname.begin() ||
      !std::all_of(letters, surname.end(), [](char c) { return c == '9'; })) {
    return false;
  }
  const auto two = [value](std::size_t at) { return (value[at] - '0') * 10 + value[at + 1] - '0'; };
  const int month = two(6) % 50;
  return month >= 1 && month <= 12 && two(8) >= 1 && two(8) <= 31 && !is_digit(value[11]) &&
         (!is_digit(value[12]) || value[12] == '9');
}
constexpr CodeForm licence_codes[] = {{.mask = "axxxxddddddxxxxx",
                                       .must = is_licence,
                                       .alone = 0.85F,
                                       .labelled = 0.97F,
                                       .claimed = 0.97F}};
constexpr std::array<std::string_view, 8> licence_labels{
    "driving licence", "driver licence", "driving license", "uk driving licence", "dvla",
    "drivers licence", "driver number",  "英国驾照"};

constexpr DigitForm passport_forms[] = {{.lengths = digits(9), .claimed = 0.95F}};
constexpr std::array<std::string_view, 4> passport_labels{"uk passport", "british passport",
                                                          "gb passport", "英国护照"};

constexpr NumberSpec rows[] = {
    {.type = {"gb_nhs",
              core::Category::pii,
              "GB_NHS",
              "NHS number with a label: check digit 0.95, without 0.7.",
              {core::FindingClass::gb45574_health, core::FindingClass::gdpr_special,
               core::FindingClass::hipaa_h, core::FindingClass::pipl_sensitive}},
     .labels = nhs_labels,
     .digit_forms = nhs_forms},
    {.type = {"gb_nino",
              core::Category::pii,
              "GB_NINO",
              "National insurance number within the prefixes that are given out (0.8; 0.97 with a "
              "label); another prefix directly behind one 0.7.",
              {core::FindingClass::hipaa_r}},
     .labels = nino_labels,
     .code_forms = nino_codes},
    {.type =
         {"gb_driving_licence",
          core::Category::pii,
          "GB_DRIVING_LICENCE",
          "British driving licence by its build: name, date of birth, initials (0.85; 0.97 with "
          "a label).",
          {core::FindingClass::hipaa_k, core::FindingClass::pipl_sensitive}},
     .labels = licence_labels,
     .code_forms = licence_codes},
    {.type = {"gb_passport",
              core::Category::pii,
              "GB_PASSPORT",
              "Nine digits directly behind a label that names the country (0.95).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = passport_labels,
     .digit_forms = passport_forms},
};

}  // namespace

std::span<const NumberSpec> gb_numbers() { return rows; }

}  // namespace menshen::detectors
