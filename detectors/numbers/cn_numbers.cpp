// Identifiers of China.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/checksum.h"

namespace menshen::detectors {
namespace {

constexpr std::array<std::string_view, 28> id_labels{
    "身份证",     "身分证",       "身份證",     "证件",          "公民身份",    "居民身份",
    "居住证",     "居留证",       "身份证号",   "身份证件",      "公民身份号",  "居民身份证",
    "社会保障号", "社保号",       "驾驶证",     "驾驶证号",      "identity",    "id card",
    "id number",  "id no",        "citizen id", "national id",   "resident id", "identity card",
    "社会保险号", "社会保障号码", "身份号码",   "id card number"};

int number_at(std::string_view digits, std::size_t at, std::size_t count) {
  int value = 0;
  for (const char c : digits.substr(at, count)) value = value * 10 + (c - '0');
  return value;
}

// Provinces of GB/T 2260, and 81 82 83 of the residence permits; permits for foreigners begin with
// 9 and the province.
bool is_region(std::string_view digits) {
  const auto is_province = [](int code) {
    return (code >= 11 && code <= 15) || (code >= 21 && code <= 23) || (code >= 31 && code <= 37) ||
           (code >= 41 && code <= 46) || (code >= 50 && code <= 54) || (code >= 61 && code <= 65) ||
           code == 71;
  };
  const int code = number_at(digits, 0, 2);
  if (digits[0] == '9') return is_province(number_at(digits, 1, 2));
  return is_province(code) || (code >= 81 && code <= 83);
}

// The years are a fixed range and not "until today": a text has the same findings on every day.
bool is_birth_date(int year, int month, int day) {
  return year >= 1800 && year <= 2049 && is_date(year, month, day);
}

bool is_id_18(std::string_view id) noexcept {
  return id[0] != '0' && is_region(id) && mod11_2_valid(id);
}

bool has_birth_date(std::string_view id) noexcept {
  return is_birth_date(number_at(id, 6, 4), number_at(id, 10, 2), number_at(id, 12, 2));
}

bool is_id_15(std::string_view id) noexcept {
  return id[0] != '9' && is_region(id) &&
         is_birth_date(1900 + number_at(id, 6, 2), number_at(id, 8, 2), number_at(id, 10, 2));
}

constexpr Grouping groups_of_18[] = {
    {{6, 8, 4}}, {{6, 4, 4, 4}}, {{3, 3, 4, 4, 4}}, {{6, 4, 2, 2, 4}}, {{6, 12}}};
constexpr Grouping groups_of_17[] = {
    {{6, 8, 3}}, {{6, 4, 4, 3}}, {{3, 3, 4, 4, 3}}, {{6, 4, 2, 2, 3}}, {{6, 11}}};

constexpr DigitForm id_form(Lengths lengths, char last, std::span<const Grouping> groupings) {
  return {.lengths = lengths,
          .last = last,
          .check = is_id_18,
          .must = has_birth_date,
          .groupings = groupings,
          .letters_before = Letters::unless_hex,
          .letters_after = Letters::unless_hex,
          .unlike = 0,  // few other numbers pass
          .alone = {.together = 0.97F, .grouped = 0.97F, .few = 0.8F, .scattered = 0.8F},
          .labelled = {.together = 0.99F, .grouped = 0.99F, .few = 0.99F, .scattered = 0.99F},
          .claimed = 0.7F};
}

constexpr DigitForm id_forms[] = {id_form(digits(18), 0, groups_of_18),
                                  id_form(digits(17), 'X', groups_of_17),
                                  {.lengths = digits(15),
                                   .check = is_id_15,
                                   .letters_before = Letters::unless_hex,
                                   .letters_after = Letters::unless_hex,
                                   .labelled = {.together = 0.7F}}};

constexpr std::array<std::string_view, 27> mobile_labels{
    "手机", "电话",      "联系", "致电",  "拨打",      "短信",     "微信",    "机主",    "來電",
    "手機", "電話",      "聯絡", "phone", "telephone", "tel",      "mobile",  "mobiles", "mob",
    "cell", "cellphone", "call", "sms",   "text",      "whatsapp", "contact", "wechat",  "dial"};
constexpr std::array<std::string_view, 14> mobile_attached{
    "tel", "phone", "mobile", "mob", "cell", "m", "t", "p", "wx", "vx", "sj", "dh", "no", "call"};

// Ministry of Industry number segments, 2022; portability makes them say nothing about the carrier.
constexpr PrefixRange mobile_segments[] = {{130, 139}, {145, 149}, {150, 153}, {155, 159},
                                           {162, 162}, {165, 167}, {170, 178}, {180, 189},
                                           {190, 193}, {195, 199}};
constexpr Grouping mobile_groups[] = {{{3, 4, 4}}, {{3, 8}}, {{7, 4}}, {{3, 3, 5}}};
constexpr Grouping american_groups[] = {{{1, 3, 3, 4}}};  // 1-800-...

constexpr Grouping pairs_of_counts[] = {{{6, 5}}};

constexpr DigitForm mobile(std::string_view country, Plus plus, float alone) {
  constexpr std::size_t national_digits = 11;
  return {.lengths = digits(national_digits + country.size()),
          .leading = country,
          .prefix_digits = 3,
          .prefixes = mobile_segments,
          .groupings = mobile_groups,
          .never = american_groups,
          .only_labelled = pairs_of_counts,
          .isolated = country == "0",
          .in_list = true,
          .letters_after = Letters::unless_hex_where_usual,
          .attached = mobile_attached,
          .letters_max = 0.6F,
          .plus = plus,
          .unlike = unlike::labelled_otherwise | unlike::quantity | unlike::decimal,
          .alone = {.together = alone, .grouped = 0.8F, .few = 0.55F, .numerals = 0.55F},
          .labelled = {.together = 0.95F, .grouped = 0.95F, .few = 0.95F, .scattered = 0.8F}};
}

// "+1 380..." is American.
constexpr DigitForm mobile_forms[] = {
    mobile("", Plus::excludes, 0.75F), mobile("86", Plus::belongs, 0.8F),
    mobile("086", Plus::excludes, 0.8F), mobile("0086", Plus::excludes, 0.8F),
    mobile("0", Plus::excludes, 0.6F)};  // of calls to another place

constexpr NumberSpec rows[] = {
    {.type = {"cn_resident_id", core::Category::pii, "CN_RESIDENT_ID",
              "Chinese identity number of 18 characters: region, birth date and MOD 11-2 check "
              "(0.97); residence permits "
              "of Hong Kong, Macau, Taiwan and foreigners alike; 15 digits with a label (0.7), and "
              "18 that fail the check directly behind one (0.7)."},
     .version = 3,
     .labels = id_labels,
     .digit_forms = id_forms},
    {.type = {"cn_mobile", core::Category::pii, "CN_MOBILE",
              "Chinese mobile number by its number plan (0.75; 0.95 with +86 or "
              "a label such as 手机). Known false "
              "positives: serial numbers of 11 digits without a label."},
     .version = 4,
     .labels = mobile_labels,
     .digit_forms = mobile_forms},
};

}  // namespace

std::span<const NumberSpec> cn_numbers() { return rows; }

}  // namespace menshen::detectors
