// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. All of this
// program reads and writes it here.
//
//   for (std::size_t i = 0; i < text.size();) {
//     const Utf8Character c = utf8_at(text, i);
//     i += c.bytes;                         // 1 for a byte that starts no valid character
//   }
//   for (std::size_t i = 0; i < text.size();) read(utf8_next(text, i));   // U+FFFD where it is not
//
// Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::core {

inline constexpr char32_t replacement_character = 0xfffd;

struct Utf8Character {
  char32_t point = replacement_character;
  unsigned bytes = 1;
  bool valid = false;
  // Of what is not valid: how many bytes one replacement character stands for (Unicode 15, section
  // 3.9, "maximal subparts"), and whether the text ends within what might become valid.
  unsigned replaced = 1;
  bool cut = false;
};

namespace utf8 {

// At a lead byte of 0x80 or more.
[[nodiscard]] inline Utf8Character beyond_ascii(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(text[at + i]);
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0xc2 || lead > 0xf4) return {};
  const unsigned bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  std::uint32_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  std::uint32_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  std::uint32_t point = lead & (0x7fU >> bytes);
  for (unsigned i = 1; i < bytes; ++i) {
    if (at + i == text.size()) return {.replaced = i, .cut = true};
    if (byte(i) < low || byte(i) > high) return {.replaced = i};
    point = point << 6 | (byte(i) & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  return {.point = point, .bytes = bytes, .valid = true};
}

}  // namespace utf8

// The code point of the three bytes at `p`, or 0 where it is not U+1000..U+CFFF: most of Han is.
[[nodiscard]] inline char32_t utf8_three_bytes(const char* p) noexcept {
  const auto byte = [p](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(p[i]);
  };
  const std::uint32_t lead = byte(0) - 0xe1U;
  const std::uint32_t high = byte(1) ^ 0x80U;
  const std::uint32_t low = byte(2) ^ 0x80U;
  if (lead >= 0xc || (high | low) >= 0x40) return 0;
  return (lead + 1) << 12U | high << 6U | low;
}

// The character that begins at `at`, which is less than text.size().
[[nodiscard]] inline Utf8Character utf8_at(std::string_view text, std::size_t at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return {.point = lead, .bytes = 1, .valid = true};
  if (text.size() - at >= 3) {
    const char32_t point = utf8_three_bytes(text.data() + at);
    if (point != 0) return {.point = point, .bytes = 3, .valid = true};
  }
  return utf8::beyond_ascii(text, at);
}

// The character at `at`, which moves behind it.
[[nodiscard]] inline char32_t utf8_next(std::string_view text, std::size_t& at) noexcept {
  const Utf8Character c = utf8_at(text, at);
  at += c.valid ? c.bytes : c.replaced;
  return c.point;
}

// The character at the start of text that is known to be valid.
struct ValidUtf8 {
  char32_t point = 0;
  std::size_t bytes = 0;
};
[[nodiscard, gnu::always_inline]] inline ValidUtf8 valid_utf8_at(const char* p) noexcept {
  const auto byte = [p](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(p[i]));
  };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xe0) return {((lead & 0x1fU) << 6U) | (byte(1) & 0x3fU), 2};
  if (lead < 0xf0) {
    return {((lead & 0x0fU) << 12U) | ((byte(1) & 0x3fU) << 6U) | (byte(2) & 0x3fU), 3};
  }
  return {((lead & 0x07U) << 18U) | ((byte(1) & 0x3fU) << 12U) | ((byte(2) & 0x3fU) << 6U) |
              (byte(3) & 0x3fU),
          4};
}

[[nodiscard]] inline bool valid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character c = utf8_at(text, i);
    if (!c.valid) return false;
    i += c.bytes;
  }
  return true;
}

[[nodiscard]] constexpr std::size_t utf8_size(char32_t point) noexcept {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

// Writes up to four bytes at `out`; how many.
inline std::size_t write_utf8(char32_t point, char* out) noexcept {
  constexpr std::array<char32_t, 5> leads{0, 0, 0xc0, 0xe0, 0xf0};
  const std::size_t bytes = utf8_size(point);
  for (std::size_t i = bytes - 1; i > 0; --i, point >>= 6U) {
    out[i] = static_cast<char>(0x80U | (point & 0x3fU));
  }
  out[0] = static_cast<char>(leads[bytes] | point);
  return bytes;
}

inline void append_utf8(std::string& out, char32_t point) {
  std::array<char, 4> bytes{};
  out.append(bytes.data(), write_utf8(point, bytes.data()));
}

}  // namespace menshen::core
