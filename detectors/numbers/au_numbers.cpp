// Identifiers of Australia.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/national_checksum.h"

namespace menshen::detectors {
namespace {

constexpr Grouping tfn_groups[] = {{{3, 3, 3}}, {{3, 3, 2}}};
constexpr DigitForm tfn_forms[] = {{.lengths = digits(8, 9),
                                    .check = au_tfn_valid,
                                    .groupings = tfn_groups,
                                    .isolated = true,
                                    .labelled = {.together = 0.95F, .grouped = 0.95F},
                                    .claimed = 0.7F}};
constexpr std::array<std::string_view, 4> tfn_labels{"tfn", "tax file", "tax file number",
                                                     "澳大利亚税号"};

constexpr Grouping abn_groups[] = {{{2, 3, 3, 3}}};
constexpr DigitForm abn_forms[] = {{.lengths = digits(11),
                                    .check = au_abn_valid,
                                    .groupings = abn_groups,
                                    .separator = ' ',
                                    .isolated = true,
                                    .unlike = unlike::labelled_otherwise | unlike::quantity,
                                    .alone = {.grouped = 0.75F},
                                    .labelled = {.together = 0.97F, .grouped = 0.97F},
                                    .claimed = 0.7F}};
constexpr std::array<std::string_view, 3> abn_labels{"abn", "australian business number",
                                                     "澳大利亚商业号码"};

constexpr Grouping acn_groups[] = {{{3, 3, 3}}};
constexpr DigitForm acn_forms[] = {{.lengths = digits(9),
                                    .check = au_acn_valid,
                                    .groupings = acn_groups,
                                    .isolated = true,
                                    .labelled = {.together = 0.95F, .grouped = 0.95F},
                                    .claimed = 0.7F}};
constexpr std::array<std::string_view, 3> acn_labels{"acn", "australian company number",
                                                     "澳大利亚公司号码"};

constexpr PrefixRange medicare_firsts[] = {{2, 6}};
constexpr Grouping medicare_groups[] = {{{4, 5, 1}}};
constexpr DigitForm medicare_forms[] = {{.lengths = digits(10),
                                         .prefix_digits = 1,
                                         .prefixes = medicare_firsts,
                                         .check = au_medicare_valid,
                                         .groupings = medicare_groups,
                                         .isolated = true,
                                         .labelled = {.together = 0.95F, .grouped = 0.97F},
                                         .claimed = 0.7F}};
constexpr std::array<std::string_view, 4> medicare_labels{"medicare", "medicare card",
                                                          "medicare number", "澳大利亚医保卡"};

constexpr NumberSpec rows[] = {
    {.type = {"au_tfn",
              core::Category::pii,
              "AU_TFN",
              "Australian tax file number with a label: check 0.95, without 0.7.",
              {core::FindingClass::hipaa_r}},
     .labels = tfn_labels,
     .digit_forms = tfn_forms},
    {.type = {"au_abn", core::Category::pii, "AU_ABN",
              "Australian business number: grouped with its check 0.75, with a label 0.97."},
     .labels = abn_labels,
     .digit_forms = abn_forms},
    {.type = {"au_acn", core::Category::pii, "AU_ACN",
              "Australian company number with a label: check digit 0.95, without 0.7."},
     .labels = acn_labels,
     .digit_forms = acn_forms},
    {.type = {"au_medicare",
              core::Category::pii,
              "AU_MEDICARE",
              "Australian Medicare card with a label: check digit 0.95, without 0.7.",
              {core::FindingClass::gb45574_health, core::FindingClass::gdpr_special,
               core::FindingClass::hipaa_i, core::FindingClass::pipl_sensitive}},
     .labels = medicare_labels,
     .digit_forms = medicare_forms},
};

}  // namespace

std::span<const NumberSpec> au_numbers() { return rows; }

}  // namespace menshen::detectors
