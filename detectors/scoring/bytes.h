// Classes of the bytes of folded UTF-8 text, one load each.
//
//   if (is_word_byte(text[i])) ...            // a-z, 0-9
//   if ((byte_class(c) & blank_byte) != 0) ...
//
// Pure functions over a constant table.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace menshen::detectors::scoring {

enum ByteClass : std::uint8_t {
  letter_byte = 1,     // a-z
  digit_byte = 2,      // 0-9
  stand_in_byte = 4,   // stands for a letter in disguised words: 0 1 3 4 5 7 @ $
  blank_byte = 8,      // ' ' and '\n'
  joiner_byte = 16,    // parts the letters of "i.g.n.o.r.e"
  sentence_byte = 32,  // may begin a mark that ends a sentence
  quote_byte = 64,     // may begin a quotation mark
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
  mark(".!?;\n\xE3\xEF", sentence_byte);  // lead bytes of 。 and ！？；
  mark("\"`\xE2\xE3", quote_byte);        // lead bytes of “” and 「」『』
  return table;
}
inline constexpr std::array<std::uint8_t, 256> class_of = classes();

}  // namespace bytes

[[nodiscard]] constexpr std::uint8_t byte_class(char c) noexcept {
  return bytes::class_of[static_cast<unsigned char>(c)];
}

[[nodiscard]] constexpr bool is_word_byte(char c) noexcept {
  return (byte_class(c) & (letter_byte | digit_byte)) != 0;
}

}  // namespace menshen::detectors::scoring
