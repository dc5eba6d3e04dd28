// Identifiers of persons in Europe.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/national_checksum.h"

namespace menshen::detectors {
namespace {

constexpr CodeForm es_codes[] = {{.mask = "dddddddda",
                                  .check = es_nif_valid,
                                  .alone = 0.75F,
                                  .labelled = 0.97F,
                                  .claimed = 0.7F},
                                 {.mask = "dddddddd-a",
                                  .check = es_nif_valid,
                                  .alone = 0.85F,
                                  .labelled = 0.97F,
                                  .claimed = 0.7F},
                                 {.mask = "addddddda",
                                  .alphabet = "ABCDEFGHJKLMNPQRSTVWXYZ0123456789",
                                  .check = es_nif_valid,
                                  .alone = 0.85F,
                                  .labelled = 0.97F,
                                  .claimed = 0.7F},
                                 {.mask = "a-ddddddd-a",
                                  .check = es_nif_valid,
                                  .alone = 0.9F,
                                  .labelled = 0.97F,
                                  .claimed = 0.7F}};
constexpr std::array<std::string_view, 7> es_labels{"dni",
                                                    "nif",
                                                    "nie",
                                                    "dni nif",
                                                    "documento nacional de identidad",
                                                    "número de identidad",
                                                    "西班牙身份证"};

constexpr CodeForm it_codes[] = {{.mask = "aaaaaaxxaxxaxxxa",
                                  .check = it_codice_fiscale_valid,
                                  .digits_min = 3,
                                  .alone = 0.97F,
                                  .labelled = 0.99F,
                                  .claimed = 0.7F}};
constexpr std::array<std::string_view, 5> it_labels{"codice fiscale", "cod fiscale", "cf",
                                                    "fiscal code", "意大利税号"};

constexpr DigitForm pl_forms[] = {{.lengths = digits(11),
                                   .check = pl_pesel_valid,
                                   .labelled = {.together = 0.97F},
                                   .claimed = 0.7F}};
constexpr std::array<std::string_view, 3> pl_labels{"pesel", "numer pesel", "波兰身份号码"};

constexpr CodeForm fi(std::string_view mask, float alone) {
  return {.mask = mask,
          .alphabet = "0123456789ABCDEFHJKLMNPRSTUVWXY",
          .check = fi_hetu_valid,
          .alone = alone,
          .labelled = 0.97F,
          .claimed = 0.7F};
}
constexpr CodeForm fi_codes[] = {fi("dddddd-dddx", 0.9F), fi("dddddd+dddx", 0.9F),
                                 fi("ddddddadddx", 0.85F)};
constexpr std::array<std::string_view, 6> fi_labels{"hetu",
                                                    "henkilötunnus",
                                                    "personbeteckning",
                                                    "finnish personal identity code",
                                                    "personal identity code",
                                                    "芬兰身份码"};

constexpr Grouping de_groups[] = {{{2, 3, 3, 3}}};
constexpr DigitForm de_forms[] = {{.lengths = digits(11),
                                   .check = de_tax_id_valid,
                                   .groupings = de_groups,
                                   .isolated = true,
                                   .labelled = {.together = 0.97F, .grouped = 0.97F},
                                   .claimed = 0.7F}};
constexpr std::array<std::string_view, 9> de_labels{"steuer id",
                                                    "steuerid",
                                                    "steueridentifikationsnummer",
                                                    "steuerliche identifikationsnummer",
                                                    "idnr",
                                                    "identifikationsnummer",
                                                    "german tax id",
                                                    "tax id",
                                                    "德国税号"};

// The month of birth, or what stands for an unknown one.
bool has_month(std::string_view value) noexcept {
  const int month = (value[3] - '0') * 10 + (value[4] - '0');
  return (value[0] == '1' || value[0] == '2') &&
         ((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50);
}
constexpr Grouping fr_groups[] = {{{1, 2, 2, 2, 3, 3, 2}}, {{13, 2}}, {{1, 2, 2, 5, 3, 2}}};
constexpr DigitForm fr_forms[] = {{.lengths = digits(15),
                                   .check = fr_nir_valid,
                                   .must = has_month,
                                   .groupings = fr_groups,
                                   .isolated = true,
                                   .unlike = unlike::labelled_otherwise,
                                   .alone = {.together = 0.65F, .grouped = 0.95F},
                                   .labelled = {.together = 0.97F, .grouped = 0.97F},
                                   .claimed = 0.7F}};
constexpr CodeForm fr_codes[] = {
    {.mask = "ddddd2Adddddddd", .check = fr_nir_valid, .alone = 0.9F, .labelled = 0.97F},
    {.mask = "ddddd2Bdddddddd", .check = fr_nir_valid, .alone = 0.9F, .labelled = 0.97F}};
constexpr std::array<std::string_view, 9> fr_labels{"nir",
                                                    "insee",
                                                    "sécurité sociale",
                                                    "securite sociale",
                                                    "numéro de sécurité sociale",
                                                    "numéro de sécu",
                                                    "num secu",
                                                    "french social security",
                                                    "法国社保号"};

constexpr NumberSpec rows[] = {
    {.type = {"es_nif",
              core::Category::pii,
              "ES_NIF",
              "Spanish DNI, NIF and NIE with their check letter (0.75 to 0.9; 0.97 with a label).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = es_labels,
     .code_forms = es_codes},
    {.type = {"it_codice_fiscale",
              core::Category::pii,
              "IT_CODICE_FISCALE",
              "Italian tax code with its check letter (0.97).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = it_labels,
     .code_forms = it_codes},
    {.type = {"pl_pesel",
              core::Category::pii,
              "PL_PESEL",
              "Polish PESEL with a label: check digit and date of birth 0.97, without 0.7.",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = pl_labels,
     .digit_forms = pl_forms},
    {.type = {"fi_hetu",
              core::Category::pii,
              "FI_HETU",
              "Finnish personal identity code with its check character (0.9; 0.97 with a label).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = fi_labels,
     .code_forms = fi_codes},
    {.type = {"de_tax_id",
              core::Category::pii,
              "DE_TAX_ID",
              "German tax number of persons with a label: check digit 0.97, without 0.7.",
              {core::FindingClass::hipaa_r}},
     .labels = de_labels,
     .digit_forms = de_forms},
    {.type = {"fr_nir",
              core::Category::pii,
              "FR_NIR",
              "French social security number with its key: in its groups 0.95, together 0.65, with "
              "a label 0.97.",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = fr_labels,
     .digit_forms = fr_forms,
     .code_forms = fr_codes},
};

}  // namespace

std::span<const NumberSpec> european_numbers() { return rows; }

}  // namespace menshen::detectors
