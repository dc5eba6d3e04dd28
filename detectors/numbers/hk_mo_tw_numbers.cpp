// Identity cards of Hong Kong, Macau and Taiwan.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/national_checksum.h"

namespace menshen::detectors {
namespace {

constexpr CodeForm hk(std::string_view mask, float alone) {
  return {.mask = mask, .check = hk_id_valid, .alone = alone, .labelled = 0.97F, .claimed = 0.7F};
}
constexpr CodeForm hk_codes[] = {hk("adddddd(x)", 0.93F),  hk("aadddddd(x)", 0.93F),
                                 hk("adddddd (x)", 0.93F), hk("aadddddd (x)", 0.93F),
                                 hk("adddddd-x", 0),       hk("addddddx", 0),
                                 hk("aaddddddx", 0)};
constexpr std::array<std::string_view, 13> hk_labels{"香港身份证",
                                                     "香港身分證",
                                                     "香港身份證",
                                                     "香港居民身份证",
                                                     "身份证",
                                                     "身分證",
                                                     "身份證",
                                                     "香港",
                                                     "hkid",
                                                     "hk id",
                                                     "hong kong id",
                                                     "hong kong identity card",
                                                     "hong kong identity"};

// The first digit tells the kind of residence.
bool is_macau(std::string_view value) noexcept {
  constexpr std::string_view kinds = "1578";
  return kinds.find(value[0]) != kinds.npos;
}
constexpr CodeForm macau(std::string_view mask, float labelled) {
  return {.mask = mask, .must = is_macau, .labelled = labelled, .claimed = 0.9F};
}
constexpr CodeForm macau_codes[] = {macau("ddddddd(d)", 0.85F), macau("d/dddddd/d", 0.85F),
                                    macau("dddddddd", 0)};
constexpr std::array<std::string_view, 11> macau_labels{"澳门身份证",
                                                        "澳門身份證",
                                                        "澳門居民身份證",
                                                        "澳门居民身份证",
                                                        "澳门",
                                                        "澳門",
                                                        "macau id",
                                                        "macao id",
                                                        "macau identity card",
                                                        "macau resident identity card",
                                                        "macau"};

// Men and women, citizens and residents.
bool is_taiwan(std::string_view value) noexcept {
  constexpr std::string_view kinds = "1289";
  return kinds.find(value[1]) != kinds.npos;
}
constexpr CodeForm taiwan_codes[] = {{.mask = "addddddddd",
                                      .check = tw_id_valid,
                                      .must = is_taiwan,
                                      .alone = 0.75F,
                                      .labelled = 0.97F,
                                      .claimed = 0.7F}};
constexpr std::array<std::string_view, 12> taiwan_labels{
    "台湾身份证", "台灣身分證", "臺灣身分證",         "身份证",
    "身分證",     "身份證",     "身分證字號",         "身分證統一編號",
    "國民身分證", "taiwan id",  "taiwan national id", "roc id"};

constexpr NumberSpec rows[] = {
    {.type = {"hk_id",
              core::Category::pii,
              "HK_ID",
              "Hong Kong identity card with its check digit: in parentheses 0.93, otherwise with a "
              "label near (0.97).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = hk_labels,
     .code_forms = hk_codes},
    {.type = {"mo_id",
              core::Category::pii,
              "MO_ID",
              "Macau identity card: the first digit 1, 5, 7 or 8, directly behind a label (0.9), "
              "near one (0.85).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = macau_labels,
     .code_forms = macau_codes},
    {.type = {"tw_id",
              core::Category::pii,
              "TW_ID",
              "Taiwan identity card with its check digit (0.75; 0.97 with a label).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = taiwan_labels,
     .code_forms = taiwan_codes},
};

}  // namespace

std::span<const NumberSpec> hk_mo_tw_numbers() { return rows; }

}  // namespace menshen::detectors
