// Hexadecimal digits: the value of one, and bytes as URLs escape them.
#pragma once

#include <cstddef>
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

struct PercentDecoded {
  std::string text;
  bool all = true;  // every percent sign began an escape
};
// A percent sign that begins no escape stays.
[[nodiscard]] inline PercentDecoded percent_decoded(std::string_view text) {
  PercentDecoded out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low < 0) {
      out.all = out.all && text[i] != '%';
      out.text.push_back(text[i]);
    } else {
      out.text.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

}  // namespace menshen::core
