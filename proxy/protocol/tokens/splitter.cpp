#include "proxy/protocol/tokens/splitter.h"

#include "core/general_class.h"
#include "core/unicode.h"
#include "core/utf8.h"

#include <optional>

namespace menshen::protocol::tokens {

namespace {

using core::GeneralClass;

enum class Class : std::uint8_t { end, upper, lower, letter, mark, number, line, space, symbol };

struct Character {
  char32_t point = 0;
  Class of = Class::end;
  std::size_t next = 0;  // where the character after it begins
};

Class class_of(char32_t c) noexcept {
  if (c == U'\n' || c == U'\r') return Class::line;
  if (core::has_any(c, core::fact::blank)) return Class::space;
  switch (core::general_class(c)) {
    case GeneralClass::upper: return Class::upper;
    case GeneralClass::lower: return Class::lower;
    case GeneralClass::letter: return Class::letter;
    case GeneralClass::mark: return Class::mark;
    case GeneralClass::number: return Class::number;
    case GeneralClass::other: break;
  }
  return Class::symbol;
}

Class class_of_ascii(unsigned char c) noexcept {
  if (c >= 'a' && c <= 'z') return Class::lower;
  if (c >= 'A' && c <= 'Z') return Class::upper;
  if (c >= '0' && c <= '9') return Class::number;
  if (c == '\n' || c == '\r') return Class::line;
  return c == ' ' || (c >= '\t' && c <= '\r') ? Class::space : Class::symbol;
}

bool is_letter(Class of) noexcept {
  return of == Class::upper || of == Class::lower || of == Class::letter;
}
bool is_blank(Class of) noexcept { return of == Class::space || of == Class::line; }
// Neither blank, letter nor number.
bool is_symbol(Class of) noexcept { return of == Class::symbol || of == Class::mark; }
// What may stand before the letters of a word: all but letters, numbers and ends of lines.
bool may_lead(Class of) noexcept { return of == Class::space || is_symbol(of); }
bool may_begin_word(Class of) noexcept {
  return of == Class::upper || of == Class::letter || of == Class::mark;
}
bool may_end_word(Class of) noexcept {
  return of == Class::lower || of == Class::letter || of == Class::mark;
}

class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] Character at(std::size_t at) const noexcept {
    if (at >= text_.size()) return {.next = at};
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte < 0x80) return {byte, class_of_ascii(byte), at + 1};
    const core::Utf8Character c = core::utf8_at(text_, at);
    if (!c.valid) return {c.point, Class::symbol, at + 1};
    return {c.point, class_of(c.point), at + c.bytes};
  }

  template <class Is>
  [[nodiscard]] std::size_t skip(std::size_t at, Is is) const noexcept {
    for (Character c = this->at(at); c.of != Class::end && is(c); c = this->at(at)) at = c.next;
    return at;
  }
  template <class Is>
  [[nodiscard]] std::size_t skip_class(std::size_t at, Is is) const noexcept {
    return skip(at, [is](const Character& c) { return is(c.of); });
  }

  // 's 't 'm 'd 're 've 'll in any case; `at` itself if none stands there.
  [[nodiscard]] std::size_t contraction(std::size_t at) const noexcept {
    const Character quote = this->at(at);
    if (quote.point != U'\'') return at;
    const Character first = this->at(quote.next);
    // The long s is an s without regard to case.
    const char32_t letter = core::simple_fold(first.point);
    if (letter == U's' || letter == U't' || letter == U'm' || letter == U'd') return first.next;
    const Character second = this->at(first.next);
    const char32_t other = core::simple_fold(second.point);
    const bool two =
        ((letter == U'r' || letter == U'v') && other == U'e') || (letter == U'l' && other == U'l');
    return two ? second.next : at;
  }

  [[nodiscard]] std::size_t number(std::size_t at) const noexcept {
    for (int digits = 0; digits < 3; ++digits) {
      const Character c = this->at(at);
      if (c.of != Class::number) break;
      at = c.next;
    }
    return at;
  }

  // Symbols, a blank before them and `tail` behind; `at` itself if there is no symbol.
  template <class Tail>
  [[nodiscard]] std::size_t symbols(std::size_t at, Tail tail) const noexcept {
    const Character c = this->at(at);
    const std::size_t begin = c.point == U' ' ? c.next : at;
    const std::size_t end = skip_class(begin, is_symbol);
    return end == begin ? at : skip(end, tail);
  }

  // Blanks up to the last end of a line, or else all but the last, which goes with what follows.
  // `whole_end`: those at the end of the text stay together.
  [[nodiscard]] std::size_t blanks(std::size_t at, bool whole_end) const noexcept {
    std::size_t line_end = at;
    std::size_t last = at;
    std::size_t end = at;
    for (Character c = this->at(end); is_blank(c.of); c = this->at(end)) {
      last = end;
      end = c.next;
      if (c.of == Class::line) line_end = end;
    }
    if (whole_end && end == text_.size()) return end;
    if (line_end > at) return line_end;
    return end == text_.size() || last == at ? end : last;
  }

 private:
  std::string_view text_;
};

std::size_t next_of_cl100k(std::string_view text, std::size_t at) noexcept {
  const Reader reader(text);
  if (const std::size_t end = reader.contraction(at); end > at) return end;
  const Character first = reader.at(at);
  const std::size_t letters = may_lead(first.of) ? first.next : at;
  if (const std::size_t end = reader.skip_class(letters, is_letter); end > letters) return end;
  if (const std::size_t end = reader.number(at); end > at) return end;
  const auto tail = [](const Character& c) { return c.of == Class::line; };
  if (const std::size_t end = reader.symbols(at, tail); end > at) return end;
  return reader.blanks(at, true);
}

// Letters that begin at `at`: some that may begin a word and then some that may end it; if all of
// them are capitals, those. `all`: whether they may be.
std::optional<std::size_t> word_end(const Reader& reader, std::size_t at, bool all) noexcept {
  std::size_t both_end = at;  // of the last that is neither upper nor lower
  std::size_t end = at;
  for (Character c = reader.at(end); may_begin_word(c.of); c = reader.at(end)) {
    end = c.next;
    if (c.of != Class::upper) both_end = end;
  }
  const std::size_t lower_end = reader.skip_class(end, may_end_word);
  if (lower_end > end) return lower_end;
  if (both_end > at) return both_end;
  if (all && end > at) return end;
  return std::nullopt;
}

std::size_t next_of_o200k(std::string_view text, std::size_t at) noexcept {
  const Reader reader(text);
  const Character first = reader.at(at);
  for (const bool all : {false, true}) {
    std::optional<std::size_t> end;
    if (may_lead(first.of)) end = word_end(reader, first.next, all);
    if (!end) end = word_end(reader, at, all);
    if (end) return reader.contraction(*end);
  }
  if (const std::size_t end = reader.number(at); end > at) return end;
  const auto tail = [](const Character& c) { return c.of == Class::line || c.point == U'/'; };
  if (const std::size_t end = reader.symbols(at, tail); end > at) return end;
  return reader.blanks(at, false);
}

}  // namespace

std::size_t next_piece(Split split, std::string_view text, std::size_t at) noexcept {
  return split == Split::cl100k ? next_of_cl100k(text, at) : next_of_o200k(text, at);
}

}  // namespace menshen::protocol::tokens
