// Identifiers of the United States.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/boundary.h"
#include "detectors/values/national_checksum.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

constexpr std::array<std::string_view, 14> ssn_labels{"ssn",
                                                      "ssns",
                                                      "social security",
                                                      "social sec",
                                                      "social",
                                                      "soc sec",
                                                      "ss",
                                                      "社会安全号",
                                                      "社安号",
                                                      "社保号",
                                                      "taxpayer",
                                                      "社会安全号码",
                                                      "社会保险号",
                                                      "social security number"};

// Never issued: areas 000, 666 and 9xx (which are no prefixes), group 00, serial 0000; and numbers
// known from advertisements.
constexpr PrefixRange ssn_areas[] = {{1, 665}, {667, 899}};
bool is_issued_ssn(std::string_view d) noexcept {
  static constexpr std::array<std::string_view, 3> advertised{"078051120", "457555462",
                                                              "219099999"};
  return d.substr(3, 2) != "00" && d.substr(5) != "0000" &&
         std::ranges::find(advertised, d) == advertised.end();
}

constexpr Grouping ssn_groups[] = {{{3, 2, 4}}};
constexpr DigitForm ssn_forms[] = {
    {.lengths = digits(9),
     .prefix_digits = 3,
     .prefixes = ssn_areas,
     .check = is_issued_ssn,
     .groupings = ssn_groups,
     .separator = '-',
     .isolated = true,
     .unlike = unlike::labelled_otherwise,
     .alone = {.grouped = 0.65F},
     .labelled = {.grouped = 0.95F}},
    {.lengths = digits(9),
     .prefix_digits = 3,
     .prefixes = ssn_areas,
     .check = is_issued_ssn,
     .groupings = ssn_groups,
     .isolated = true,
     .labelled = {.together = 0.85F, .grouped = 0.85F, .numerals = 0.85F},
     .claimed = 0.7F},
};

// Groups that the IRS gives out behind 9xx.
constexpr PrefixRange itin_areas[] = {{900, 999}};
bool is_itin(std::string_view d) noexcept {
  const int group = (d[3] - '0') * 10 + (d[4] - '0');
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
         (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
}
constexpr DigitForm itin_forms[] = {{.lengths = digits(9),
                                     .prefix_digits = 3,
                                     .prefixes = itin_areas,
                                     .must = is_itin,
                                     .groupings = ssn_groups,
                                     .separator = '-',
                                     .isolated = true,
                                     .unlike = unlike::labelled_otherwise,
                                     .alone = {.grouped = 0.65F},
                                     .labelled = {.grouped = 0.95F}},
                                    {.lengths = digits(9),
                                     .prefix_digits = 3,
                                     .prefixes = itin_areas,
                                     .must = is_itin,
                                     .groupings = ssn_groups,
                                     .isolated = true,
                                     .claimed = 0.9F}};
constexpr std::array<std::string_view, 7> itin_labels{"itin",
                                                      "individual taxpayer identification",
                                                      "individual taxpayer",
                                                      "taxpayer",
                                                      "tax id",
                                                      "taxpayer id",
                                                      "个人纳税识别号"};

constexpr Grouping ein_groups[] = {{{2, 7}}};
constexpr DigitForm ein_forms[] = {{.lengths = digits(9),
                                    .groupings = ein_groups,
                                    .separator = '-',
                                    .isolated = true,
                                    .unlike = unlike::labelled_otherwise,
                                    .labelled = {.grouped = 0.92F}},
                                   {.lengths = digits(9), .claimed = 0.75F}};
constexpr std::array<std::string_view, 8> ein_labels{
    "ein",         "fein",           "employer identification",
    "employer id", "federal tax id", "tax id",
    "federal ein", "雇主识别号"};

// States differ: letters and digits, most of them digits.
bool is_licence(std::string_view value) noexcept {
  return std::ranges::count_if(value, is_digit) >= 4 &&
         value.find_first_not_of(value[0]) != value.npos;
}
constexpr CodeForm licence_codes[] = {
    {.mask = "xxxxxx", .most = 14, .must = is_licence, .digits_min = 4, .claimed = 0.85F},
    {.mask = "addd-dddd-dddd", .claimed = 0.9F},
    {.mask = "addd-ddd-dd-ddd-d", .claimed = 0.9F},
    {.mask = "ddd-ddd-ddd", .claimed = 0.85F},
    {.mask = "dd-ddd-dddd", .claimed = 0.85F},
    {.mask = "add-dd-dddd", .claimed = 0.85F}};
constexpr std::array<std::string_view, 15> licence_labels{"driver license",
                                                          "drivers license",
                                                          "driver's license",
                                                          "driver licence",
                                                          "drivers licence",
                                                          "driver's licence",
                                                          "driving license",
                                                          "driver lic",
                                                          "dl",
                                                          "dln",
                                                          "美国驾照",
                                                          "驾照",
                                                          "drivers lic",
                                                          "driver id",
                                                          "cdl"};

constexpr DigitForm passport_digits[] = {{.lengths = digits(9), .claimed = 0.9F}};
constexpr CodeForm passport_codes[] = {
    {.mask = "adddddddd", .alphabet = "ABCXYZ0123456789", .claimed = 0.95F}};
constexpr std::array<std::string_view, 9> passport_labels{
    "passport", "us passport", "u.s. passport", "american passport", "passport no", "护照",
    "美国护照", "护照号",      "護照"};

// Of other countries: letters and digits, but none of a form that says whose it is.
bool is_other_passport(std::string_view value) noexcept {
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(value, is_digit));
  if (digits < 5 || digits == value.size()) return false;
  constexpr std::string_view single = "ABCXYZEGSKHDP";  // of the United States and of China
  if (value.size() == 9 && digits == 8) return single.find(value[0]) == single.npos;
  constexpr std::array<std::string_view, 5> chinese{"SE", "DE", "PE", "KJ", "MA"};
  return std::ranges::find(chinese, value.substr(0, 2)) == chinese.end() &&
         !(value.size() == 9 && value[0] == 'E');
}
constexpr CodeForm other_passport_codes[] = {
    {.mask = "xxxxxxx", .most = 9, .must = is_other_passport, .digits_min = 5, .claimed = 0.85F},
    {.mask = "dddddddd", .claimed = 0.75F},
    {.mask = "ddddddd", .claimed = 0.75F}};

// Letters but S, L, O, I, B, Z; the first is no zero.
bool is_mbi(std::string_view value) noexcept { return value[0] != '0'; }
constexpr CodeForm mbi(std::string_view mask, float alone) {
  return {.mask = mask,
          .alphabet = "0123456789ACDEFGHJKMNPQRTUVWXY",
          .must = is_mbi,
          .alone = alone,
          .labelled = 0.97F,
          .claimed = 0.97F};
}
constexpr CodeForm mbi_codes[] = {mbi("daxdaxdaadd", 0.75F), mbi("daxd-axd-aadd", 0.9F)};
constexpr std::array<std::string_view, 5> mbi_labels{"mbi", "medicare", "medicare beneficiary",
                                                     "medicare number", "medicare id"};

constexpr DigitForm aba_forms[] = {
    {.lengths = digits(9), .check = aba_valid, .labelled = {.together = 0.95F}, .claimed = 0.7F}};
constexpr std::array<std::string_view, 7> aba_labels{
    "routing", "aba", "aba routing", "rtn", "routing transit", "bank routing", "路由号码"};

constexpr CodeForm dea_codes[] = {
    {.mask = "axddddddd", .check = dea_valid, .labelled = 0.95F, .claimed = 0.7F}};
constexpr std::array<std::string_view, 3> dea_labels{"dea", "dea registration", "dea number"};

constexpr DigitForm npi_forms[] = {
    {.lengths = digits(10), .check = npi_valid, .labelled = {.together = 0.95F}, .claimed = 0.7F}};
constexpr std::array<std::string_view, 3> npi_labels{"npi", "national provider",
                                                     "national provider identifier"};

constexpr NumberSpec rows[] = {
    {.type =
         {"us_ssn", core::Category::pii, "US_SSN",
          "US social security number: nnn-nn-nnnn within the ranges that "
          "are issued (0.65; 0.95 with a label), "
          "other groupings behind a label only (0.85), specimens directly behind one (0.7). Known "
          "false "
          "positives: part numbers grouped alike."},
     .version = 3,
     .labels = ssn_labels,
     .digit_forms = ssn_forms},
    {.type = {"us_itin", core::Category::pii, "US_ITIN",
              "US taxpayer number of persons: 9xx and a group that is given out; with dashes 0.65, "
              "behind a label 0.95."},
     .labels = itin_labels,
     .digit_forms = itin_forms},
    {.type = {"us_ein", core::Category::pii, "US_EIN",
              "US employer identification nn-nnnnnnn behind a label (0.95), near one (0.9)."},
     .labels = ein_labels,
     .digit_forms = ein_forms},
    {.type = {"us_driver_license", core::Category::pii, "US_DRIVER_LICENSE",
              "Driver's licence, 6 to 14 letters and digits directly behind a label (0.85)."},
     .labels = licence_labels,
     .code_forms = licence_codes},
    {.type = {"us_passport", core::Category::pii, "US_PASSPORT",
              "Passport of nine digits, or a letter and eight, directly behind a label (0.9)."},
     .labels = passport_labels,
     .digit_forms = passport_digits,
     .code_forms = passport_codes},
    {.type =
         {"passport", core::Category::pii, "PASSPORT",
          "Passports of countries that have no row of their own: 7 to 9 letters and digits, or 7 "
          "or 8 digits, directly behind a label (0.85; digits 0.75)."},
     .labels = passport_labels,
     .code_forms = other_passport_codes},
    {.type = {"us_mbi", core::Category::pii, "US_MBI",
              "Medicare beneficiary identifier by its pattern: with dashes 0.9, without 0.75, with "
              "a label 0.97."},
     .labels = mbi_labels,
     .code_forms = mbi_codes},
    {.type = {"us_aba_routing", core::Category::pii, "US_ABA_ROUTING",
              "Bank routing number with a label: check digit 0.95, without 0.7."},
     .labels = aba_labels,
     .digit_forms = aba_forms},
    {.type = {"us_dea", core::Category::pii, "US_DEA",
              "Registration of a prescriber with a label: check digit 0.95, without 0.7."},
     .labels = dea_labels,
     .code_forms = dea_codes},
    {.type = {"us_npi", core::Category::pii, "US_NPI",
              "National provider identifier with a label: check digit 0.95, without 0.7."},
     .labels = npi_labels,
     .digit_forms = npi_forms},
};

}  // namespace

std::span<const NumberSpec> us_numbers() { return rows; }

}  // namespace menshen::detectors
