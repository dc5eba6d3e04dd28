#include "detectors/text/escapes.h"

#include "core/hex.h"
#include "core/utf8.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

constexpr Unit none{Unit::invalid, 1};     // here stands no escape
constexpr Unit unknown{Unit::invalid, 0};  // the text ends within what may be one

// Reads the characters of the level below one by one.
class Below {
 public:
  Below(unsigned level, std::string_view text, bool last) noexcept
      : level_(level - 1), text_(text), last_(last) {}

  // The next character; 0 bytes: there is none.
  Unit next() noexcept {
    if (used_ == text_.size()) return unknown;
    const auto byte = static_cast<unsigned char>(text_[used_]);
    if (byte < 0x80 && (level_ == 0 || !begins_escape(byte))) {
      ++used_;
      return {byte, 1};
    }
    const Unit unit = unit_at(level_, text_.substr(used_), last_);
    used_ += unit.bytes;
    return unit;
  }
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  // What to answer where the text ends within an escape.
  [[nodiscard]] Unit at_end() const noexcept { return last_ ? none : unknown; }
  [[nodiscard]] Unit decoded(char32_t value, bool foreign) const noexcept {
    return {value, used_, true, foreign};
  }

 private:
  unsigned level_;
  std::string_view text_;
  bool last_;
  std::size_t used_ = 0;
};

// What a backslash and this letter stand for in JSON; 0: nothing.
char32_t short_escape(char32_t letter) noexcept {
  switch (letter) {
    case U'"':
    case U'\\':
    case U'/': return letter;
    case U'b': return U'\b';
    case U'f': return U'\f';
    case U'n': return U'\n';
    case U'r': return U'\r';
    case U't': return U'\t';
    default: return 0;
  }
}

// \uXXXX, a code unit of UTF-16.
Unit code_unit(Below& below) noexcept {
  char32_t value = 0;
  for (int i = 0; i < 6; ++i) {
    const Unit unit = below.next();
    if (unit.bytes == 0) return below.at_end();
    if (i < 2) {
      if (unit.value != (i == 0 ? U'\\' : U'u')) return none;
      continue;
    }
    const int digit = core::hex_value(unit.value);
    if (digit < 0) return none;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return below.decoded(value, false);
}

Unit unicode_escape(unsigned level, std::string_view text, bool last) noexcept {
  Below below(level, text, last);
  const Unit unit = code_unit(below);
  if (!unit.decoded || unit.value < 0xD800 || unit.value > 0xDFFF) return unit;
  const Unit alone{Unit::invalid, unit.bytes, true};
  if (unit.value > 0xDBFF) return alone;
  const Unit second = code_unit(below);
  if (second.bytes == 0) return unknown;
  if (!second.decoded || second.value < 0xDC00 || second.value > 0xDFFF) return alone;
  return below.decoded(0x10000 + ((unit.value - 0xD800) << 10U) + (second.value - 0xDC00), false);
}

// A blank, a line's end, or what shows something.
bool is_shown(char32_t c) noexcept {
  return c == U'\t' || c == U'\n' || c == U'\r' || (c >= 0x20 && c != 0x7F);
}

// A byte as a mark (% or \x) and two hexadecimal digits.
Unit byte_escape(Below& below, std::u32string_view mark) noexcept {
  char32_t value = 0;
  for (std::size_t i = 0; i < mark.size() + 2; ++i) {
    const Unit unit = below.next();
    if (unit.bytes == 0) return below.at_end();
    if (i < mark.size()) {
      if (unit.value != mark[i]) return none;
      continue;
    }
    const int digit = core::hex_value(unit.value);
    if (digit < 0) return none;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return below.decoded(value, true);
}

// A character of UTF-8 whose bytes are escaped, all in the same way.
Unit bytes_escape(unsigned level, std::string_view text, std::u32string_view mark,
                  bool last) noexcept {
  Below below(level, text, last);
  std::array<char, 4> utf8{};
  for (std::size_t n = 0; n < utf8.size(); ++n) {
    const Unit byte = byte_escape(below, mark);
    if (!byte.decoded) return byte;
    utf8[n] = static_cast<char>(byte.value);
    const core::Utf8Character c = core::utf8_at({utf8.data(), n + 1}, 0);
    if (c.valid) return is_shown(c.point) ? below.decoded(c.point, true) : none;
    if (!c.cut) return none;
  }
  return none;
}

// =41, where no letter or digit follows it; a character beyond ASCII wherever it stands.
Unit quoted_escape(unsigned level, std::string_view text, bool last) noexcept {
  const Unit unit = bytes_escape(level, text, U"=", last);
  if (!unit.decoded || unit.value >= 0x80) return unit;
  if (unit.bytes == text.size()) return last ? unit : unknown;
  const Unit next = unit_at(level - 1, text.substr(unit.bytes), last);
  if (next.bytes == 0) return last ? unit : unknown;
  const bool letter = (next.value | 0x20U) >= U'a' && (next.value | 0x20U) <= U'z';
  return letter || (next.value >= U'0' && next.value <= U'9') ? none : unit;
}

struct Name {
  std::string_view name;
  char32_t value;
};
// Of the names of HTML those of marks that stand in values, and around them.
constexpr Name names[] = {
    {"amp", U'&'},    {"lt", U'<'},       {"gt", U'>'},     {"quot", U'"'},   {"apos", U'\''},
    {"nbsp", 0xA0},   {"commat", U'@'},   {"period", U'.'}, {"colon", U':'},  {"semi", U';'},
    {"lowbar", U'_'}, {"hyphen", U'-'},   {"dash", U'-'},   {"plus", U'+'},   {"sol", U'/'},
    {"bsol", U'\\'},  {"num", U'#'},      {"percnt", U'%'}, {"lpar", U'('},   {"rpar", U')'},
    {"equals", U'='}, {"excl", U'!'},     {"dollar", U'$'}, {"comma", U','},  {"ensp", 0x2002},
    {"emsp", 0x2003}, {"thinsp", 0x2009}, {"shy", 0xAD},    {"zwnj", 0x200C}, {"zwj", 0x200D},
    {"Tab", U'\t'},   {"NewLine", U'\n'}, {"middot", 0xB7}};

// "#49", "#x31", "commat"; invalid: nothing.
char32_t entity(std::string_view body) noexcept {
  if (!body.starts_with('#')) {
    const auto* found = std::ranges::find(names, body, &Name::name);
    return found == std::end(names) ? Unit::invalid : found->value;
  }
  body.remove_prefix(1);
  const bool hex = body.starts_with('x') || body.starts_with('X');
  if (hex) body.remove_prefix(1);
  if (body.empty()) return Unit::invalid;
  char32_t value = 0;
  for (const char c : body) {
    const int digit = core::hex_value(c);
    if (digit < 0 || (!hex && digit > 9)) return Unit::invalid;
    value = value * (hex ? 16 : 10) + static_cast<char32_t>(digit);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  return value < Unit::invalid && !surrogate && is_shown(value) ? value : Unit::invalid;
}

Unit html_escape(unsigned level, std::string_view text, bool last) noexcept {
  constexpr std::size_t body_max = 8;  // "#1114111", "#x10FFFF"
  Below below(level, text, last);
  (void)below.next();  // the ampersand
  std::array<char, body_max> body{};
  for (std::size_t n = 0; n <= body_max; ++n) {
    const Unit unit = below.next();
    if (unit.bytes == 0) return below.at_end();
    if (unit.value == U';') {
      const char32_t value = entity({body.data(), n});
      return value == Unit::invalid ? none : below.decoded(value, true);
    }
    const bool letter = (unit.value | 0x20U) >= U'a' && (unit.value | 0x20U) <= U'z';
    const bool digit = unit.value >= U'0' && unit.value <= U'9';
    if (n == body_max || (!letter && !digit && (n > 0 || unit.value != U'#'))) return none;
    body[n] = static_cast<char>(unit.value);
  }
  return none;
}

// At a backslash of `slash` bytes.
Unit backslash_escape(unsigned level, std::string_view text, std::size_t slash,
                      bool last) noexcept {
  if (slash == text.size()) return last ? none : unknown;
  const Unit letter = unit_at(level - 1, text.substr(slash), last);
  if (letter.bytes == 0) return last ? none : unknown;
  if (const char32_t value = short_escape(letter.value); value != 0) {
    return {value, slash + letter.bytes, true};
  }
  if (letter.value == U'u') return unicode_escape(level, text, last);
  if (letter.value == U'x') return bytes_escape(level, text, U"\\x", last);
  return none;
}

// "at", "dot" or the sign itself between brackets, blanks around it. Returns the sign; 0: none.
Unit bracketed_sign(Below& below, char32_t open) noexcept {
  constexpr std::size_t word_max = 3;
  std::array<char, word_max> word{};
  std::size_t n = 0;
  for (std::size_t blanks = 0;;) {
    const Unit unit = below.next();
    if (unit.bytes == 0) return below.at_end();
    if (unit.value == (open == U'[' ? U']' : U')')) break;
    if (unit.value == U' ' && ++blanks <= 2) continue;
    const bool letter = (unit.value | 0x20U) >= U'a' && (unit.value | 0x20U) <= U'z';
    if (n == word_max || (!letter && unit.value != U'@' && unit.value != U'.')) return none;
    word[n++] = static_cast<char>(letter ? unit.value | 0x20U : unit.value);
  }
  const std::string_view spelled(word.data(), n);
  if (spelled == "at" || spelled == "@") return below.decoded(U'@', true);
  if (spelled == "dot" || spelled == ".") return below.decoded(U'.', true);
  return none;
}

// A sign that is spelled out, with one blank on either side that belongs to it.
Unit spelled_sign(unsigned level, std::string_view text, bool last) noexcept {
  Below below(level, text, last);
  Unit first = below.next();
  if (first.value == U' ') first = below.next();
  if (first.bytes == 0) return below.at_end();
  Unit sign = none;
  if (first.value == U'艾') {
    const Unit second = below.next();
    if (second.bytes == 0) return below.at_end();
    if (second.value == U'特') sign = below.decoded(U'@', true);
  } else if (first.value == U'[' || first.value == U'(') {
    sign = bracketed_sign(below, first.value);
  }
  if (!sign.decoded) return sign;
  Below behind = below;
  const Unit blank = behind.next();
  if (blank.bytes == 0) return last ? sign : unknown;
  return blank.value == U' ' ? behind.decoded(sign.value, true) : sign;
}

}  // namespace

Unit escape_unit(unsigned level, std::string_view text, bool last) noexcept {
  Unit unit = unit_at(level - 1, text, last);
  unit.decoded = false;
  if (unit.bytes == 0 || !begins_escape(unit.value)) return unit;
  const Unit escape = unit.value == U'\\'  ? backslash_escape(level, text, unit.bytes, last)
                      : unit.value == U'%' ? bytes_escape(level, text, U"%", last)
                      : unit.value == U'&' ? html_escape(level, text, last)
                      : unit.value == U'=' ? quoted_escape(level, text, last)
                                           : spelled_sign(level, text, last);
  return escape.decoded || escape.bytes == 0 ? escape : unit;
}

}  // namespace menshen::detectors
