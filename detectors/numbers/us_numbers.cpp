// Identifiers of the United States.
#include "detectors/numbers/number_spec.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

constexpr std::array<std::string_view, 11> ssn_labels{
    "ssn", "ssns",       "social security", "social sec", "social",  "soc sec",
    "ss",  "社会安全号", "社安号",          "社保号",     "taxpayer"};

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
     .labelled = {.together = 0.85F, .grouped = 0.85F, .numerals = 0.85F}},
};

constexpr NumberSpec rows[] = {
    {.type = {"us_ssn", core::Category::pii, "US_SSN",
              "US social security number: nnn-nn-nnnn within the ranges that "
              "are issued (0.65; 0.95 with a label), "
              "other groupings behind a label only (0.85). Known false "
              "positives: part numbers grouped alike."},
     .labels = ssn_labels,
     .digit_forms = ssn_forms},
};

}  // namespace

std::span<const NumberSpec> us_numbers() { return rows; }

}  // namespace menshen::detectors
