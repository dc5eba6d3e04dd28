// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF.
//
//   for (std::size_t i = 0; i < text.size();) {
//     const Utf8Character c = utf8_at(text, i);
//     i += c.bytes;                         // 1 for a byte that starts no valid character
//   }
//
// Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::core {

struct Utf8Character {
  char32_t point = 0xfffd;
  unsigned bytes = 1;
  bool valid = false;
};

// The character that begins at `at`, which is less than text.size().
[[nodiscard]] inline Utf8Character utf8_at(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const std::uint32_t head = byte(0);
  if (head < 0x80) return {head, 1, true};
  const unsigned bytes = head >= 0xf0 ? 4 : head >= 0xe0 ? 3 : 2;
  if (head < 0xc2 || head > 0xf4) return {};
  std::uint32_t point = head & (0x7fU >> bytes);
  for (unsigned i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < least[bytes] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return {};
  return {point, bytes, true};
}

[[nodiscard]] inline bool valid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character c = utf8_at(text, i);
    if (!c.valid) return false;
    i += c.bytes;
  }
  return true;
}

}  // namespace menshen::core
