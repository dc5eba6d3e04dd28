// What services give to a person, of no country: messengers, post, records of patients, places.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/boundary.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

bool has_digit(std::string_view value) noexcept { return std::ranges::any_of(value, is_digit); }
bool has_four_digits(std::string_view value) noexcept {
  return std::ranges::count_if(value, is_digit) >= 4;
}

constexpr PrefixRange not_zero[] = {{1, 9}};
constexpr DigitForm qq_forms[] = {
    {.lengths = digits(5, 11), .prefix_digits = 1, .prefixes = not_zero, .claimed = 0.9F}};
constexpr std::array<std::string_view, 8> qq_labels{"qq",   "qq号", "qq号码", "扣扣",
                                                    "企鹅", "q号",  "qq账号", "扣扣号"};

constexpr CodeForm wechat_codes[] = {
    {.mask = "WXID_xxxxxx",
     .most = 25,
     .digits_min = 1,
     .alone = 0.95F,
     .labelled = 0.97F,
     .claimed = 0.97F},
    {.mask = "awwwww", .most = 20, .must = has_digit, .digits_min = 1, .claimed = 0.9F}};
constexpr std::array<std::string_view, 17> wechat_labels{
    "微信", "微信号", "微信號", "威信", "薇信", "加微信", "加我微信",  "wechat",  "weixin",
    "vx",   "wx",     "微信id", "v信",  "加v",  "加我v",  "wechat id", "微信账号"};

constexpr Grouping zip_plus_four[] = {{{5, 4}}};
constexpr DigitForm postal_forms[] = {
    {.lengths = digits(6), .claimed = 0.9F},
    {.lengths = digits(5), .claimed = 0.85F},
    {.lengths = digits(9), .groupings = zip_plus_four, .separator = '-', .claimed = 0.9F}};
constexpr std::array<std::string_view, 12> postal_labels{
    "邮编",     "邮政编码",  "郵編", "郵遞區號", "郵政編碼",        "postal code",
    "postcode", "post code", "zip",  "zip code", "zip postal code", "plz"};

constexpr CodeForm record_codes[] = {
    {.mask = "xxxxx", .most = 17, .must = has_four_digits, .digits_min = 4, .claimed = 0.9F},
    {.mask = "a-ddddd", .most = 12, .claimed = 0.9F},
    {.mask = "dd-dd-dd", .claimed = 0.9F},
    {.mask = "ddd-dd-ddd", .claimed = 0.9F}};
constexpr std::array<std::string_view, 35> record_labels{"病历号",
                                                         "病案号",
                                                         "住院号",
                                                         "门诊号",
                                                         "就诊号",
                                                         "检验号",
                                                         "影像号",
                                                         "检查号",
                                                         "就诊卡号",
                                                         "就诊卡",
                                                         "病历",
                                                         "病案",
                                                         "门诊",
                                                         "住院",
                                                         "病歷號",
                                                         "病人编号",
                                                         "患者编号",
                                                         "患者id",
                                                         "mrn",
                                                         "medical record number",
                                                         "medical record",
                                                         "medical record no",
                                                         "patient id",
                                                         "patient number",
                                                         "patient no",
                                                         "chart number",
                                                         "hospital number",
                                                         "health record",
                                                         "患者号",
                                                         "医疗记录号",
                                                         "医疗记录",
                                                         "就医登记号",
                                                         "健康卡号",
                                                         "病例号",
                                                         "patient record"};

// A degree with four decimals is ten metres.
constexpr CodeForm place(std::string_view mask) {
  return {.mask = mask, .most = 14, .labelled = 0.75F, .claimed = 0.85F};
}
constexpr CodeForm place_codes[] = {place("dd.dddd"), place("ddd.dddd"), place("d.dddd")};
constexpr std::array<std::string_view, 19> place_labels{
    "latitude",    "longitude", "lat",  "lng",  "lon",  "纬度",   "经度",
    "緯度",        "經度",      "北纬", "东经", "坐标", "经纬度", "gps",
    "coordinates", "location",  "geo",  "位置", "定位"};

constexpr NumberSpec rows[] = {
    {.type = {"qq_number",
              core::Category::pii,
              "QQ_NUMBER",
              "QQ number of 5 to 11 digits directly behind a label (0.9).",
              {core::FindingClass::hipaa_r}},
     .labels = qq_labels,
     .digit_forms = qq_forms},
    {.type = {"wechat_id",
              core::Category::pii,
              "WECHAT_ID",
              "WeChat id: wxid_ (0.95), or 6 to 20 characters with a digit directly behind a label "
              "(0.9). An id of letters alone is not found.",
              {core::FindingClass::hipaa_r}},
     .labels = wechat_labels,
     .code_forms = wechat_codes},
    {.type = {"postal_code",
              core::Category::pii,
              "POSTAL_CODE",
              "Postal codes of digits (six, five, ZIP+4) directly behind a label (0.9).",
              {core::FindingClass::hipaa_b}},
     .labels = postal_labels,
     .digit_forms = postal_forms},
    {.type = {"medical_record_number",
              core::Category::pii,
              "MEDICAL_RECORD_NUMBER",
              "Record number of a patient, 5 to 17 letters and digits directly behind a label "
              "(0.9).",
              {core::FindingClass::gb45574_health, core::FindingClass::gdpr_special,
               core::FindingClass::hipaa_h, core::FindingClass::pipl_sensitive}},
     .labels = record_labels,
     .code_forms = record_codes},
    {.type = {"coordinates",
              core::Category::pii,
              "COORDINATES",
              "Degrees with four decimals or more behind a label (0.85), near one (0.75).",
              {core::FindingClass::gb45574_location, core::FindingClass::hipaa_b,
               core::FindingClass::pipl_sensitive}},
     .labels = place_labels,
     .code_forms = place_codes},
};

}  // namespace

std::span<const NumberSpec> personal_numbers() { return rows; }

}  // namespace menshen::detectors
