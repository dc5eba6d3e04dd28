// What touches a value on its two sides.
//
// Values stand between spaces, punctuation, Han, quotes; behind `tel:`, `id=`, `phone_`; behind a
// literal "\n" of twice-escaped text. They do not stand inside base64, hashes, UUIDs, serial
// numbers or decimals.
//
//   left_side("id=138", 3)      Side::clean
//   left_side("tel138", 3)      Side::letters
//   left_side("9f2e-138", 5)    Side::blob
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::detectors {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
[[nodiscard]] constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept { return is_upper(c) || is_lower(c); }
[[nodiscard]] constexpr bool is_alnum(char c) noexcept { return is_digit(c) || is_letter(c); }
[[nodiscard]] constexpr bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}

[[nodiscard]] constexpr std::string_view without_blanks_before(std::string_view text) noexcept {
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

enum class Side : std::uint8_t {
  clean,
  letters,  // letters touch it, without a digit among them
  blob,     // it is a part of something longer
};

[[nodiscard]] Side left_side(std::string_view text, std::size_t begin) noexcept;
[[nodiscard]] Side right_side(std::string_view text, std::size_t end) noexcept;

// The letters that touch a value: for Side::letters.
[[nodiscard]] std::string_view letters_before(std::string_view text, std::size_t begin) noexcept;
[[nodiscard]] std::string_view letters_after(std::string_view text, std::size_t end) noexcept;

// No ASCII letter or digit precedes, but for that of an escape (\n, \r, \t, %3D).
[[nodiscard]] bool begins_token(std::string_view text, std::size_t at) noexcept;

}  // namespace menshen::detectors
