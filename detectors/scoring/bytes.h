// Classes of the bytes of folded UTF-8 text, one load each.
//
//   if (is_word_byte(text[i])) ...            // a-z, 0-9
//   if ((byte_class(c) & blank_byte) != 0) ...
//
// Pure functions over a constant table.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace menshen::detectors::scoring {

enum ByteClass : std::uint8_t {
  letter_byte = 1,    // a-z
  digit_byte = 2,     // 0-9
  stand_in_byte = 4,  // stands for a letter in disguised words: 0 1 3 4 5 7 @ $
  blank_byte = 8,     // ' ' and '\n'
  joiner_byte = 16,   // parts the letters of "i.g.n.o.r.e"
  mark_byte = 32,     // may begin a quotation mark, or a mark that ends a sentence
  sign_byte = 64,     // of code and templates rather than of prose, and quotation marks
};

namespace bytes {

consteval std::array<std::uint8_t, 256> classes() {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&](std::string_view members, std::uint8_t cls) {
    for (const char c : members) table[static_cast<unsigned char>(c)] |= cls;
  };
  mark("abcdefghijklmnopqrstuvwxyz", letter_byte);
  mark("0123456789", digit_byte);
  mark("013457@$", stand_in_byte);
  mark(" \n", blank_byte);
  mark(" .-_*", joiner_byte);
  mark("<[#:'\"-=*%_", sign_byte);
  mark("\"`.!?;\n\xE2\xE3\xEF", mark_byte);  // lead bytes of “”, of 。「」『』 and of ！？；
  return table;
}
inline constexpr std::array<std::uint8_t, 256> class_of = classes();

}  // namespace bytes

[[nodiscard]] constexpr std::uint8_t byte_class(char c) noexcept {
  return bytes::class_of[static_cast<unsigned char>(c)];
}

[[nodiscard]] constexpr bool is_ascii(char c) noexcept { return (c & '\x80') == 0; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept {
  return (byte_class(c) & letter_byte) != 0;
}
[[nodiscard]] constexpr bool is_digit(char c) noexcept { return (byte_class(c) & digit_byte) != 0; }
[[nodiscard]] constexpr bool is_word_byte(char c) noexcept {
  return (byte_class(c) & (letter_byte | digit_byte)) != 0;
}

namespace bytes {

constexpr std::uint64_t each(std::uint8_t value) { return 0x0101010101010101ULL * value; }

// The high bit of each byte of `w` that is no letter.
[[nodiscard]] constexpr std::uint64_t other_than_letters(std::uint64_t w) noexcept {
  const std::uint64_t low = w & each(0x7F);  // so that no sum carries into the next byte
  return (w | ~(low + each(0x80 - 'a')) | (low + each(0x80 - 'z' - 1))) & each(0x80);
}

// The high bit of each byte of `w` that is a letter or a digit.
[[nodiscard]] constexpr std::uint64_t word_bytes(std::uint64_t w) noexcept {
  const std::uint64_t low = w & each(0x7F);
  const std::uint64_t letter = (low + each(0x80 - 'a')) & ~(low + each(0x80 - 'z' - 1));
  const std::uint64_t digit = (low + each(0x80 - '0')) & ~(low + each(0x80 - '9' - 1));
  return (letter | digit) & ~w & each(0x80);
}

// Whether all bytes of `w` are printable ASCII: none is a control, DEL, or beyond.
[[nodiscard]] constexpr bool all_printable(std::uint64_t w) noexcept {
  // Lower than 0x80, not DEL, and not lower than ' ': no sum carries into the next byte then.
  const bool ascii = ((w | (w + each(1))) & each(0x80)) == 0;
  return ascii && ((w + each(0x80 - ' ')) & each(0x80)) == each(0x80);
}

// Of each byte of `w` that begins a character beyond ASCII.
[[nodiscard]] constexpr std::uint64_t lead_bytes(std::uint64_t w) noexcept {
  return w & w << 1U & each(0x80);
}

// Of each byte of `w` that is `c`, which is ASCII.
[[nodiscard]] constexpr std::uint64_t bytes_of(std::uint64_t w, char c) noexcept {
  const std::uint64_t differs = w ^ each(static_cast<std::uint8_t>(c));
  return ~(differs | ((differs & each(0x7F)) + each(0x7F))) & each(0x80);
}

// Up to eight bytes, the first one lowest, and zeros behind them.
[[nodiscard]] inline std::uint64_t load(const char* p, std::size_t size) noexcept {
  std::uint64_t w = 0;
  if (std::endian::native == std::endian::little) {
    std::memcpy(&w, p, size);
    return w;
  }
  for (std::size_t i = 0; i < size; ++i)
    w |= std::uint64_t{static_cast<unsigned char>(p[i])} << 8U * i;
  return w;
}

}  // namespace bytes

// Letters among the eight bytes at `p` before the first that is none.
[[nodiscard]] inline unsigned letters_of_eight(const char* p) noexcept {
  std::uint64_t w = 0;
  std::memcpy(&w, p, sizeof w);
  const std::uint64_t others = bytes::other_than_letters(w);
  const bool little = std::endian::native == std::endian::little;
  return static_cast<unsigned>(little ? std::countr_zero(others) : std::countl_zero(others)) / 8;
}

}  // namespace menshen::detectors::scoring
