#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/checksum.h"
#include "detectors/values/context.h"
#include "detectors/values/numbers.h"

#include <algorithm>
#include <array>
#include <string>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{
    "cn_resident_id", core::Category::pii, "CN_RESIDENT_ID",
    "Chinese identity number of 18 characters: region, birth date and MOD 11-2 check (0.97); "
    "residence permits "
    "of Hong Kong, Macau, Taiwan and foreigners alike; 15 digits with a label (0.7)."};

constexpr std::array<std::string_view, 14> labels{
    "身份证", "身分证",   "身份證",  "证件",      "公民身份", "居民身份", "居住证",
    "居留证", "identity", "id card", "id number", "id no",    "idcard",   "citizen id"};

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

bool is_id_18(std::string_view id) {
  return id[0] != '0' && is_region(id) &&
         is_birth_date(number_at(id, 6, 4), number_at(id, 10, 2), number_at(id, 12, 2)) &&
         mod11_2_valid(id);
}

bool is_id_15(std::string_view id) {
  return id[0] != '9' && is_region(id) &&
         is_birth_date(1900 + number_at(id, 6, 2), number_at(id, 8, 2), number_at(id, 10, 2));
}

// X, and the letters of other alphabets that look like it. 0: none.
std::size_t check_letter_bytes(std::string_view text) {
  constexpr std::string_view letters[] = {"X", "x", "Х", "х", "Χ", "χ"};
  for (const std::string_view letter : letters) {
    if (text.starts_with(letter)) return letter.size();
  }
  return 0;
}

bool usual_grouping(const Number& n) {
  const auto last = static_cast<std::uint8_t>(n.digits().size() - 14);  // 3 before an X, 4 without
  return n.contiguous() || n.grouped({6, 8, last}) || n.grouped({6, 4, 4, last}) ||
         n.grouped({3, 3, 4, 4, last}) || n.grouped({6, 4, 2, 2, last}) || n.grouped({6, 12}) ||
         n.grouped({6, 11});
}

bool touches_text(const Window& window, std::size_t begin, std::size_t end) {
  const Side left = left_side(window.text, begin);
  const Side right = right_side(window.text, end);
  if (left == Side::blob || right == Side::blob) return true;
  const auto hex = [](std::string_view letters) { return std::ranges::all_of(letters, is_hex); };
  return (left == Side::letters && letters_before(window.text, begin).size() > 2 &&
          hex(letters_before(window.text, begin))) ||
         (right == Side::letters && hex(letters_after(window.text, end)));
}

class CnResidentId final : public Detector {
 public:
  std::string_view name() const noexcept override { return "cn_resident_id"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for_each_number(window, 15, 18, [&](const Number& number) {
      switch (number.digits().size()) {
        case 18: return try_18(window, number, number.digits(), number.end(), matches);
        case 17: return try_17_x(window, number, matches);
        case 15: return try_15(window, number, matches);
        default: return false;
      }
    });
    return {};
  }

 private:
  static bool try_18(const Window& window, const Number& number, std::string_view id,
                     std::size_t end, Matches& matches) {
    if (!is_id_18(id) || touches_text(window, number.begin(), end)) return false;
    const bool usual = usual_grouping(number);
    if (!usual && !number.whole()) return false;
    const bool label = has_word(window.context(number.begin()), labels);
    matches.add(type, number.begin(), end, label ? 0.99F : usual ? 0.97F : 0.8F);
    return true;
  }

  static bool try_17_x(const Window& window, const Number& number, Matches& matches) {
    std::size_t at = number.end();
    if (!number.contiguous() && (window.at(at) == ' ' || window.at(at) == '-')) ++at;
    const std::size_t letter =
        check_letter_bytes(window.text.substr(std::min(at, window.text.size())));
    if (letter == 0) return false;
    return try_18(window, number, std::string(number.digits()) + 'X', at + letter, matches);
  }

  static bool try_15(const Window& window, const Number& number, Matches& matches) {
    if (!number.contiguous() || !is_id_15(number.digits())) return false;
    if (touches_text(window, number.begin(), number.end())) return false;
    if (!has_word(window.context(number.begin()), labels)) return false;
    matches.add(type, number.begin(), number.end(), 0.7F);
    return true;
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = 15, .digits_min = 15, .numerals = true}};
};

}  // namespace

const Detector& cn_resident_id_detector() {
  static const CnResidentId detector;
  return detector;
}

}  // namespace menshen::detectors
