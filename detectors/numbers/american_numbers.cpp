// Identifiers of Canada and Brazil.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/checksum.h"
#include "detectors/values/national_checksum.h"

namespace menshen::detectors {
namespace {

// Never given out to persons: 0 and 8.
bool is_sin(std::string_view digits) noexcept {
  return digits[0] != '0' && digits[0] != '8' && luhn_valid(digits);
}
constexpr Grouping sin_groups[] = {{{3, 3, 3}}};
constexpr DigitForm sin_forms[] = {{.lengths = digits(9),
                                    .check = is_sin,
                                    .groupings = sin_groups,
                                    .isolated = true,
                                    .labelled = {.together = 0.95F, .grouped = 0.95F},
                                    .claimed = 0.7F}};
constexpr std::array<std::string_view, 5> sin_labels{"sin", "social insurance", "sin number",
                                                     "assurance sociale", "加拿大社会保险号"};

constexpr Grouping cpf_groups[] = {{{3, 3, 3, 2}}, {{9, 2}}};
constexpr DigitForm cpf_forms[] = {{.lengths = digits(11),
                                    .check = br_cpf_valid,
                                    .groupings = cpf_groups,
                                    .isolated = true,
                                    .labelled = {.together = 0.97F, .grouped = 0.97F},
                                    .claimed = 0.7F}};
constexpr CodeForm cpf_codes[] = {
    {.mask = "ddd.ddd.ddd-dd", .check = br_cpf_valid, .alone = 0.95F}};
constexpr std::array<std::string_view, 3> cpf_labels{"cpf", "cadastro de pessoas físicas",
                                                     "巴西税号"};

constexpr CodeForm cnpj_codes[] = {{.mask = "xx.xxx.xxx/xxxx-dd",
                                    .check = br_cnpj_valid,
                                    .digits_min = 2,
                                    .alone = 0.95F,
                                    .labelled = 0.97F,
                                    .claimed = 0.7F},
                                   {.mask = "xxxxxxxxxxxxdd",
                                    .check = br_cnpj_valid,
                                    .digits_min = 2,
                                    .labelled = 0.97F,
                                    .claimed = 0.7F}};
constexpr std::array<std::string_view, 2> cnpj_labels{"cnpj", "巴西公司税号"};

constexpr NumberSpec rows[] = {
    {.type = {"ca_sin",
              core::Category::pii,
              "CA_SIN",
              "Canadian social insurance number with a label: Luhn check 0.95, without 0.7.",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = sin_labels,
     .digit_forms = sin_forms},
    {.type = {"br_cpf",
              core::Category::pii,
              "BR_CPF",
              "Brazilian tax number of persons: in its punctuation with both check digits 0.95, "
              "digits with a label 0.97.",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = cpf_labels,
     .digit_forms = cpf_forms,
     .code_forms = cpf_codes},
    {.type = {"br_cnpj", core::Category::pii, "BR_CNPJ",
              "Brazilian tax number of companies, letters too: in its punctuation with both check "
              "digits 0.95, together with a label 0.97."},
     .labels = cnpj_labels,
     .code_forms = cnpj_codes},
};

}  // namespace

std::span<const NumberSpec> american_numbers() { return rows; }

}  // namespace menshen::detectors
