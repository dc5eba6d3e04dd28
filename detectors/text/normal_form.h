// A short text as detectors see it (view.h), read as it stands: no escape is decoded, and
// characters of two readings are marks (characters.h). For what others write to be compared with
// that: words, patterns, values.
//
//   normal_form("ＥＭＰ－１")    "EMP-1"
//   normal_form("\u200B")         ""
//
// Pure function, linear; any thread.
#pragma once

#include <string>
#include <string_view>

namespace menshen::detectors {

[[nodiscard]] std::string normal_form(std::string_view text);

// Between a sign of ASCII and its full-width form (U+FF01 to U+FF5E): A and Ａ.
inline constexpr char32_t full_width_apart = 0xFEE0;
// Of such a form the sign; 0: it is none.
[[nodiscard]] constexpr char32_t half_width(char32_t c) noexcept {
  return c > U'\uFF00' && c < U'\uFF5F' ? c - full_width_apart : 0;
}

}  // namespace menshen::detectors
