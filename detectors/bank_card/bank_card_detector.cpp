#include "detectors/detector.h"
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
    "bank_card", core::Category::pii, "BANK_CARD",
    "Payment card: issuer range, length and Luhn check (0.9; 0.98 with a label). Known false "
    "positives: one "
    "in ten serial numbers that begin like a card and have its length."};

// Issuer ranges by their first four digits (ISO/IEC 7812; networks' public documentation).
struct Issuers {
  int first;
  int last;
  std::size_t digits_min;
  std::size_t digits_max;
  bool label_needed;
};
constexpr std::array<Issuers, 23> issuers{{
    {2200, 2204, 16, 19, false},                               // Mir
    {2221, 2720, 16, 16, false},                               // Mastercard
    {3000, 3059, 14, 19, false},                               // Diners Club
    {3095, 3095, 14, 19, false}, {3400, 3499, 15, 15, false},  // American Express
    {3528, 3589, 16, 19, false},                               // JCB
    {3600, 3699, 14, 19, false},                               // Diners Club
    {3700, 3799, 15, 15, false},                               // American Express
    {3800, 3999, 14, 19, false},                               // Diners Club
    {4000, 4999, 16, 16, false},                               // Visa
    {4000, 4999, 13, 13, true},  {4000, 4999, 19, 19, false},
    {5018, 5020, 12, 19, true},                                // Maestro
    {5038, 5038, 12, 19, true},  {5100, 5599, 16, 16, false},  // Mastercard
    {5600, 5899, 12, 19, true},                                // Maestro
    {6000, 6010, 16, 16, true},                                // RuPay
    {6011, 6011, 16, 19, false},                               // Discover
    {6200, 6299, 16, 19, false},                               // UnionPay
    {6304, 6304, 12, 19, true},                                // Maestro
    {6440, 6599, 16, 19, false},                               // Discover, RuPay
    {6700, 6799, 12, 19, true},                                // Maestro
    {8100, 8171, 16, 19, false},                               // UnionPay
}};

constexpr std::array<std::string_view, 27> labels{
    "card",  "cards",  "visa",    "mastercard", "amex", "unionpay", "credit",
    "debit", "pan",    "account", "payment",    "bank", "cc",       "银行卡",
    "卡号",  "信用卡", "储蓄卡",  "借记卡",     "账号", "帐号",     "账户",
    "帐户",  "刷卡",   "銀行卡",  "信用卡號",   "卡號", "付款"};

enum class Range { none, known, with_label };

Range range_of(std::string_view digits) {
  if (digits[0] < '2' || (digits[0] > '6' && digits[0] != '8')) return Range::none;
  int prefix = 0;
  for (const char c : digits.substr(0, 4)) prefix = prefix * 10 + (c - '0');
  Range found = Range::none;
  for (const Issuers& i : issuers) {
    if (prefix < i.first || prefix > i.last || digits.size() < i.digits_min ||
        digits.size() > i.digits_max) {
      continue;
    }
    if (!i.label_needed) return Range::known;
    found = Range::with_label;
  }
  return found;
}

bool usual_grouping(const Number& n) {
  return n.contiguous() || n.grouped({4, 4, 4, 4}) || n.grouped({4, 4, 4, 4, 3}) ||
         n.grouped({6, 13}) || n.grouped({4, 6, 5}) || n.grouped({4, 6, 4}) ||
         n.grouped({4, 4, 4, 4, 2}) || n.grouped({4, 4, 4, 4, 1}) || n.grouped({6, 10});
}

class BankCard final : public Detector {
 public:
  std::string_view name() const noexcept override { return "bank_card"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for_each_number(window, 12, 19, [&](const Number& number) {
      if (!number.whole() && !usual_grouping(number)) return false;
      const Range range = range_of(number.digits());
      if (range == Range::none || !luhn_valid(number.digits())) return false;
      const float confidence = judge(window, number, range);
      if (confidence <= 0) return false;
      matches.add(type, number.begin(), number.end(), confidence);
      return true;
    });
    return {};
  }

 private:
  static float judge(const Window& window, const Number& number, Range range) {
    const std::string_view context = window.context(number.begin());
    const bool label = has_word(context, labels);
    if (range == Range::with_label && !label) return 0;
    const bool usual = usual_grouping(number);
    const Side left = left_side(window.text, number.begin());
    const Side right = right_side(window.text, number.end());
    if (left == Side::blob || right == Side::blob || right == Side::letters) return 0;
    if (left == Side::letters && !label) return 0;
    if (!label && labelled(context, number_labels())) return 0;
    if (!label && is_quantity(window, number.begin(), number.end())) return 0;
    if (label) return usual ? 0.98F : 0.85F;
    if (!usual) return 0.65F;
    return number.digits().size() == 14 && number.contiguous() ? 0.6F : 0.9F;
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = 12, .digits_min = 12, .numerals = true}};
};

}  // namespace

const Detector& bank_card_detector() {
  static const BankCard detector;
  return detector;
}

}  // namespace menshen::detectors
