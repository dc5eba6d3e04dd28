// A text as words, numbers, Han characters and sentence ends, alike for answers and for their
// sources.
//
// "1,234.5 million", "12 %", "三百二十", "二〇一五年", "5万" become numbers with a value, so that
// different spellings of one quantity are equal.
//
//   Tokenizer tokens;
//   tokens.assign("It grew 12% in 2015.");
//   for (Token t; tokens.next(t);) ...   // word it, word grew, number 12 %, word in, number 2015,
//   stop
//
// One thread at a time; assign() keeps the memory. Linear in the text.
#pragma once

#include "detectors/grounding/words.h"
#include "detectors/text/folding.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

enum class TokenKind : std::uint8_t { word, number, han, open_title, close_title, stop };

struct Token {
  TokenKind kind = TokenKind::stop;
  bool capital = false;   // word: begins with an upper-case letter
  bool percent = false;   // number
  bool weak = false;      // number: a small numeral that may be no quantity ("two", "三")
  bool question = false;  // stop
  std::uint32_t letters = 0;
  std::uint64_t hash = 0;  // word: folded, plural and possessive endings off; han: the character
  const WordInfo* info = nullptr;  // word: never null
  // Keys of a word in the index.
  std::uint64_t prefix = 0;           // of its first five letters; 0 when there are fewer
  std::uint64_t turned = 0;           // of the word as the rest of another behind "un", "in", ...
  std::uint64_t stripped = 0;         // hash without "un", "in", "dis", ...; 0 for none
  std::uint64_t stripped_turned = 0;  // the rest as another's `turned`
  double value = 0;                   // number
  double tolerance = 0;  // number: half of its last written digit, where that was rounded
};

[[nodiscard]] constexpr std::uint64_t hash_step(std::uint64_t hash, std::uint64_t value) noexcept {
  hash = (hash * 0xFF51AFD7ED558CCDULL ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ hash >> 29U;
}

[[nodiscard]] inline bool is_negation(const Token& token) noexcept {
  if (token.kind == TokenKind::word) return token.info->negation;
  return token.kind == TokenKind::han && is_negation_han(static_cast<char32_t>(token.hash));
}

// Of the letters of a word, added one by one: eight ASCII letters cost one multiplication.
class WordHash {
 public:
  WordHash() = default;
  // Up to eight ASCII letters, the last one in the lowest byte.
  explicit WordHash(std::uint64_t packed) : packed_(packed) {}

  void add(char32_t letter) noexcept {
    if (letter < 0x80) {
      if (packed_ >> 56U != 0) flush();
      packed_ = packed_ << 8U | letter;
      return;
    }
    flush();
    hash_ = mixed(letter | std::uint64_t{1} << 32U);  // no letters pack to that
  }
  // The last letter, which was an ASCII one.
  void take_back() noexcept { packed_ >>= 8U; }
  [[nodiscard]] std::uint64_t value_with(char32_t mark) const noexcept {
    WordHash longer = *this;
    longer.add(mark);
    return longer.value();
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return packed_ == 0 ? hash_ : mixed(packed_);
  }

 private:
  void flush() noexcept {
    hash_ = value();
    packed_ = 0;
  }
  [[nodiscard]] std::uint64_t mixed(std::uint64_t value) const noexcept {
    const std::uint64_t product = (hash_ ^ value) * 0x9E3779B97F4A7C15ULL;
    return product ^ product >> 32U;
  }

  std::uint64_t hash_ = 1;
  std::uint64_t packed_ = 0;
};

[[nodiscard]] std::uint64_t word_hash(std::string_view lower_ascii) noexcept;

class Tokenizer {
 public:
  void assign(std::string_view raw);
  bool next(Token& token);
  void trim();

 private:
  [[nodiscard]] static const std::array<std::uint32_t, 0x80>& ascii_points(const Folding& folding);
  std::size_t fold(const Folding& folding, std::string_view raw);
  [[nodiscard]] char32_t at(std::size_t i) const noexcept;
  [[nodiscard]] bool letter(std::size_t i) const noexcept;
  [[nodiscard]] bool apostrophe(std::size_t i) const noexcept;
  void strip(Token& token, std::size_t begin, std::size_t stem) const noexcept;
  void read_word(Token& token);
  void read_han(Token& token);
  void read_digits(Token& token);
  bool read_numeral(Token& token);
  bool read_percent(Token& token);
  void read_scale(Token& token, double unit);
  bool read_mark(Token& token);
  [[nodiscard]] bool abbreviation() const noexcept;

  std::vector<std::uint32_t> points_;  // folded, with their class; longer than their number
  std::size_t end_ = 0;                // their number
  std::size_t at_ = 0;
  bool sentence_open_ = false;
  const WordInfo* last_word_ = nullptr;  // when a word came last
  std::uint32_t last_letters_ = 0;
};

}  // namespace menshen::detectors::scoring
