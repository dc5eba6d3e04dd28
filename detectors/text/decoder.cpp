#include "detectors/text/decoder.h"

#include "detectors/text/characters.h"

#include <algorithm>
#include <cstring>

namespace menshen::detectors {
namespace {

constexpr char32_t invalid = 0x1A;

// Length of the prefix that is ASCII, eight bytes at a time.
std::size_t ascii_prefix(const char* p, std::size_t n) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p + i, 8);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  while (i < n && static_cast<unsigned char>(p[i]) < 0x80) ++i;
  return i;
}

constexpr std::uint8_t in_strings = 1;
constexpr std::uint8_t outside = 2;
constexpr std::array<std::uint8_t, 256> json_structure = [] {
  std::array<std::uint8_t, 256> table{};
  table['"'] = table['\\'] = in_strings | outside;
  table['{'] = table['}'] = table['['] = table[']'] = table[','] = outside;
  return table;
}();
bool ends_string(char c) noexcept {
  return (json_structure[static_cast<unsigned char>(c)] & in_strings) != 0;
}
bool ends_bare(char c) noexcept {
  return (json_structure[static_cast<unsigned char>(c)] & outside) != 0;
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// \uXXXX at the start of text: the code unit; -1 when it is none, -2 when text ends within it.
int hex_escape(std::string_view text) noexcept {
  int value = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    if (i == text.size()) return -2;
    if (i < 2) {
      if (text[i] != (i == 0 ? '\\' : 'u')) return -1;
      continue;
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

void Decoder::reset(core::TextFormat format) {
  format_ = format;
  waiting_bytes_ = 0;
  in_string_ = false;
  expect_key_ = false;
  depth_ = 0;
  objects_.clear();
}

Decoder::Unit Decoder::utf8_unit(std::string_view text, bool last) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {invalid, 1};
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size()) return {invalid, last ? i : 0};
    if (byte(i) < low || byte(i) > high) return {invalid, i};
    low = 0x80;
    high = 0xBF;
  }
  return {code_point_at(text.data()).value, length};
}

Decoder::Unit Decoder::escape_unit(std::string_view text, bool last) noexcept {
  if (text.size() < 2) return {U'\\', last ? std::size_t{1} : std::size_t{0}};
  switch (text[1]) {
    case '"':
    case '\\':
    case '/': return {static_cast<unsigned char>(text[1]), 2, true};
    case 'b': return {U'\b', 2, true};
    case 'f': return {U'\f', 2, true};
    case 'n': return {U'\n', 2, true};
    case 'r': return {U'\r', 2, true};
    case 't': return {U'\t', 2, true};
    case 'u': break;
    default: return {U'\\', 1};
  }
  const int unit = hex_escape(text);
  if (unit == -1 || (unit == -2 && last)) return {U'\\', 1};
  if (unit == -2) return {0, 0};
  const auto value = static_cast<char32_t>(unit);
  if (value < 0xD800 || value > 0xDFFF) return {value, 6, true};
  if (value > 0xDBFF) return {invalid, 6, true};
  const int second = hex_escape(text.substr(6));
  if (second == -2 && !last) return {0, 0};
  if (second < 0xDC00 || second > 0xDFFF) return {invalid, 6, true};
  return {0x10000 + ((value - 0xD800) << 10U) + (static_cast<char32_t>(second) - 0xDC00), 12, true};
}

Decoder::Unit Decoder::next_unit(std::string_view text, bool last) const noexcept {
  if (format_ == core::TextFormat::json && text.front() == '\\') return escape_unit(text, last);
  return utf8_unit(text, last);
}

// Outside of all containers a text that should be JSON is prose: quotes around a replacement would
// be noise.
core::Place Decoder::outside_strings() const noexcept {
  return depth_ > 0 ? core::Place::json_bare : core::Place::plain;
}

bool Decoder::in_object() const noexcept { return !objects_.empty() && objects_.back(); }

void Decoder::open_container(bool object) {
  ++depth_;
  if (depth_ <= depth_known_max) objects_.push_back(object);
  expect_key_ = object;
}

void Decoder::close_container() {
  if (depth_ == 0) return;
  --depth_;
  if (depth_ < objects_.size()) objects_.pop_back();
  expect_key_ = false;
}

void Decoder::structural(char c, View& view) {
  if (in_string_ && c != '"') {
    view.append(&c, 1);
    return;
  }
  if (c == '"' && in_string_) view.mark_place(outside_strings());
  view.append(&c, 1);
  switch (c) {
    case '"':
      in_string_ = !in_string_;
      // Deeper than is kept track of, a string may be a key: taken for one, it is refused, not
      // redacted.
      if (in_string_) {
        const bool key = depth_ > depth_known_max || (expect_key_ && in_object());
        view.mark_place(key ? core::Place::json_key : core::Place::json_string);
        expect_key_ = false;
      }
      break;
    case '{':
    case '[':
      open_container(c == '{');
      view.mark_place(outside_strings());
      break;
    case '}':
    case ']':
      close_container();
      view.mark_place(outside_strings());
      break;
    case ',': expect_key_ = in_object(); break;
    default: break;
  }
}

void Decoder::emit(const Unit& unit, std::string_view source, View& view) {
  const bool escaped = unit.escaped;
  if (unit.value < 0x80) {
    const char c = static_cast<char>(unit.value);
    if (escaped || source.size() != 1 || source.front() != c) {
      view.append_irregular({&c, 1}, source.size(), false);
    } else if (format_ == core::TextFormat::json) {
      structural(c, view);
    } else {
      view.append(&c, 1);
    }
    return;
  }
  const Characters& characters = Characters::instance();
  switch (characters.kind(unit.value)) {
    case CharacterKind::ignorable: view.append_irregular({}, source.size(), false); return;
    case CharacterKind::combining: view.append_irregular({}, source.size(), true); return;
    case CharacterKind::mapped:
      view.append_irregular(characters.mapping(unit.value), source.size(), false);
      return;
    case CharacterKind::identity: break;
  }
  if (!escaped) {
    view.append(source.data(), source.size());
    return;
  }
  std::array<char, 4> utf8{};
  const std::size_t n = unit.value >= 0x10000 ? 4 : unit.value >= 0x800 ? 3 : 2;
  char32_t rest = unit.value;
  for (std::size_t i = n - 1; i > 0; --i, rest >>= 6U)
    utf8[i] = static_cast<char>(0x80U | (rest & 0x3FU));
  constexpr std::array<unsigned, 5> leads{0, 0, 0xC0U, 0xE0U, 0xF0U};
  utf8[0] = static_cast<char>(leads[n] | rest);
  view.append_irregular({utf8.data(), n}, source.size(), false);
}

// Length of the prefix whose characters are all their own normal form and no JSON structure.
std::size_t Decoder::plain_stretch(std::string_view text) const noexcept {
  const Characters& characters = Characters::instance();
  std::size_t i = 0;
  while (i < text.size()) {
    i += ascii_prefix(text.data() + i, text.size() - i);
    while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80) {
      const Unit unit = utf8_unit(text.substr(i), false);
      if (unit.bytes < 2 || characters.kind(unit.value) != CharacterKind::identity ||
          unit.value == invalid) {
        return i;
      }
      i += unit.bytes;
    }
  }
  return i;
}

std::size_t Decoder::decode_all(std::string_view text, bool last, View& view) {
  std::size_t done = 0;
  while (done < text.size()) {
    std::string_view rest = text.substr(done);
    std::size_t plain = rest.size();
    if (format_ == core::TextFormat::json) {
      const auto structural = in_string_ ? ends_string : ends_bare;
      const auto found = std::ranges::find_if(rest, structural);
      plain = static_cast<std::size_t>(found - rest.begin());
    }
    const std::size_t stretch = plain_stretch(rest.substr(0, plain));
    view.append(rest.data(), stretch);
    done += stretch;
    rest.remove_prefix(stretch);
    if (rest.empty()) break;
    const Unit unit = next_unit(rest, last);
    if (unit.bytes == 0) break;
    emit(unit, rest.substr(0, unit.bytes), view);
    done += unit.bytes;
  }
  return done;
}

void Decoder::decode(std::string_view piece, View& view) {
  while (waiting_bytes_ > 0 && !piece.empty()) {
    const std::size_t before = waiting_bytes_;
    const std::size_t more = std::min(piece.size(), unit_bytes_max - before);
    std::memcpy(waiting_.data() + before, piece.data(), more);
    // One unit at a time: what follows the waiting bytes is decoded where it lies.
    const std::string_view joined(waiting_.data(), before + more);
    const Unit unit = next_unit(joined, false);
    if (unit.bytes == 0) {
      waiting_bytes_ += more;
      return;
    }
    emit(unit, joined.substr(0, unit.bytes), view);
    if (unit.bytes >= before) {
      piece.remove_prefix(unit.bytes - before);
      waiting_bytes_ = 0;
    } else {
      waiting_bytes_ = before - unit.bytes;
      std::memmove(waiting_.data(), waiting_.data() + unit.bytes, waiting_bytes_);
    }
  }
  const std::size_t done = decode_all(piece, false, view);
  std::memcpy(waiting_.data() + waiting_bytes_, piece.data() + done, piece.size() - done);
  waiting_bytes_ += piece.size() - done;
}

void Decoder::finish(View& view) {
  const std::size_t waiting = waiting_bytes_;
  waiting_bytes_ = 0;
  [[maybe_unused]] const std::size_t done = decode_all({waiting_.data(), waiting}, true, view);
}

}  // namespace menshen::detectors
