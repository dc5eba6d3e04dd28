#include "detectors/text/decoder.h"

#include "core/utf8.h"
#include "detectors/text/characters.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <cstring>

namespace menshen::detectors {
namespace {

constexpr char32_t invalid = 0x110000;  // no character
constexpr char32_t replacement = U'\uFFFD';  // what a reader of JSON sees instead

bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte < 0x7F) || c == '\n' || c == '\t' || c == '\r';
}

// Length of the prefix that is ASCII without controls, eight bytes at a time.
std::size_t ascii_prefix(const char* p, std::size_t n) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::size_t i = 0;
  while (true) {
    for (; i + 8 <= n; i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, p + i, 8);
      // The high bit of a byte: it is 0x80 or more, less than 0x20, or 0x7F.
      if (((word | (word - ones * 0x20) | (word + ones)) & (ones * 0x80)) != 0) break;
    }
    const std::size_t block_end = std::min(n, i + 8);
    while (i < block_end && is_plain(p[i])) ++i;
    if (i < block_end || i == n) return i;
  }
}

int hex_digit(char32_t c) noexcept {
  if (c >= U'0' && c <= U'9') return static_cast<int>(c - U'0');
  const char32_t lower = c | 0x20U;
  return lower >= U'a' && lower <= U'f' ? static_cast<int>(lower - U'a') + 10 : -1;
}

// What a backslash and this letter stand for; 0: nothing.
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

// \b and \f as escapes are blanks: as likely they stand before a word, as in DOMAIN\bob.
bool is_blank_escape(char32_t value, std::size_t bytes) noexcept {
  return bytes > 1 && (value == U'\b' || value == U'\f');
}

// An ideographic full stop: '.' within a domain, else itself.
bool is_full_stop(char32_t c) noexcept { return c == U'\u3002' || c == U'\uff61'; }

// Behind '@' and what may be the first label of a domain.
bool ends_in_domain(const View& view) noexcept {
  constexpr std::size_t label_bytes_max = 63;
  const std::size_t least = view.end() - std::min(view.end() - view.begin(), label_bytes_max + 1);
  for (std::size_t at = view.end(); at > least; --at) {
    const char c = *view.at(at - 1);
    if (c == '@') return at < view.end();
    if (!is_alnum(c) && c != '-') return false;
  }
  return false;
}

}  // namespace

// Where in the piece the next bracket and the next backslash stand, as far as they were looked for.
struct Decoder::Marks {
  std::size_t bracket = 0;
  std::size_t slash = 0;
  bool bracket_known = false;
  bool slash_known = false;
};

void Decoder::reset() {
  level_ = 0;
  reads_deeper_ = true;
  styled_ = false;
  waiting_bytes_ = 0;
}

Decoder::Unit Decoder::utf8_unit(std::string_view text, bool last) noexcept {
  const core::Utf8Character c = core::utf8_at(text, 0);
  if (c.valid) return {c.point, c.bytes};
  return {invalid, c.cut && !last ? 0 : c.replaced};
}

Decoder::Unit Decoder::unit_at(unsigned level, std::string_view text, bool last) noexcept {
  if (text.empty()) return {0, 0};
  if (level == 0 || text.front() != '\\') return utf8_unit(text, last);
  Unit unit = unit_at(level - 1, text, last);
  if (unit.bytes != 0 && unit.value == U'\\') return escape_unit(level, text, unit.bytes, last);
  unit.escaped = false;
  return unit;
}

// An escape of six characters of the level below, as a code unit of UTF-16; `invalid` with 0 bytes
// when text ends within it, with 1 when it is none.
Decoder::Unit Decoder::code_unit(unsigned level, std::string_view text, bool last) noexcept {
  constexpr Unit none{invalid, 1};
  std::size_t used = 0;
  char32_t value = 0;
  for (int i = 0; i < 6; ++i) {
    const Unit unit = unit_at(level - 1, text.substr(used), last);
    if (unit.bytes == 0) return last ? none : Unit{invalid, 0};
    used += unit.bytes;
    if (i < 2) {
      if (unit.value != (i == 0 ? U'\\' : U'u')) return none;
      continue;
    }
    const int digit = hex_digit(unit.value);
    if (digit < 0) return none;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return {value, used, true};
}

// At a backslash of `slash` bytes.
Decoder::Unit Decoder::escape_unit(unsigned level, std::string_view text, std::size_t slash,
                                   bool last) noexcept {
  const Unit backslash{U'\\', slash};
  const Unit letter = unit_at(level - 1, text.substr(slash), last);
  if (letter.bytes == 0) return last ? backslash : Unit{0, 0};
  if (const char32_t value = short_escape(letter.value); value != 0) {
    return {value, slash + letter.bytes, true};
  }
  if (letter.value != U'u') return backslash;
  const Unit unit = code_unit(level, text, last);
  if (unit.bytes == 0) return {0, 0};
  if (!unit.escaped) return backslash;
  if (unit.value < 0xD800 || unit.value > 0xDFFF) return unit;
  const Unit alone{invalid, unit.bytes, true};
  if (unit.value > 0xDBFF) return alone;
  const Unit second = code_unit(level, text.substr(unit.bytes), last);
  if (second.bytes == 0) return {0, 0};
  if (!second.escaped || second.value < 0xDC00 || second.value > 0xDFFF) return alone;
  return {0x10000 + ((unit.value - 0xD800) << 10U) + (second.value - 0xDC00),
          unit.bytes + second.bytes, true};
}

bool Decoder::is_styled(const Unit& unit) noexcept {
  return unit.value != invalid && !is_blank_escape(unit.value, unit.bytes) &&
         Characters::instance().is_styled(unit.value);
}

// What the character means to JSON and to replacements.
void Decoder::note(const Unit& unit, std::string_view source, View& view) const {
  const std::size_t begin = view.raw_end();
  const std::size_t end = begin + source.size();
  if (source.size() > 1 && source.front() == '\\') {
    const bool word = source.size() == 2 && (source[1] == 'b' || source[1] == 'f');
    view.escapes().push({begin, end, word});
  }
  const char32_t shown = unit.value == invalid ? replacement : unit.value;
  view.json().read(shown, level_ == 0 || unit.escaped, begin, end);
  if (reads_deeper_) view.deeper_json().read(shown, false, begin, end);
}

void Decoder::emit(const Unit& unit, std::string_view source, View& view) const {
  if (unit.value == invalid) return view.append_irregular("\x1A", source.size(), false);
  const Characters& characters = Characters::instance();
  if (unit.value < 0x80 && !is_styled(unit)) {
    const bool blank = is_blank_escape(unit.value, unit.bytes);
    const char c = blank ? ' ' : static_cast<char>(unit.value);
    if (source.size() != 1 || source.front() != c) {
      view.append_irregular({&c, 1}, source.size(), false);
    } else {
      view.append(&c, 1);
    }
    return;
  }
  if (!styled_ && characters.is_styled(unit.value)) {
    if (characters.separates(unit.value)) {
      view.append_irregular(" ", source.size(), false);
    } else if (characters.kind(unit.value) == CharacterKind::ignorable) {
      view.append_irregular({}, source.size(), false);
    } else {
      show(unit.value, source, view);
    }
    return;
  }
  switch (characters.kind(unit.value)) {
    case CharacterKind::ignorable:
      view.append_irregular(characters.mapping(unit.value), source.size(), false);
      return;
    case CharacterKind::combining: view.append_irregular({}, source.size(), true); return;
    case CharacterKind::mapped:
      if (is_full_stop(unit.value) && !ends_in_domain(view)) {
        return show(unit.value, source, view);
      }
      view.append_irregular(characters.mapping(unit.value), source.size(), false);
      return;
    case CharacterKind::identity: show(unit.value, source, view); return;
  }
}

// A character as itself.
void Decoder::show(char32_t value, std::string_view source, View& view) const {
  if (source.front() != '\\') {
    view.append(source.data(), source.size());
    return;
  }
  std::array<char, 4> utf8{};
  const std::size_t n = core::write_utf8(value, utf8.data());
  view.append_irregular({utf8.data(), n}, source.size(), false);
}

// Length of the prefix whose characters are all their own normal form and no JSON structure.
std::size_t Decoder::plain_stretch(std::string_view text) noexcept {
  const Characters& characters = Characters::instance();
  std::size_t i = 0;
  while (i < text.size()) {
    i += ascii_prefix(text.data() + i, text.size() - i);
    if (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) return i;
    while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80) {
      const Unit unit = utf8_unit(text.substr(i), false);
      if (unit.bytes < 2 || unit.value == invalid ||
          characters.kind(unit.value) != CharacterKind::identity) {
        return i;
      }
      i += unit.bytes;
    }
  }
  return i;
}

// Up to where nothing but the characters themselves must be looked at.
std::size_t Decoder::quiet_end(std::string_view text, std::size_t at, const View& view,
                               Marks& marks) const noexcept {
  const auto passed_by = [&](const JsonPlaces& json) {
    if (!json.outside()) return at + json.passes(text.substr(at));
    if (!marks.bracket_known || marks.bracket < at) {
      marks.bracket = at + json.passes(text.substr(at));
      marks.bracket_known = true;
    }
    return marks.bracket;
  };
  std::size_t end = passed_by(view.json());
  if (reads_deeper_) end = std::min(end, passed_by(view.deeper_json()));
  if (level_ == 0) return end;
  if (!marks.slash_known || marks.slash < at) {
    const void* found = std::memchr(text.data() + at, '\\', text.size() - at);
    marks.slash = found == nullptr
                      ? text.size()
                      : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    marks.slash_known = true;
  }
  return std::min(end, marks.slash);
}

std::size_t Decoder::decode_all(std::string_view text, bool last, bool stop, View& view) {
  Marks marks;
  std::size_t done = 0;
  std::size_t quiet = 0;
  while (done < text.size()) {
    if (done >= quiet) quiet = quiet_end(text, done, view, marks);
    const std::size_t stretch = plain_stretch(text.substr(done, quiet - done));
    view.append(text.data() + done, stretch);
    done += stretch;
    if (done == text.size()) break;
    const std::string_view rest = text.substr(done);
    const Unit unit = next_unit(rest, last);
    if (unit.bytes == 0 || (stop && stops_at(unit))) break;
    const std::string_view source = rest.substr(0, unit.bytes);
    if (done >= quiet) note(unit, source, view);
    emit(unit, source, view);
    done += unit.bytes;
  }
  return done;
}

std::size_t Decoder::decode(std::string_view piece, View& view, bool stop) {
  const std::size_t all = piece.size();
  while (waiting_bytes_ > 0 && !piece.empty()) {
    const std::size_t before = waiting_bytes_;
    const std::size_t more = std::min(piece.size(), unit_bytes_max - before);
    std::memcpy(waiting_.data() + before, piece.data(), more);
    // One unit at a time: what follows the waiting bytes is decoded where it lies.
    const std::string_view joined(waiting_.data(), before + more);
    const Unit unit = next_unit(joined, false);
    if (unit.bytes == 0) {
      waiting_bytes_ += more;
      return all;
    }
    if (stop && stops_at(unit)) return all - piece.size();
    const std::string_view source = joined.substr(0, unit.bytes);
    note(unit, source, view);
    emit(unit, source, view);
    if (unit.bytes >= before) {
      piece.remove_prefix(unit.bytes - before);
      waiting_bytes_ = 0;
    } else {
      waiting_bytes_ = before - unit.bytes;
      std::memmove(waiting_.data(), waiting_.data() + unit.bytes, waiting_bytes_);
    }
  }
  const std::size_t done = decode_all(piece, false, stop, view);
  const std::string_view rest = piece.substr(done);
  if (stop && !rest.empty()) {
    if (const Unit unit = next_unit(rest, false); unit.bytes != 0) {
      return all - rest.size();  // it stopped
    }
  }
  std::memcpy(waiting_.data() + waiting_bytes_, rest.data(), rest.size());
  waiting_bytes_ += rest.size();
  return all;
}

void Decoder::finish(View& view) {
  const std::size_t waiting = waiting_bytes_;
  waiting_bytes_ = 0;
  [[maybe_unused]] const std::size_t done =
      decode_all({waiting_.data(), waiting}, true, false, view);
  view.json().finish(view.raw_end());
  view.deeper_json().finish(view.raw_end());
}

}  // namespace menshen::detectors
