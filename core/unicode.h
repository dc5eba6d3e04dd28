// What Unicode says of a single code point, as far as this program asks: the one table that all
// readers of text share. Each makes its own reading of it:
//
//   detectors/text/characters   what a scan sees
//   detectors/text/folding      what scores compare
//   proxy/protocol/fold         keys of JSON without regard to case
//   policies/model_name         names of models, the same
//
// It speaks of one code point at a time, so that no reading depends on where a text was cut. The
// rows (unicode_data.cpp) are made from ICU by unicode_main.cpp and compared with it by
// unicode_test.cpp; ICU is not asked while the program runs, so that what is found does not depend
// on the version that is installed.
//
//   has_any(U'\u00a0', fact::blank | fact::control);   // true
//   simple_fold(U'\u212a');                            // U'k'
//   compatible(U'Ａ');                                 // U"A"
//
// Pure functions of constant data; any code point, and 0, false or itself past U+10FFFF. What says
// "sorted rows" takes a dozen steps and is for making tables; the rest takes three loads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::core {

// Bits of facts().
namespace fact {
inline constexpr std::uint8_t letter = 1;       // General_Category L
inline constexpr std::uint8_t capital = 2;      // General_Category Lu
inline constexpr std::uint8_t word_letter = 4;  // Alphabetic, where blanks part words
inline constexpr std::uint8_t blank = 8;        // White_Space
inline constexpr std::uint8_t control = 16;     // General_Category Cc
inline constexpr std::uint8_t format = 32;      // General_Category Cf
inline constexpr std::uint8_t ignorable = 64;   // Default_Ignorable_Code_Point: shows nothing
inline constexpr std::uint8_t number = 128;     // General_Category Nl, No: no decimal digit
}  // namespace fact

namespace unicode {

inline constexpr std::size_t page_size = 256;
inline constexpr char32_t end = 0x110000;

struct Record {
  std::uint8_t facts = 0;
  std::int32_t to_folded = 0;
};
extern const std::array<std::uint8_t, end / page_size> pages;
extern const std::uint8_t record_numbers[];
extern const Record records[];

[[nodiscard]] inline const Record& record(char32_t c) noexcept {
  return records[record_numbers[pages[c / page_size] * page_size + c % page_size]];
}

}  // namespace unicode

// The version of Unicode that the table has, "15.0".
extern const std::string_view unicode_version;

[[nodiscard]] inline std::uint8_t facts(char32_t c) noexcept {
  return c < unicode::end ? unicode::record(c).facts : 0;
}
[[nodiscard]] inline bool has_any(char32_t c, unsigned any_of) noexcept {
  return (facts(c) & any_of) != 0;
}

// CaseFolding.txt, statuses C and S: one code point to one.
[[nodiscard]] inline char32_t simple_fold(char32_t c) noexcept {
  if (c >= unicode::end) return c;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + unicode::record(c).to_folded);
}

// Mandatory breaks of a line (UAX #14) but for the vertical tab and the form feed.
[[nodiscard]] constexpr bool ends_line(char32_t c) noexcept {
  return c == U'\n' || c == U'\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

// Blocks of combining diacritical marks, their extension, supplement and those for symbols.
[[nodiscard]] constexpr bool is_combining(char32_t c) noexcept {
  return (c >= 0x0300 && c <= 0x036f) || (c >= 0x1ab0 && c <= 0x1aff) ||
         (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff);
}

// Unified ideographs of Han in the BMP, with what stands between their blocks, and of the planes 2
// and 3.
[[nodiscard]] constexpr bool is_ideograph(char32_t c) noexcept {
  return (c >= 0x3400 && c < 0xa000) || (c >= 0x20000 && c < 0x32000);
}

// 0 to 9 of a decimal digit of any script (General_Category Nd), else -1. Sorted rows.
[[nodiscard]] int decimal_digit(char32_t c) noexcept;

// The whole number from 0 to 255 that a character with fact::number stands for, else -1. Sorted
// rows.
[[nodiscard]] int whole_number(char32_t c) noexcept;

// NFKC of the code point alone (UAX #15); nullopt where that is the code point. Sorted rows.
[[nodiscard]] std::optional<std::u32string_view> compatible(char32_t c) noexcept;

// NFKC_Casefold of the code point alone: case, width and compatibility forms folded, what shows
// nothing dropped. Sorted rows.
[[nodiscard]] std::u32string compatible_fold(char32_t c);

// The lower-case ASCII letter that a reader takes a letter for: without its accents (NFD), or of
// its confusables (UTS #39); 0 where there is none. Of letters that compatible_fold() leaves as
// they are. Sorted rows.
[[nodiscard]] char latin_twin(char32_t c) noexcept;

// A traditional ideograph of the BMP to its simplified one; else itself. Sorted rows.
[[nodiscard]] char32_t simplified(char32_t c) noexcept;

}  // namespace menshen::core
