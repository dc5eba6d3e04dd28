// Identifiers of persons in India, Singapore, South Korea and Japan.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/checksum.h"
#include "detectors/values/national_checksum.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

// The first digit is 2 to 9, and no palindrome is given out.
bool is_aadhaar(std::string_view d) noexcept {
  return verhoeff_valid(d) && !std::equal(d.begin(), d.end(), d.rbegin());
}
constexpr PrefixRange aadhaar_firsts[] = {{2, 9}};
constexpr Grouping fours[] = {{{4, 4, 4}}};
constexpr DigitForm aadhaar_forms[] = {{.lengths = digits(12),
                                        .prefix_digits = 1,
                                        .prefixes = aadhaar_firsts,
                                        .check = is_aadhaar,
                                        .groupings = fours,
                                        .isolated = true,
                                        .unlike = unlike::labelled_otherwise | unlike::quantity,
                                        .alone = {.grouped = 0.6F},
                                        .labelled = {.together = 0.97F, .grouped = 0.97F},
                                        .claimed = 0.7F}};
constexpr std::array<std::string_view, 6> aadhaar_labels{"aadhaar",      "aadhar", "uidai",
                                                         "aadhaar card", "आधार",   "印度身份证"};

// The fourth letter says who holds it.
bool is_pan(std::string_view value) noexcept {
  constexpr std::string_view holders = "ABCFGHLJPTK";
  return holders.find(value[3]) != holders.npos;
}
constexpr CodeForm pan_codes[] = {
    {.mask = "aaaaadddda", .check = is_pan, .alone = 0.7F, .labelled = 0.95F, .claimed = 0.7F}};
constexpr std::array<std::string_view, 5> pan_labels{"pan", "pan card", "pan number",
                                                     "permanent account", "印度税号"};

bool is_series(std::string_view value) noexcept {
  constexpr std::string_view series = "STFGM";
  return series.find(value[0]) != series.npos;
}
constexpr CodeForm nric_codes[] = {{.mask = "addddddda",
                                    .check = sg_nric_valid,
                                    .must = is_series,
                                    .alone = 0.9F,
                                    .labelled = 0.97F,
                                    .claimed = 0.7F}};
constexpr std::array<std::string_view, 8> nric_labels{
    "nric",           "fin",           "nric fin",     "singapore id",
    "singapore nric", "identity card", "新加坡身份证", "fin number"};

int number_at(std::string_view digits, std::size_t at) noexcept {
  return (digits[at] - '0') * 10 + (digits[at + 1] - '0');
}
// A date of birth, and a digit of sex and century.
bool is_rrn(std::string_view d) noexcept {
  constexpr int leap_year = 2000;
  return is_date(leap_year, number_at(d, 2), number_at(d, 4));
}
constexpr Grouping rrn_groups[] = {{{6, 7}}};
constexpr DigitForm rrn_forms[] = {{.lengths = digits(13),
                                    .check = kr_rrn_valid,
                                    .must = is_rrn,
                                    .groupings = rrn_groups,
                                    .separator = '-',
                                    .isolated = true,
                                    .unlike = unlike::labelled_otherwise | unlike::quantity,
                                    .alone = {.grouped = 0.85F},
                                    .labelled = {.grouped = 0.97F},
                                    .claimed = 0.9F},
                                   {.lengths = digits(13),
                                    .check = kr_rrn_valid,
                                    .must = is_rrn,
                                    .groupings = rrn_groups,
                                    .isolated = true,
                                    .labelled = {.together = 0.95F, .grouped = 0.95F},
                                    .claimed = 0.85F}};
constexpr std::array<std::string_view, 6> rrn_labels{
    "주민등록번호", "주민번호", "rrn", "resident registration", "korean rrn", "韩国身份证"};

constexpr DigitForm my_number_forms[] = {{.lengths = digits(12),
                                          .check = jp_my_number_valid,
                                          .groupings = fours,
                                          .isolated = true,
                                          .labelled = {.together = 0.97F, .grouped = 0.97F},
                                          .claimed = 0.7F}};
constexpr std::array<std::string_view, 7> my_number_labels{
    "マイナンバー",      "個人番号",     "my number", "mynumber",
    "individual number", "日本个人编号", "个人番号"};

constexpr NumberSpec rows[] = {
    {.type =
         {"in_aadhaar",
          core::Category::pii,
          "IN_AADHAAR",
          "Indian Aadhaar with its Verhoeff digit: in fours 0.6, with a label 0.97, without the "
          "check directly behind one 0.7.",
          {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = aadhaar_labels,
     .digit_forms = aadhaar_forms},
    {.type = {"in_pan",
              core::Category::pii,
              "IN_PAN",
              "Indian tax number of persons and companies by its form (0.7; 0.95 with a label).",
              {core::FindingClass::hipaa_r}},
     .labels = pan_labels,
     .code_forms = pan_codes},
    {.type = {"sg_nric",
              core::Category::pii,
              "SG_NRIC",
              "Singapore NRIC and FIN with their check letter (0.9; 0.97 with a label).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = nric_labels,
     .code_forms = nric_codes},
    {.type = {"kr_rrn",
              core::Category::pii,
              "KR_RRN",
              "South Korean resident registration: 6-7 digits with a date of birth and the check "
              "digit (0.85), without the check directly behind a label (0.9).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = rrn_labels,
     .digit_forms = rrn_forms},
    {.type = {"jp_my_number",
              core::Category::pii,
              "JP_MY_NUMBER",
              "Japanese individual number with a label: check digit 0.97, without 0.7.",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = my_number_labels,
     .digit_forms = my_number_forms},
};

}  // namespace

std::span<const NumberSpec> asian_numbers() { return rows; }

}  // namespace menshen::detectors
