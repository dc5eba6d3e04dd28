// What single words do for a claim, by hash (tokens.h): function words, negations, number words,
// scales, opposites.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace menshen::detectors::scoring {

struct WordInfo {
  bool function = false;      // carries no claim of its own
  bool abbreviation = false;  // "Mr.", "Inc.": its full stop ends no sentence
  bool negation = false;
  bool hedge = false;          // "about", "nearly": the number after it is rough
  double value = 0;            // "seven": 7
  double scale = 0;            // "million": 1e6; percent_scale for "percent"
  std::uint64_t opposite = 0;  // "rose": hash of "fell"
};

inline constexpr double percent_scale = -1;

// Never null: words without entry share an empty one. Han words of two characters are found by the
// hash of the pair.
[[nodiscard]] const WordInfo& word_info(std::uint64_t hash) noexcept;

// Some of the characters U+4E00..U+9FFF.
class HanSet {
 public:
  consteval explicit HanSet(std::u32string_view chars) {
    for (const char32_t c : chars) bits_[(c - begin) / 64] |= std::uint64_t{1} << (c - begin) % 64;
  }
  [[nodiscard]] constexpr bool contains(char32_t c) const noexcept {
    return c - begin < end - begin && (bits_[(c - begin) / 64] >> (c - begin) % 64 & 1U) != 0;
  }

 private:
  static constexpr char32_t begin = 0x4E00;
  static constexpr char32_t end = 0xA000;
  std::array<std::uint64_t, (end - begin) / 64> bits_{};
};

[[nodiscard]] inline bool is_function_han(char32_t c) noexcept {
  static constexpr HanSet set(
      U"的了是在和与及或也都而就还又被把将对从向以于为有个之其这那他她它们我你您吗呢吧啊呀着过地得"
      U"等所并但则由中上下里");
  return set.contains(c);
}

[[nodiscard]] constexpr bool is_negation_han(char32_t c) noexcept {
  return c == U'不' || c == U'未' || c == U'没' || c == U'非' || c == U'无';
}

// May begin a number in Han numerals.
[[nodiscard]] inline bool is_numeral_han(char32_t c) noexcept {
  static constexpr HanSet set(U"零一二两三四五六七八九十");
  return set.contains(c);
}

}  // namespace menshen::detectors::scoring
