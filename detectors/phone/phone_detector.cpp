#include "detectors/detector.h"
#include "detectors/phone/country_codes.h"
#include "detectors/values/behind.h"
#include "detectors/values/boundary.h"
#include "detectors/values/checksum.h"
#include "detectors/values/context.h"
#include "detectors/values/numbers.h"
#include "detectors/values/units.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{
    "phone",
    core::Category::pii,
    "PHONE",
    "Telephone number other than a Chinese mobile: +country code with a plausible length (0.9), "
    "national "
    "formats of North America, China, Britain and others by their grouping (0.6 to 0.8), any "
    "behind a "
    "label (0.7). Known false positives: part numbers that are grouped alike.",
    {core::FindingClass::hipaa_d}};

constexpr std::array<std::string_view, 39> labels{
    "telefon",   "telefonnummer", "téléphone", "teléfono",   "telefone",     "전화",
    "휴대폰",    "phone",         "telephone", "tel",        "mobile",       "mob",
    "cell",      "cellphone",     "call",      "fax",        "whatsapp",     "dial",
    "sms",       "ring",          "text",      "contact",    "hotline",      "reach me",
    "reach him", "reach her",     "reach us",  "reach them", "answering at", "电话",
    "座机",      "固话",          "传真",      "热线",       "联系",         "致电",
    "拨打",      "電話",          "傳真"};
// Behind a number: what else it is.
constexpr std::array<std::string_view, 7> account_labels{"qq",   "扣扣", "企鹅", "wechat",
                                                         "微信", "vx",   "id"};
constexpr std::size_t label_distance_max = 24;

bool in_range(char c, char low, char high) { return c >= low && c <= high; }

// North American Numbering Plan: area and exchange begin with 2-9 and are no service code (N11).
bool is_nanp(std::string_view d) {
  if (d.size() != 10 || d.starts_with("400")) return false;
  const auto office = [](std::string_view three) {
    return in_range(three[0], '2', '9') && !(three[1] == '1' && three[2] == '1');
  };
  return office(d.substr(0, 3)) && d[1] != '9' && office(d.substr(3, 3));
}

// Mainland area codes: 010, 02x, and four digits from 03 to 09; subscribers begin with 2-8.
bool is_cn_landline(std::string_view d) {
  if (d.size() < 10 || d.size() > 12 || d[0] != '0') return false;
  const bool short_area = d[1] == '2' || d.starts_with("010");
  const std::size_t area = short_area ? 3 : 4;
  if (!short_area && (!in_range(d[1], '3', '9') || d[2] == '0')) return false;
  const std::size_t subscriber = d.size() - area;
  return (subscriber == 7 || subscriber == 8) && in_range(d[area], '2', '8');
}

// 0755-88888888-8001: the extension is parted by the same dash as the area.
bool is_cn_landline_with_extension(const Number& n) {
  if (n.groups() != 3 || n.group_size(2) > 6) return false;
  const std::size_t area = n.group_size(0);
  const std::size_t subscriber = n.group_size(1);
  const std::string_view d = n.digits();
  return (area == 3 || area == 4) && (subscriber == 7 || subscriber == 8) && n.dashed() &&
         (is_cn_landline(d.substr(0, area + subscriber)) || d.starts_with("010"));
}

// A trunk 0 and a grouping that some country uses.
bool is_trunk_format(const Number& n) {
  const std::string_view d = n.digits();
  if (d.size() < 9 || d.size() > 12 || d[0] != '0' || d[1] == '0') return false;
  return n.grouped({2, 4, 4}) || n.grouped({3, 4, 4}) || n.grouped({4, 3, 3}) ||
         n.grouped({4, 3, 4}) || n.grouped({4, 4, 4}) || n.grouped({4, 4, 3}) ||
         n.grouped({5, 6}) || n.grouped({5, 3, 3}) || n.grouped({3, 8}) || n.grouped({3, 7}) ||
         n.grouped({4, 7}) || n.grouped({4, 8}) || n.grouped({2, 8}) || n.grouped({3, 3, 4}) ||
         n.grouped({2, 2, 2, 2, 2}) || n.grouped({4, 6}) || n.grouped({3, 3, 2, 2}) ||
         n.grouped({3, 2, 2, 2});
}

// "(85) 5986-8343": an area code in brackets, then two groups that are no years.
bool has_bracketed_area(const Window& window, const Number& n) {
  const std::string_view text = window.text;
  const std::size_t area = n.group_size(0);
  if (n.groups() != 3 || area < 2 || area > 5 || n.begin() == 0 || text[n.begin() - 1] != '(' ||
      text[n.begin() + area] != ')') {
    return false;
  }
  const std::string_view subscriber = n.digits().substr(area);
  const bool year = subscriber.starts_with("19") || subscriber.starts_with("20");
  return subscriber.size() >= 6 && subscriber.size() <= 9 && n.group_size(1) >= 3 &&
         n.group_size(2) >= 3 && text[n.end() - n.group_size(2) - 1] == '-' && !year;
}

float read_national(const Window& window, const Number& n) {
  std::string_view d = n.digits();
  const bool spaced =
      n.groups() > 1 && window.text[n.end() - n.group_size(n.groups() - 1) - 1] == ' ';
  const bool bracket = n.begin() > 0 && window.text[n.begin() - 1] == '(';
  if ((n.grouped({3, 3, 4}) && is_nanp(d)) ||
      (n.grouped({1, 3, 3, 4}) && d[0] == '1' && is_nanp(d.substr(1)))) {
    return spaced && !bracket ? 0.6F : 0.75F;
  }
  if (is_cn_landline_with_extension(n)) return 0.8F;
  if (is_cn_landline(d) && is_trunk_format(n)) return 0.8F;
  if (is_trunk_format(n) || has_bracketed_area(window, n)) return 0.65F;
  return 0;
}

// What is a value of something else unless a label says otherwise: decimals, "252.227-7013" of a
// clause, code points (0646 0645 0649).
bool is_another_value(const Window& window, const Number& n) {
  if (n.in_decimals()) return true;
  const std::string_view text = window.text.substr(n.begin(), n.end() - n.begin());
  const std::size_t point = text.find('.');
  if (n.groups() == 3 && point == n.group_size(0) && text.find_first_of("-(", point) != text.npos)
    return true;
  bool zeros = n.groups() > 2;
  std::size_t at = 0;
  for (std::size_t i = 0; i < n.groups(); at += n.group_size(i++)) {
    zeros = zeros && n.group_size(i) == 4 && n.digits()[at] == '0';
  }
  return zeros;
}

// "12:" before, ":30" behind: a time of day, as before and behind the fields of a log.
bool is_in_time(const Window& window, std::size_t begin, std::size_t end) {
  const std::string_view text = window.text;
  const auto two_digits = [text](std::size_t at) {
    return at + 2 <= text.size() && is_digit(text[at]) && is_digit(text[at + 1]);
  };
  const bool behind = begin >= 3 && text[begin - 1] == ':' && two_digits(begin - 3) &&
                      (begin == 3 || !is_alnum(text[begin - 4]));
  return behind || (window.at(end) == ':' && two_digits(end + 1));
}

bool looks_like_a_date(const Number& n) {
  const std::string_view d = n.digits();
  const auto value = [d](std::size_t at, std::size_t count) {
    int v = 0;
    for (const char c : d.substr(at, count)) v = v * 10 + (c - '0');
    return v;
  };
  if (n.groups() >= 3 && n.group_size(0) == 4 && n.group_size(1) == 2 && n.group_size(2) == 2 &&
      value(0, 4) >= 1900 && value(0, 4) < 2100 && is_date(2000, value(4, 2), value(6, 2))) {
    return true;  // whatever follows it
  }
  if (d.size() != 8 || n.groups() > 3) return false;
  if (n.grouped({4, 4}) && value(0, 4) < 2100 && value(4, 4) < 2100)
    return true;  // a span of years
  return (value(0, 4) >= 1900 && value(0, 4) < 2100 && is_date(2000, value(4, 2), value(6, 2))) ||
         (value(4, 4) >= 1900 && value(4, 4) < 2100 &&
          (is_date(2000, value(2, 2), value(0, 2)) || is_date(2000, value(0, 2), value(2, 2))));
}

// "1. 13800138000": a list of Chinese mobiles, which are another detector's.
bool ends_with_mobile(const Number& n) {
  const std::size_t last = n.group_size(n.groups() - 1);
  return is_chinese_mobile(n.digits().substr(n.digits().size() - last)) ||
         is_chinese_mobile(n.digits());
}

// What stands between a label and the value names another value: `text": {"total_rows":`.
bool is_relabelled(std::string_view gap) {
  static constexpr std::array<std::string_view, 4> fillers{"number", "no", "num", "nr"};
  const std::size_t sign = gap.find_last_of(":=");
  if (sign == gap.npos) return false;
  std::size_t end = sign;
  while (end > 0 && (gap[end - 1] == ' ' || gap[end - 1] == '"' || gap[end - 1] == '\'')) --end;
  const std::string_view word = letters_before(gap, end);
  const bool of_label = word.size() == end;  // "phones", "phoneNumber"
  return !word.empty() && !of_label &&
         std::ranges::none_of(fillers, [word](std::string_view filler) {
           return equal_ignoring_case(word, filler);
         });
}

bool label_near(std::string_view context) {
  const std::size_t label = last_word(context, labels);
  if (labelled(context, account_labels)) return false;
  if (label == no_word || context.size() - label > label_distance_max) return false;
  const std::string_view gap = context.substr(label);
  return std::ranges::none_of(gap, is_digit) && !is_relabelled(gap);
}

// "call630-596-1111"
bool is_label(std::string_view word) {
  return std::ranges::any_of(
      labels, [word](std::string_view label) { return equal_ignoring_case(word, label); });
}

// An extension directly behind: "x123". Returns where it ends.
std::size_t extension_end(std::string_view text, std::size_t end) {
  if (end >= text.size() || to_lower(text[end]) != 'x') return end;
  std::size_t to = end + 1;
  while (to < text.size() && is_digit(text[to])) ++to;
  const bool fits = to - end - 1 >= 2 && to - end - 1 <= 5;
  return fits && (to == text.size() || !is_letter(text[to])) ? to : end;
}

class Phone final : public Detector {
 public:
  std::string_view name() const noexcept override { return "phone"; }
  unsigned version() const noexcept override { return 4; }
  bool reads_behind() const noexcept override { return true; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for_each_number(window, 7, 17, [&](const Number& n) { return try_number(window, n, matches); });
    return {};
  }

 private:
  static bool try_number(const Window& window, const Number& n, Matches& matches) {
    const std::string_view text = window.text;
    const bool plus = n.begin() > 0 && text[n.begin() - 1] == '+';
    if (!plus && !n.isolated()) return false;
    std::size_t begin = n.begin() - (plus ? 1 : 0);
    const std::size_t end = extension_end(text, n.end());
    if (right_side(text, end) != Side::clean) return false;
    if (is_in_time(window, begin, end)) return false;
    if (!plus && (!begins(text, begin) || is_quantity(window, begin, end))) return false;
    const float confidence = judge(window, n, read(window, n, plus), plus, end);
    if (confidence <= 0) return false;
    if (begin > 0 && text[begin - 1] == '(' &&
        text.substr(begin, end - begin).find(')') != text.npos) {
      --begin;
    }
    if (!window.owns(begin)) return false;
    matches.add(type, begin, end, confidence);
    return true;
  }

  static bool begins(std::string_view text, std::size_t begin) {
    const Side left = left_side(text, begin);
    return left == Side::clean || (left == Side::letters && is_label(letters_before(text, begin)));
  }

  // How sure the digits alone make.
  static float read(const Window& window, const Number& n, bool plus) {
    if (plus) return is_international_number(n.digits()) ? 0.9F : 0.0F;
    if (n.digits().starts_with("00")) {
      // Seconds and what follows them: 00.366 1702
      const bool prefix = n.group_size(0) > 2 || window.at(n.begin() + 2) != '.';
      return prefix && is_international_number(n.digits().substr(2)) ? 0.7F : 0.0F;
    }
    return read_national(window, n);
  }

  static float judge(const Window& window, const Number& n, float format, bool plus,
                     std::size_t end) {
    const std::string_view context = window.context(n.begin() - (plus ? 1 : 0));
    const bool any_format = n.whole() && !plus && n.digits().size() <= 13 &&
                            !looks_like_a_date(n) && !ends_with_mobile(n);
    if (format <= 0 && !any_format) return 0;
    const Behind behind = read_behind(window, end);
    if (label_near(context) || begins_with_word(behind.phrase, labels)) {
      return format > 0 ? std::max(format, 0.7F) + 0.05F : 0.7F;
    }
    if (plus) return format;
    const bool other =
        labelled(context, number_labels()) || behind.quantity || names_other_number(behind.phrase);
    return other || is_another_value(window, n) ? 0 : format;
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = 7, .digits_min = 7, .numerals = true}};
};

}  // namespace

const Detector& phone_detector() {
  static const Phone detector;
  return detector;
}

}  // namespace menshen::detectors
