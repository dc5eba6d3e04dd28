// Characters and the ways in which texts write them: what the text stands for at each level.
//
// Level 0: UTF-8, decoded strictly (RFC 3629). Each further level decodes, wherever they stand in
// the level below, the escapes of JSON (RFC 8259 section 7, surrogate pairs included), of URLs
// (%41, RFC 3986), of HTML (&#65; &#x41; and names of marks), and \x41 of many languages; of the
// last three only what shows something, and of bytes beyond ASCII only whole characters of UTF-8;
// so with quoted-printable (=41, RFC 2045), but for =41 before a letter or a digit: x=4155.
// Signs that people spell out count as escapes, with a blank on either side: [at], (dot), 艾特;
// a spoken 点 only within a domain (decoder.cpp).
// What is no escape stays as it is: any text has all levels.
//
//   unit_at(1, "%4031", false)     '@', 3 bytes, decoded
//   unit_at(2, "%2540", false)     '@', 5 bytes, decoded: %2540 is %40 at level 1
//
// Pure functions; any thread.
#pragma once

#include "core/utf8.h"

#include <cstddef>
#include <string_view>

namespace menshen::detectors {

inline constexpr unsigned escape_level_max = 3;

struct Unit {
  static constexpr char32_t invalid = 0x110000;  // no character

  char32_t value = 0;
  std::size_t bytes = 0;  // 0: the text ends before it is known
  bool decoded = false;   // by an escape of this very level
  bool foreign = false;   // by one that is not JSON's, of any level
  // By an escape of JSON, of this very level.
  [[nodiscard]] bool is_json() const noexcept { return decoded && !foreign; }
};

// Those of signs that are spelled out. A blank does so before a bracket alone.
[[nodiscard]] constexpr bool begins_word(char32_t c) noexcept {
  return c == U'[' || c == U'(' || c == U' ' || c == U'艾';
}
// Only these make levels differ.
[[nodiscard]] constexpr bool begins_escape(char32_t c) noexcept {
  return c == U'\\' || c == U'%' || c == U'&' || c == U'=' || begins_word(c);
}

// By the first byte.
[[nodiscard]] constexpr bool may_begin_escape(char byte) noexcept {
  constexpr char ai = '\xE8';  // of 艾
  return begins_escape(static_cast<unsigned char>(byte)) || byte == ai;
}

// Is this source of one character an escape?
[[nodiscard]] constexpr bool is_escape(std::string_view source) noexcept {
  constexpr std::size_t ai_bytes = 3;
  return may_begin_escape(source.front()) &&
         source.size() > (static_cast<unsigned char>(source.front()) < 0x80 ? 1 : ai_bytes);
}

// The most bytes that must be seen to know a character: sixteen characters of four \xHH, each in an
// escape of up to ten characters, at each further level.
inline constexpr std::size_t unit_bytes_max = 1700;

[[nodiscard]] inline Unit utf8_unit(std::string_view text, bool last) noexcept {
  const core::Utf8Character c = core::utf8_at(text, 0);
  if (c.valid) return {c.point, c.bytes};
  return {Unit::invalid, c.cut && !last ? 0 : c.replaced};
}
// Where an escape may begin, above level 0.
[[nodiscard]] Unit escape_unit(unsigned level, std::string_view text, bool last) noexcept;

// The first character of a text that is not empty; last: nothing follows the text.
[[nodiscard]] inline Unit unit_at(unsigned level, std::string_view text, bool last) noexcept {
  const bool escape = level > 0 && may_begin_escape(text.front());
  return escape ? escape_unit(level, text, last) : utf8_unit(text, last);
}

}  // namespace menshen::detectors
