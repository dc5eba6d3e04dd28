// Words that carry no claim of their own, by hash (tokens.h): function words, number words, abbreviations.
#pragma once

#include <cstdint>

namespace menshen::detectors::scoring {

inline constexpr double percent_scale = -1;

[[nodiscard]] bool is_function_word(std::uint64_t hash) noexcept;
[[nodiscard]] bool is_function_han(char32_t c) noexcept;
[[nodiscard]] bool is_abbreviation(std::uint64_t hash) noexcept;  // "Mr.", "Inc."
[[nodiscard]] bool is_negation_word(std::uint64_t hash) noexcept;
[[nodiscard]] bool is_hedge_word(std::uint64_t hash) noexcept;    // "about", "nearly": the number is rounded
[[nodiscard]] double number_word(std::uint64_t hash) noexcept;    // "seven" -> 7; 0 for none
// "million" -> 1e6, "percent" -> percent_scale; 0 for none.
[[nodiscard]] double scale_word(std::uint64_t hash) noexcept;

}  // namespace menshen::detectors::scoring
