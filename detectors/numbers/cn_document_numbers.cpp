// Documents and registrations of China.
#include "detectors/numbers/number_spec.h"
#include "detectors/text/leads.h"
#include "detectors/values/boundary.h"
#include "detectors/values/national_checksum.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

constexpr std::string_view no_i_o = "ABCDEFGHJKLMNPQRSTUVWXYZ";

std::size_t digits_in(std::string_view value) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(value, is_digit));
}
bool has_four_digits(std::string_view value) noexcept { return digits_in(value) >= 4; }

constexpr CodeForm issued(std::string_view mask, float alone, std::string_view alphabet = {}) {
  return {.mask = mask, .alphabet = alphabet, .alone = alone, .labelled = 0.9F, .claimed = 0.95F};
}
constexpr CodeForm behind_label(std::string_view mask) {
  return {.mask = mask, .labelled = 0.85F, .claimed = 0.95F};
}

// Ordinary (E, G), service (SE, PE), diplomatic (DE), Hong Kong (K, H), Macau (MA).
constexpr CodeForm passport_codes[] = {
    issued("Edddddddd", 0.6F), issued("Gdddddddd", 0.6F), issued("Eaddddddd", 0.6F, no_i_o),
    behind_label("SEddddddd"), behind_label("DEddddddd"), behind_label("PEddddddd"),
    behind_label("Sdddddddd"), behind_label("Sddddddd"),  behind_label("Kdddddddd"),
    behind_label("KJddddddd"), behind_label("Hdddddddd"), behind_label("MAddddddd"),
    behind_label("Ddddddddd"), behind_label("Pddddddd")};
constexpr PrefixRange old_passports[] = {{14, 15}};
constexpr DigitForm passport_digits[] = {
    {.lengths = digits(9), .prefix_digits = 2, .prefixes = old_passports, .claimed = 0.8F}};
constexpr std::array<std::string_view, 8> passport_labels{
    "护照", "護照", "护照号", "passport", "passport no", "chinese passport", "证件", "证件号"};

constexpr CodeForm permit(std::string_view mask, float alone) {
  return {.mask = mask, .alone = alone, .labelled = 0.9F, .claimed = 0.95F};
}
constexpr CodeForm home_permit_codes[] = {permit("Hdddddddd", 0.55F), permit("Mdddddddd", 0.55F),
                                          permit("Hdddddddddd", 0.55F),
                                          permit("Mdddddddddd", 0.55F)};
constexpr std::array<std::string_view, 12> home_permit_labels{
    "回乡证", "回鄉證",   "港澳居民来往内地通行证", "来往内地通行证",     "来往内地",
    "通行证", "港澳居民", "港澳台通行证",           "home return permit", "mainland travel permit",
    "证件",   "證件"};

// Eight lifetime digits, and two of the issue on older cards.
constexpr DigitForm taiwan_permit_forms[] = {{.lengths = digits(8) | digits(10), .claimed = 0.95F}};
constexpr std::array<std::string_view, 9> taiwan_permit_labels{"台胞证",
                                                               "台胞證",
                                                               "台湾居民来往大陆通行证",
                                                               "来往大陆通行证",
                                                               "台湾居民来往",
                                                               "通行证",
                                                               "taiwan compatriot permit",
                                                               "taiwan compatriot",
                                                               "taiwan travel permit"};

constexpr CodeForm travel_permit_codes[] = {permit("Cdddddddd", 0), permit("Caddddddd", 0),
                                            permit("Wdddddddd", 0), permit("Ldddddddd", 0),
                                            permit("Tdddddddd", 0)};
constexpr std::array<std::string_view, 13> travel_permit_labels{"往来港澳通行证",
                                                                "往来港澳",
                                                                "港澳通行证",
                                                                "往来台湾通行证",
                                                                "往来台湾",
                                                                "大通证",
                                                                "台湾通行证",
                                                                "通行证",
                                                                "签注",
                                                                "exit entry permit",
                                                                "travel permit",
                                                                "hong kong macau permit",
                                                                "证件"};

// The card of 2017: three letters of the country.
constexpr CodeForm foreigner_codes[] = {
    {.mask = "aaadddddddddddd", .labelled = 0.9F, .claimed = 0.95F}};
constexpr std::array<std::string_view, 12> foreigner_labels{"永久居留",
                                                            "永居",
                                                            "永居证",
                                                            "居留证",
                                                            "居留许可",
                                                            "外国人",
                                                            "外国人永久居留身份证",
                                                            "永久居留身份证",
                                                            "permanent residence",
                                                            "permanent residence card",
                                                            "residence permit",
                                                            "foreigner permanent residence"};

// Authority and class, region, organisation: the first two say who registered it.
bool is_registered(std::string_view value) noexcept {
  constexpr std::string_view authorities = "123456789ANY";
  return authorities.find(value[0]) != authorities.npos && value[2] >= '1' && value[2] <= '8';
}
bool is_lettered_uscc(std::string_view value) noexcept {
  return is_registered(value) && uscc_valid(value) && digits_in(value) < value.size();
}
constexpr std::string_view uscc_alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::string_view uscc_mask = "xxddddddxxxxxxxxxx";
// All digits are those of many other numbers.
constexpr CodeForm uscc_codes[] = {
    {.mask = uscc_mask, .alphabet = uscc_alphabet, .check = is_lettered_uscc, .alone = 0.93F},
    {.mask = uscc_mask,
     .alphabet = uscc_alphabet,
     .check = uscc_valid,
     .labelled = 0.97F,
     .claimed = 0.7F},
    {.mask = uscc_mask, .claimed = 0.7F}};
constexpr std::array<std::string_view, 15> uscc_labels{"统一社会信用代码",
                                                       "社会信用代码",
                                                       "信用代码",
                                                       "统一代码",
                                                       "統一社會信用代碼",
                                                       "税号",
                                                       "纳税人识别号",
                                                       "纳税人",
                                                       "营业执照",
                                                       "营业执照注册号",
                                                       "unified social credit code",
                                                       "unified social credit",
                                                       "uscc",
                                                       "social credit code",
                                                       "credit code"};

constexpr CodeForm organization_codes[] = {{.mask = "xxxxxxxx-x",
                                            .check = organization_code_valid,
                                            .must = has_four_digits,
                                            .digits_min = 4,
                                            .labelled = 0.95F,
                                            .claimed = 0.7F},
                                           {.mask = "xxxxxxxxx",
                                            .check = organization_code_valid,
                                            .must = has_four_digits,
                                            .digits_min = 4,
                                            .labelled = 0.9F,
                                            .claimed = 0.7F}};
constexpr std::array<std::string_view, 5> organization_labels{
    "组织机构代码", "机构代码", "組織機構代碼", "organization code", "organisation code"};

bool has_organization(std::string_view value) noexcept {
  return value.size() == 15 && organization_code_valid(value.substr(6));
}
constexpr CodeForm taxpayer_codes[] = {
    {.mask = "ddddddxxxxxxxxx", .check = has_organization, .labelled = 0.95F, .claimed = 0.75F},
    {.mask = "dddddddddddddddxx", .claimed = 0.75F},
    {.mask = "dddddddddddddddddxxx", .claimed = 0.75F}};
constexpr std::array<std::string_view, 9> taxpayer_labels{
    "纳税人识别号",    "纳税识别号", "税号",         "税务登记",
    "税务登记证",      "纳税人",     "納稅人識別號", "taxpayer identification",
    "tax registration"};

constexpr CodeForm military_codes[] = {
    {.mask = "xxxxxx",
     .most = 8,
     .must = has_four_digits,
     .digits_min = 6,
     .alone = 0.9F,
     .labelled = 0.95F,
     .claimed = 0.95F,
     .leads = military_leads},
    {.mask = "xxxxxx", .most = 8, .must = has_four_digits, .digits_min = 6, .claimed = 0.85F}};
constexpr std::array<std::string_view, 9> military_labels{"军官证", "士兵证",     "军人证",
                                                          "文职证", "警官证",     "军官证号",
                                                          "士官证", "军人身份证", "military id"};

constexpr DigitForm licence_forms[] = {{.lengths = digits(12), .claimed = 0.85F}};
constexpr std::array<std::string_view, 5> licence_labels{"驾驶证档案编号", "档案编号", "驾驶证",
                                                         "驾照", "駕駛證"};

constexpr CodeForm card_codes[] = {
    {.mask = "xxxxxxxxx", .must = has_four_digits, .digits_min = 4, .claimed = 0.85F}};
constexpr std::array<std::string_view, 6> social_labels{
    "社保卡", "社保卡号", "社会保障卡", "社会保障卡号", "社保", "social security card"};

constexpr CodeForm insurance_codes[] = {
    {.mask = "xxxxxxxx", .most = 20, .must = has_four_digits, .digits_min = 4, .claimed = 0.85F}};
constexpr DigitForm insurance_digits[] = {{.lengths = digits(28), .claimed = 0.9F}};
constexpr std::array<std::string_view, 10> insurance_labels{
    "医保",       "医保卡",       "医保卡号",     "医保号",   "医疗保险",
    "医疗保险号", "医保电子凭证", "医保个人编号", "医疗保障", "個人醫保"};

constexpr NumberSpec rows[] = {
    {.type = {"cn_passport",
              core::Category::pii,
              "CN_PASSPORT",
              "Passports of China, Hong Kong and Macau: a letter or two and seven or eight digits; "
              "behind a label 0.95, E and G alone 0.6.",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = passport_labels,
     .digit_forms = passport_digits,
     .code_forms = passport_codes},
    {.type =
         {"cn_home_return_permit",
          core::Category::pii,
          "CN_HOME_RETURN_PERMIT",
          "Permit of Hong Kong and Macau residents to the mainland (回乡证): H or M and 8 or 10 "
          "digits; behind a label 0.95, alone 0.55.",
          {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = home_permit_labels,
     .code_forms = home_permit_codes},
    {.type = {"cn_taiwan_permit",
              core::Category::pii,
              "CN_TAIWAN_PERMIT",
              "Permit of Taiwan residents to the mainland (台胞证): 8 or 10 digits directly behind "
              "a label (0.95).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = taiwan_permit_labels,
     .digit_forms = taiwan_permit_forms},
    {.type = {"cn_travel_permit",
              core::Category::pii,
              "CN_TRAVEL_PERMIT",
              "Permit to Hong Kong, Macau (C, W) and Taiwan (L, T) with a label near (0.9).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = travel_permit_labels,
     .code_forms = travel_permit_codes},
    {.type =
         {"cn_foreigner_permit",
          core::Category::pii,
          "CN_FOREIGNER_PERMIT",
          "Permanent residence card of foreigners, 2017: three letters and twelve digits with a "
          "label near (0.9).",
          {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = foreigner_labels,
     .code_forms = foreigner_codes},
    {.type = {"cn_uscc", core::Category::pii, "CN_USCC",
              "Unified social credit code with its check character (0.93; 0.97 with a label); one "
              "that fails the check 0.7 behind a label."},
     .labels = uscc_labels,
     .code_forms = uscc_codes},
    {.type = {"cn_organization_code", core::Category::pii, "CN_ORGANIZATION_CODE",
              "Organization code of GB 11714 with a label: check digit 0.9, without 0.7."},
     .labels = organization_labels,
     .code_forms = organization_codes},
    {.type = {"cn_taxpayer_id",
              core::Category::pii,
              "CN_TAXPAYER_ID",
              "Taxpayer number of 15, 17 or 20 characters with a label (0.95; 0.75 unchecked).",
              {core::FindingClass::hipaa_r}},
     .labels = taxpayer_labels,
     .code_forms = taxpayer_codes},
    {.type =
         {"cn_military_id",
          core::Category::pii,
          "CN_MILITARY_ID",
          "Identity cards of the forces: 军字第 and 6 to 8 letters and digits (0.9), or directly "
          "behind a label (0.85).",
          {core::FindingClass::gb45574_identity, core::FindingClass::hipaa_r,
           core::FindingClass::pipl_sensitive}},
     .labels = military_labels,
     .code_forms = military_codes},
    {.type = {"cn_drivers_licence",
              core::Category::pii,
              "CN_DRIVERS_LICENCE",
              "File number of a driver's licence, 12 digits directly behind a label (0.85); the "
              "licence's own number is the resident's.",
              {core::FindingClass::hipaa_k, core::FindingClass::pipl_sensitive}},
     .labels = licence_labels,
     .digit_forms = licence_forms},
    {.type = {"cn_social_security_card",
              core::Category::pii,
              "CN_SOCIAL_SECURITY_CARD",
              "Number of a social security card, nine characters directly behind a label (0.85).",
              {core::FindingClass::hipaa_r, core::FindingClass::pipl_sensitive}},
     .labels = social_labels,
     .code_forms = card_codes},
    {.type = {"cn_medical_insurance",
              core::Category::pii,
              "CN_MEDICAL_INSURANCE",
              "Medical insurance number, 8 to 20 characters or 28 digits directly behind a label "
              "(0.85).",
              {core::FindingClass::gb45574_health, core::FindingClass::gdpr_special,
               core::FindingClass::hipaa_i, core::FindingClass::pipl_sensitive}},
     .labels = insurance_labels,
     .digit_forms = insurance_digits,
     .code_forms = insurance_codes},
};

}  // namespace

std::span<const NumberSpec> cn_document_numbers() { return rows; }

}  // namespace menshen::detectors
