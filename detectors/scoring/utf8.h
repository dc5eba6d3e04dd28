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
  const auto tail = [&](std::int64_t at) { return static_cast<std::uint32_t>(bytes[at] ^ 0x80U); };
  const std::uint32_t lead = bytes[i];
  // E1..EC: three bytes without further rules, most of Han among them.
  if (lead - 0xE1U < 12 && size - i >= 3 && tail(i + 1) < 0x40 && tail(i + 2) < 0x40) {
    const std::uint32_t c = (lead & 0xFU) << 12U | tail(i + 1) << 6U | tail(i + 2);
    i += 3;
    return c;
  }
  std::int32_t c = 0;
  U8_NEXT_OR_FFFD(bytes, i, size, c);
  return static_cast<char32_t>(c);
}

}  // namespace menshen::detectors::scoring
