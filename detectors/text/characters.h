// What each code point is to a scan: what it normalises to, and whether it can be part of a value.
//
// Normalisation works on single code points, so that it cannot depend on how a text was cut:
// characters that show nothing are dropped (Unicode Default_Ignorable_Code_Point, combining marks,
// keycaps), compatibility forms are folded (NFKC of the code point alone, UAX #15), decimal digits
// of every script become ASCII digits (general category Nd), and dashes, middle dots and spaces
// become '-', '.' and ' '. What does not matter to any detector (Han, kana, full-width commas)
// stays as it is.
//
// Some characters have two readings, and a text that holds one is read in both ways (decoder.h):
// other forms of digits (circled, in parentheses, with a full stop, raised, Hangzhou numerals) are
// marks beside a value, or, styled, digits; tags (U+E0020 to U+E007E) show nothing, or ASCII; line
// separators and controls (U+2028, U+2029, C0 but tabs and line ends, DEL, C1) are blanks, or
// nothing. An ideographic full stop and 点 are '.' within a domain (decoder.cpp), else
// themselves.
//
//   const Characters& table = Characters::instance();
//   table.kind(U'１');      // CharacterKind::mapped, to "1"
//   table.kind(U'\u200b');  // CharacterKind::ignorable
//
// Built once from core/unicode.h at start-up, about 100 KB; immutable, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace menshen::detectors {

enum class CharacterKind : std::uint8_t {
  identity,
  ignorable,
  combining,  // ignorable, and part of the character before it
  mapped,
};

// What a character of the view is to the segmenter: bits, so that the bits of a run are the union
// of its characters'. 0 delimits.
namespace run_class {
inline constexpr std::uint8_t delimiter = 0;
inline constexpr std::uint8_t digit = 1;
inline constexpr std::uint8_t letter = 2;      // of any alphabet, and '_'
inline constexpr std::uint8_t at = 4;          // '@'
inline constexpr std::uint8_t colon = 8;       // ':'
inline constexpr std::uint8_t dot = 16;        // '.'
inline constexpr std::uint8_t joiner = 32;     // - ( ) /
inline constexpr std::uint8_t connector = 64;  // + = % ~ # '
inline constexpr std::uint8_t space =
    0x81;  // ' ': no run character, but digits may continue after it
inline constexpr std::uint8_t numeral =
    0x82;  // Han numeral: no run character, but a digit of the other view
}  // namespace run_class

[[nodiscard]] constexpr bool is_run_character(std::uint8_t c) noexcept {
  return c != 0 && c < 0x80;
}

class Characters {
 public:
  [[nodiscard]] static const Characters& instance() {
    static const Characters characters;
    return characters;
  }

  [[nodiscard]] CharacterKind kind(char32_t c) const noexcept {
    return static_cast<CharacterKind>(properties(c) & 3U);
  }
  // Has a second reading: mapping() is what it is to that one.
  [[nodiscard]] bool is_styled(char32_t c) const noexcept { return (properties(c) & styled) != 0; }
  // Without the second reading: a blank.
  [[nodiscard]] bool separates(char32_t c) const noexcept {
    return (properties(c) & separator) != 0;
  }
  // Of a character of the view.
  [[nodiscard]] std::uint8_t run_class_of(char32_t c) const noexcept {
    return non_ascii_classes[(properties(c) >> 2U) & 3U];
  }
  // UTF-8, at most 7 bytes; of `mapped` and of styled characters.
  [[nodiscard]] std::string_view mapping(char32_t c) const noexcept;

  // For each ASCII character.
  static const std::array<std::uint8_t, 256> ascii_classes;

 private:
  struct Mapping {
    std::array<char, 7> bytes{};
    std::uint8_t size = 0;
  };
  struct Entry {
    std::uint8_t properties = 0;
    std::uint16_t mapping = 0;
  };
  static constexpr std::array<std::uint8_t, 4> non_ascii_classes{
      run_class::delimiter, run_class::letter, run_class::numeral, run_class::delimiter};
  static constexpr std::uint8_t styled = 16;
  static constexpr std::uint8_t separator = 32;
  static constexpr std::size_t page_size = 256;
  static constexpr std::size_t page_count = 0x110000 / page_size;

  Characters();
  Entry examine(char32_t c);
  std::uint16_t add_mapping(std::string_view text);

  [[nodiscard]] std::uint8_t properties(char32_t c) const noexcept {
    return properties_[pages_[c / page_size] * page_size + c % page_size];
  }

  std::array<std::uint16_t, page_count> pages_{};
  std::vector<std::uint8_t> properties_;
  std::vector<std::uint16_t> mapping_of_;  // parallel to properties_
  std::vector<Mapping> mappings_;
};

// The digit that a Han numeral stands for, in the forms in which numbers are written out; -1 for
// others.
[[nodiscard]] constexpr int han_digit(char32_t c) noexcept {
  switch (c) {
    case U'〇':
    case U'零': return 0;
    case U'一': return 1;
    case U'二':
    case U'两': return 2;
    case U'三': return 3;
    case U'四': return 4;
    case U'五': return 5;
    case U'六': return 6;
    case U'七': return 7;
    case U'八': return 8;
    case U'九': return 9;
    default: return -1;
  }
}

// The same where numbers are read out digit by digit: also the banking (壹贰叁, and traditional
// 貳參) and the spoken forms (幺 拐 洞 勾).
[[nodiscard]] int han_numeral(char32_t c) noexcept;

}  // namespace menshen::detectors
