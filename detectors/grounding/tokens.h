// A text as words, numbers, Han characters and sentence ends, alike for answers and for their
// sources.
//
// "1,234.5 million", "12 %", "三百二十", "二〇一五年", "5万" become numbers with a value, so that
// different spellings of one quantity are equal.
//
//   Tokenizer tokens;
//   if (auto made = tokens.assign("It grew 12% in 2015."); !made) return made.error();
//   for (Token t; tokens.next(t);) ...   // word it, word grew, number 12 %, word in, number 2015,
//   stop
//
// One thread at a time; assign() keeps the memory. Linear in the text.
#pragma once

#include "core/error.h"
#include "detectors/grounding/words.h"

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
  std::uint64_t stripped = 0;      // word: without "un", "in", "dis", ...; 0 for none
  std::uint64_t prefix = 0;        // word: of its first five letters; equal to hash when shorter
  double value = 0;                // number
  double tolerance = 0;            // number: half of its last written digit, where that was rounded
};

[[nodiscard]] constexpr std::uint64_t hash_step(std::uint64_t hash, std::uint64_t value) noexcept {
  hash = (hash * 0xFF51AFD7ED558CCDULL ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ hash >> 29U;
}

[[nodiscard]] inline bool is_negation(const Token& token) noexcept {
  if (token.kind == TokenKind::word) return token.info->negation;
  return token.kind == TokenKind::han && is_negation_han(static_cast<char32_t>(token.hash));
}

[[nodiscard]] std::uint64_t word_hash(std::string_view lower_ascii) noexcept;

class Tokenizer {
 public:
  core::Result<void> assign(std::string_view raw);
  bool next(Token& token);
  void trim();

 private:
  [[nodiscard]] char32_t at(std::size_t i) const noexcept;
  [[nodiscard]] bool upper(std::size_t i) const noexcept;
  void read_word(Token& token);
  void read_digits(Token& token);
  bool read_numeral(Token& token);
  bool read_percent(Token& token);
  void read_scale(Token& token, double unit);
  bool read_mark(Token& token);
  [[nodiscard]] bool abbreviation() const noexcept;

  std::vector<char32_t> points_;  // folded; bit 24 marks an upper-case original
  std::size_t at_ = 0;
  bool sentence_open_ = false;
  const WordInfo* last_word_ = nullptr;  // when a word came last
  std::uint32_t last_letters_ = 0;
};

}  // namespace menshen::detectors::scoring
