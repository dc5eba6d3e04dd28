#include "core/unicode.h"

#include "core/general_class.h"
#include "core/unicode_rows.h"

#include <algorithm>
#include <span>

namespace menshen::core {
namespace {

template <class Row>
const Row* row_of(std::span<const Row> rows, char32_t c) noexcept {
  const auto found = std::ranges::lower_bound(rows, c, {}, &Row::c);
  return found != rows.end() && found->c == c ? &*found : nullptr;
}

}  // namespace

int decimal_digit(char32_t c) noexcept {
  const auto after = std::ranges::upper_bound(unicode::zeros, c);
  if (after == unicode::zeros.begin()) return -1;
  const char32_t value = c - *(after - 1);
  return value < 10 ? static_cast<int>(value) : -1;
}

int whole_number(char32_t c) noexcept {
  const unicode::NumberRow* row = row_of(unicode::numbers, c);
  return row == nullptr ? -1 : row->value;
}

std::optional<std::u32string_view> compatible(char32_t c) noexcept {
  const unicode::TextRow* row = row_of(unicode::compatible_rows, c);
  if (row == nullptr) return std::nullopt;
  return row->to;
}

std::u32string compatible_fold(char32_t c) {
  if (has_any(c, fact::ignorable)) return {};
  if (const unicode::TextRow* row = row_of(unicode::compatible_fold_rows, c)) {
    return std::u32string(row->to);
  }
  std::u32string out(compatible(c).value_or(std::u32string_view(&c, 1)));
  std::ranges::transform(out, out.begin(), simple_fold);
  return out;
}

char latin_twin(char32_t c) noexcept {
  const unicode::LetterRow* row = row_of(unicode::twins, c);
  return row == nullptr ? '\0' : row->to;
}

char32_t simplified(char32_t c) noexcept {
  const unicode::PairRow* row = row_of(unicode::traditional, c);
  return row == nullptr ? c : row->to;
}

GeneralClass general_class(char32_t c) noexcept {
  return (std::ranges::upper_bound(unicode::classes, c, {}, &unicode::ClassRow::first) - 1)->of;
}

}  // namespace menshen::core
