#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/context.h"
#include "detectors/values/numbers.h"
#include "detectors/values/units.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{"cn_mobile", core::Category::pii, "CN_MOBILE",
                                 "Chinese mobile number by its number plan (0.75; 0.95 with +86 or "
                                 "a label such as 手机). Known false "
                                 "positives: serial numbers of 11 digits without a label."};

constexpr std::size_t national_digits = 11;

constexpr std::array<std::string_view, 27> labels{
    "手机", "电话",      "联系", "致电",  "拨打",      "短信",     "微信",    "机主",    "來電",
    "手機", "電話",      "聯絡", "phone", "telephone", "tel",      "mobile",  "mobiles", "mob",
    "cell", "cellphone", "call", "sms",   "text",      "whatsapp", "contact", "wechat",  "dial"};
constexpr std::array<std::string_view, 14> attached{
    "tel", "phone", "mobile", "mob", "cell", "m", "t", "p", "wx", "vx", "sj", "dh", "no", "call"};

// Ministry of Industry number segments, 2022; portability makes them say nothing about the carrier.
bool is_mobile(std::string_view d) {
  if (d.size() != national_digits || d[0] != '1') return false;
  switch (d[1]) {
    case '3':
    case '8': return true;
    case '4': return d[2] >= '5';
    case '5': return d[2] != '4';
    case '6': return d[2] == '2' || (d[2] >= '5' && d[2] <= '7');
    case '7': return d[2] <= '8';
    case '9': return d[2] != '4';
    default: return false;
  }
}

std::size_t country_code_digits(const Number& number) {
  for (const std::string_view code : {"0086", "086", "86"}) {
    if (number.digits().size() == national_digits + code.size() &&
        number.digits().starts_with(code)) {
      return code.size();
    }
  }
  return 0;
}

enum class Grouping { usual, few, single_digits, odd };

// How the digits behind the country code are grouped.
Grouping grouping(const Number& number, std::size_t skip) {
  std::array<std::size_t, national_digits + 1> sizes{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < number.groups(); ++i) {
    const std::size_t skipped = std::min(skip, number.group_size(i));
    skip -= skipped;
    if (number.group_size(i) > skipped) sizes[count++] = number.group_size(i) - skipped;
  }
  const auto is = [&](std::initializer_list<std::size_t> usual) {
    return std::equal(usual.begin(), usual.end(), sizes.begin(),
                      sizes.begin() + static_cast<std::ptrdiff_t>(count));
  };
  if (is({11}) || is({3, 4, 4}) || is({3, 8}) || is({7, 4}) || is({3, 3, 5})) {
    return Grouping::usual;
  }
  if (count == national_digits) return Grouping::single_digits;
  return count <= 3 ? Grouping::few : Grouping::odd;
}

// 138.00138000
bool is_decimal(const Window& window, const Number& number) {
  return number.groups() == 2 && window.text[number.begin() + number.group_size(0)] == '.' &&
         number.end() - number.begin() == number.digits().size() + 1;
}

bool is_attached_label(std::string_view letters) {
  return std::ranges::any_of(attached, [letters](std::string_view label) {
    return std::ranges::equal(letters, label, {}, to_lower);
  });
}

class CnMobile final : public Detector {
 public:
  std::string_view name() const noexcept override { return "cn_mobile"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for_each_number(window, national_digits, national_digits + 4, [&](const Number& number) {
      const std::size_t code = country_code_digits(number);
      if (!is_mobile(number.digits().substr(code))) return false;
      const bool plus = number.begin() > 0 && window.text[number.begin() - 1] == '+';
      if (plus && code != 2) return false;  // +1 380... is American
      const float confidence = judge(window, number, code, plus);
      if (confidence <= 0) return false;
      const std::size_t begin = number.begin() - (plus && window.owns(number.begin() - 1) ? 1 : 0);
      matches.add(type, begin, number.end(), confidence);
      return true;
    });
    return {};
  }

 private:
  static float judge(const Window& window, const Number& number, std::size_t code, bool plus) {
    const std::string_view context = window.context(number.begin() - (plus ? 1 : 0));
    const bool label = has_word(context, labels);
    const Grouping groups = grouping(number, code);
    if (groups != Grouping::usual && !number.whole()) return 0;
    if (number.grouped({1, 3, 3, 4})) return 0;  // 1-800-...: North American
    if (groups == Grouping::odd && !label && !window.numerals) return 0;
    if (!label && is_decimal(window, number)) return 0;
    const Side left = plus ? Side::clean : left_side(window.text, number.begin());
    const Side right = right_side(window.text, number.end());
    if (right == Side::blob || (left == Side::blob && !follows_list_number(window, number)))
      return 0;
    if (left == Side::letters && !is_attached_label(letters_before(window.text, number.begin())))
      return 0;
    if (right == Side::letters &&
        (groups != Grouping::usual ||
         std::ranges::all_of(letters_after(window.text, number.end()), is_hex))) {
      return 0;
    }
    if (!label &&
        (labelled(context, number_labels()) || is_quantity(window, number.begin(), number.end()))) {
      return 0;
    }
    if (plus || label || left == Side::letters) return groups == Grouping::odd ? 0.8F : 0.95F;
    if (right == Side::letters) return 0.6F;
    if (groups == Grouping::usual) return code == 0 && number.contiguous() ? 0.75F : 0.8F;
    return 0.55F;
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = national_digits, .digits_min = national_digits, .numerals = true}};
};

}  // namespace

const Detector& cn_mobile_detector() {
  static const CnMobile detector;
  return detector;
}

}  // namespace menshen::detectors
