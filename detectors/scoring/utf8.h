// The next code point of a text that may be no valid UTF-8.
//
//   for (std::int64_t i = 0; i < size;) { const char32_t c = next_point(bytes, i, size); ... }
//
// i < size. A byte that begins nothing valid, or a sequence cut short, is one U+FFFD (ICU's rule).
#pragma once

#include <unicode/utf8.h>

#include <cstdint>

namespace menshen::detectors::scoring {

[[nodiscard]] inline char32_t next_point(const std::uint8_t* bytes, std::int64_t& i,
                                         std::int64_t size) noexcept {
  std::int32_t c = 0;
  U8_NEXT_OR_FFFD(bytes, i, size, c);
  return static_cast<char32_t>(c);
}

// The code point of the three bytes at `p`, or 0 where it is not U+1000..U+CFFF: most of Han is.
[[nodiscard]] inline char32_t three_bytes(const std::uint8_t* p) noexcept {
  const std::uint32_t lead = p[0] - 0xE1U;
  const std::uint32_t high = p[1] ^ 0x80U;
  const std::uint32_t low = p[2] ^ 0x80U;
  if (lead >= 0xC || (high | low) >= 0x40) return 0;
  return (lead + 1) << 12U | high << 6U | low;
}

}  // namespace menshen::detectors::scoring
