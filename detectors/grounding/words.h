// What single words do for a claim, by hash (tokens.h): function words, negations, number words,
// scales, opposites.
#pragma once

#include <cstdint>

namespace menshen::detectors::scoring {

struct WordInfo {
  std::uint64_t hash = 0;
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

[[nodiscard]] bool is_function_han(char32_t c) noexcept;
[[nodiscard]] bool is_negation_han(char32_t c) noexcept;

}  // namespace menshen::detectors::scoring
