// Hexadecimal digits: the value of one, and a byte as URLs escape it.
#pragma once

#include <string>
#include <string_view>

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

// %E8, as RFC 3986, section 2.1, has it.
inline void append_percent_encoded(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
}

}  // namespace menshen::core
