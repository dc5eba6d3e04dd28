// The value of a hexadecimal digit.
#pragma once

namespace menshen::core {

// In either case; -1: it is none.
[[nodiscard]] constexpr int hex_value(char32_t c) noexcept {
  if (c >= U'0' && c <= U'9') return static_cast<int>(c - U'0');
  const char32_t lower = c | 0x20U;
  return lower >= U'a' && lower <= U'f' ? static_cast<int>(lower - U'a') + 10 : -1;
}
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  return hex_value(static_cast<char32_t>(static_cast<unsigned char>(c)));
}

}  // namespace menshen::core
