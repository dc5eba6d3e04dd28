// The rows of unicode_data.cpp that unicode.cpp searches. Internal to core.
//
// Each list is sorted by code point and constant.
#pragma once

#include "core/general_class.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace menshen::core::unicode {

struct NumberRow {
  char32_t c;
  std::uint8_t value;
};
struct TextRow {
  char32_t c;
  std::u32string_view to;
};
struct LetterRow {
  char32_t c;
  char to;
};
struct PairRow {
  char32_t c;
  char32_t to;
};
struct ClassRow {
  char32_t first;  // up to the next row's
  GeneralClass of;
};

extern const std::u32string_view zeros;  // the first of each ten decimal digits
extern const std::span<const NumberRow> numbers;
extern const std::span<const TextRow> compatible_rows;
// Where it is more than compatible() and simple_fold() of each of its characters.
extern const std::span<const TextRow> compatible_fold_rows;
extern const std::span<const LetterRow> twins;
extern const std::span<const PairRow> traditional;
extern const std::span<const ClassRow> classes;  // the first is of U+0000

}  // namespace menshen::core::unicode
