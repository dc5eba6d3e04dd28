#include "detectors/text/decoder.h"

#include "core/utf8.h"
#include "detectors/text/characters.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <cstring>

namespace menshen::detectors {
namespace {

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

// A character of three bytes from U+1000 to U+CFFF, as most of Chinese is: any two bytes that go on
// complete it (Unicode, table 3-7). 0: none stands there.
char32_t wide_at(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 3) return 0;
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[at + i]));
  };
  const char32_t second = byte(1) ^ 0x80U;  // at most 0x3F where it goes on
  const char32_t third = byte(2) ^ 0x80U;
  if (byte(0) < 0xE1 || byte(0) > 0xEC || (second | third) > 0x3F) return 0;
  return (byte(0) & 0x0FU) << 12U | second << 6U | third;
}

// \b and \f as escapes are blanks: as likely they stand before a word, as in DOMAIN\bob.
bool is_blank_escape(char32_t value, std::size_t bytes) noexcept {
  return bytes > 1 && (value == U'\b' || value == U'\f');
}

// An ideographic full stop, and "dot" as it is spoken: '.' within a domain, else itself.
bool is_full_stop(char32_t c) noexcept {
  return c == U'\u3002' || c == U'\uff61' || c == U'点' || c == U'點';
}

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

// A sign that is spelled out, or the first bytes of its first character?
bool begins_sign(std::string_view text) noexcept {
  static constexpr std::array<std::string_view, 5> signs{"[", "(", "艾", "点", "點"};
  return !text.empty() && std::ranges::any_of(signs, [text](std::string_view sign) {
    return text.starts_with(sign) || sign.starts_with(text);
  });
}

// What a name may end with: only there a blank before a sign that is spelled out belongs to it. So
// the blank behind a sentence need not wait for what follows.
bool ends_name(char c) noexcept {
  return is_alnum(c) || c == '_' || c == '-' || c == '+' || (c & '\x80') != 0;
}
bool ends_name(const View& view) noexcept {
  return view.end() > view.begin() && ends_name(*view.at(view.end() - 1));
}
// The same of what the next view may show for these bytes: an escape may end so.
bool may_end_name(std::string_view source) noexcept {
  return ends_name(source.back()) || source.back() == ';';
}

// A spoken dot between blanks, before a label of a domain: qq 点 com. Nothing: it is none.
Unit spoken_dot(std::string_view text, bool last) noexcept {
  static constexpr std::array<std::string_view, 2> dots{" 点 ", " 點 "};
  for (const std::string_view dot : dots) {
    if (!last && text.size() <= dot.size() && dot.starts_with(text)) return {};
    if (text.size() > dot.size() && text.starts_with(dot) && is_letter(text[dot.size()])) {
      return {.value = U'.', .bytes = dot.size(), .decoded = true, .foreign = true};
    }
  }
  return {U' ', 1};
}

// The first character of a text that goes on behind the view.
Unit unit_behind(const View& view, unsigned level, std::string_view text, bool last) noexcept {
  if (text.front() == ' ' && !ends_name(view)) return {U' ', 1};
  if (level > 0 && text.front() == ' ' && ends_in_domain(view)) {
    const Unit dot = spoken_dot(text, last);
    if (dot.bytes != 1) return dot;
  }
  return unit_at(level, text, last);
}

}  // namespace

// Where in the piece the next bracket of JSON and the next begin of each kind of escape stand, as
// far as they were looked for.
struct Decoder::Marks {
  static constexpr std::string_view begins = "\\%&=([";
  static constexpr std::array<bool, 256> is_begin = [] {
    std::array<bool, 256> table{};
    for (const char c : begins) table[static_cast<unsigned char>(c)] = true;
    return table;
  }();

  std::size_t bracket = 0;
  bool bracket_known = false;
  std::array<std::size_t, begins.size()> next{};  // not looked for, where `at` is past it

  // A bracket counts with what may be a sign behind it, '=' with two hexadecimal digits.
  static bool counts(std::string_view text, std::size_t at) noexcept {
    if (at + 1 == text.size()) return true;
    const char c = text[at + 1];
    if (text[at] == '=')
      return is_hex(c) && c > '1' && (at + 2 == text.size() || is_hex(text[at + 2]));
    if (!begins_word(static_cast<unsigned char>(text[at]))) return true;
    return c == 'a' || c == 'd' || c == ' ' || c == 'A' || c == 'D' || c == '@' || c == '.';
  }
  static std::size_t find(std::string_view text, std::size_t at, char c) noexcept {
    for (; at < text.size(); ++at) {
      const void* found = std::memchr(text.data() + at, c, text.size() - at);
      if (found == nullptr) break;
      at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
      if (counts(text, at)) return at;
    }
    return text.size();
  }
  // From `at` on; of a bracket, where the blank before it stands. square: not those brackets.
  [[nodiscard]] std::size_t next_escape(std::string_view text, std::size_t at,
                                        bool square) noexcept {
    constexpr std::size_t few = 16;
    std::size_t least = text.size();
    if (text.size() - at < few) {
      for (std::size_t i = at; i < text.size() && least == text.size(); ++i) {
        if (is_begin[static_cast<unsigned char>(text[i])] && counts(text, i)) least = i;
      }
    } else {
      for (std::size_t i = 0; i < begins.size() - (square ? 1 : 0); ++i) {
        if (next[i] <= at) next[i] = find(text, at, begins[i]);
        least = std::min(least, next[i]);
      }
    }
    const bool word = least < text.size() && begins_word(static_cast<unsigned char>(text[least]));
    return word && least > at && text[least - 1] == ' ' ? least - 1 : least;
  }
};

void Decoder::reset() {
  level_ = 0;
  reads_deeper_ = true;
  styled_ = false;
  stopped_ = Stop::none;
  waiting_bytes_ = 0;
}

bool Decoder::is_styled(const Unit& unit) noexcept {
  return unit.value != Unit::invalid && !is_blank_escape(unit.value, unit.bytes) &&
         Characters::instance().is_styled(unit.value);
}

// What comes next, where it is no character that must be stopped before.
Decoder::Ahead Decoder::look_ahead(const Unit& unit, std::string_view text, Stops stops,
                                   const View& view) noexcept {
  if (unit.bytes == 0) return Ahead::waits;
  if (stops.styled && !styled_ && is_styled(unit)) {
    stopped_ = Stop::styled;
    return Ahead::stops;
  }
  if (!stops.escapes || !begins_escape(unit.value)) return Ahead::goes_on;
  const Unit above = unit_behind(view, level_ + 1, text, false);
  if (above.bytes == 0) return Ahead::waits;
  if (!above.decoded) return Ahead::goes_on;
  if (unit.value == U'=' && above.value < 0x80) {
    // x=41 is common, quoted-printable is where one follows the other.
    const std::string_view rest = text.substr(above.bytes);
    if (rest.empty()) return Ahead::waits;
    const Unit second = unit_at(level_ + 1, rest, false);
    if (second.bytes == 0) return Ahead::waits;
    if (rest.front() != '=' || !second.decoded) return Ahead::goes_on;
  }
  stopped_ = Stop::escape;
  return Ahead::stops;
}

// What the character means to JSON and to replacements.
void Decoder::note(const Unit& unit, std::string_view source, View& view) const {
  const std::size_t begin = view.raw_end();
  const std::size_t end = begin + source.size();
  if (is_escape(source) && source.front() != '=') {
    const bool word = source.size() == 2 && (source[1] == 'b' || source[1] == 'f');
    view.escapes().push({begin, end, word});
  }
  // What another escape than JSON's stands for is no structure of JSON.
  const char32_t shown = unit.foreign                  ? U'%'
                         : unit.value == Unit::invalid ? replacement
                                                       : unit.value;
  view.json().read(shown, level_ == 0 || unit.is_json(), begin, end);
  if (reads_deeper_) view.deeper_json().read(shown, false, begin, end);
}

void Decoder::emit(const Unit& unit, std::string_view source, View& view) const {
  if (unit.value == Unit::invalid) return view.append_irregular("\x1A", source.size(), false);
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
  if (!is_escape(source)) {
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
      if (const char32_t wide = wide_at(text, i); wide != 0) {
        if (characters.kind(wide) != CharacterKind::identity) return i;
        i += 3;
        continue;
      }
      const Unit unit = unit_at(0, text.substr(i), false);
      if (unit.bytes < 2 || unit.value == Unit::invalid ||
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
                               bool escapes, Marks& marks) const noexcept {
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
  if (level_ == 0 && !escapes) return end;
  // Outside of JSON a bracket may be its begin: it is looked at for that.
  const bool square = view.json().outside() || (reads_deeper_ && view.deeper_json().outside());
  return std::min(end, marks.next_escape(text, at, square));
}

std::size_t Decoder::decode_all(std::string_view text, bool last, Stops stops, View& view) {
  Marks marks;
  std::size_t done = 0;
  std::size_t quiet = 0;
  while (done < text.size()) {
    if (done >= quiet) quiet = quiet_end(text, done, view, stops.escapes, marks);
    std::size_t stretch = plain_stretch(text.substr(done, quiet - done));
    if (stretch > 0 && text[done + stretch - 1] == ' ' &&
        begins_sign(text.substr(done + stretch))) {
      --stretch;  // it may belong to the sign
    }
    view.append(text.data() + done, stretch);
    done += stretch;
    if (done == text.size()) break;
    const std::string_view rest = text.substr(done);
    const Unit unit = unit_behind(view, level_, rest, last);
    if (look_ahead(unit, rest, stops, view) != Ahead::goes_on) break;
    const std::string_view source = rest.substr(0, unit.bytes);
    if (done >= quiet || is_escape(source)) note(unit, source, view);
    emit(unit, source, view);
    done += unit.bytes;
  }
  return done;
}

std::size_t Decoder::decode(std::string_view piece, View& view, Stops stops) {
  const std::size_t all = piece.size();
  stopped_ = Stop::none;
  while (waiting_bytes_ > 0 && !piece.empty()) {
    const std::size_t before = waiting_bytes_;
    const std::size_t more = std::min(piece.size(), unit_bytes_max - before);
    std::memcpy(waiting_.data() + before, piece.data(), more);
    // One unit at a time: what follows the waiting bytes is decoded where it lies.
    const std::string_view joined(waiting_.data(), before + more);
    const Unit unit = unit_behind(view, level_, joined, false);
    const Ahead ahead = look_ahead(unit, joined, stops, view);
    if (ahead == Ahead::waits) {
      waiting_bytes_ += more;
      return all;
    }
    if (ahead == Ahead::stops) return all - piece.size();
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
  // A blank is known when what follows it is: it may belong to a sign that is spelled out.
  const std::string_view named = piece.substr(0, piece.empty() ? 0 : piece.size() - 1);
  const bool blank = piece.ends_with(' ') && (level_ > 0 || stops.escapes) &&
                     (named.empty() ? ends_name(view) : may_end_name(named));
  const std::size_t done =
      decode_all(piece.substr(0, piece.size() - (blank ? 1 : 0)), false, stops, view);
  const std::string_view rest = piece.substr(done);
  if (stopped_ != Stop::none) return all - rest.size();
  std::memcpy(waiting_.data() + waiting_bytes_, rest.data(), rest.size());
  waiting_bytes_ += rest.size();
  return all;
}

void Decoder::finish(View& view) {
  const std::size_t waiting = waiting_bytes_;
  waiting_bytes_ = 0;
  [[maybe_unused]] const std::size_t done = decode_all({waiting_.data(), waiting}, true, {}, view);
  view.json().finish(view.raw_end());
  view.deeper_json().finish(view.raw_end());
}

}  // namespace menshen::detectors
