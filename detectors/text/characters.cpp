#include "detectors/text/characters.h"

#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/text/escapes.h"

#include <algorithm>
#include <string>
#include <utility>

namespace menshen::detectors {
namespace {

constexpr std::array<std::uint8_t, 256> make_ascii_classes() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = run_class::digit;
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = run_class::letter;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = run_class::letter;
  table['_'] = run_class::letter;
  table['@'] = run_class::at;
  table[':'] = run_class::colon;
  table['.'] = run_class::dot;
  for (const char c : {'-', '(', ')', '/'})
    table[static_cast<unsigned char>(c)] = run_class::joiner;
  for (const char c : {'+', '=', '%', '~', '#', '\''})
    table[static_cast<unsigned char>(c)] = run_class::connector;
  table[' '] = run_class::space;
  return table;
}

constexpr std::pair<char32_t, char> look_alikes[] = {
    {0x2010, '-'}, {0x2011, '-'}, {0x2012, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2015, '-'},
    {0x2212, '-'}, {0xFE58, '-'}, {0xFE63, '-'}, {0x00B7, '.'}, {0x2022, '.'}, {0x2027, '.'},
    {0x30FB, '.'}, {0xFF65, '.'}, {0x2044, '/'}, {0x2215, '/'}, {0x25CB, 0},   {0x1680, ' '},
    {0x2800, ' '}, {0x3002, '.'}, {0xFF61, '.'}, {U'点', '.'},  {U'點', '.'}};

// Letters with something around them that NFKC keeps, or shows as parentheses: in parentheses,
// negative circled, negative squared.
struct LetterRange {
  char32_t first;
  char letter;
};
constexpr LetterRange framed_letters[] = {
    {0x249C, 'a'}, {0x1F110, 'A'}, {0x1F150, 'A'}, {0x1F170, 'A'}};
constexpr char32_t letters = 26;

// Shows nothing, and belongs to the character before it: diacritical marks, halves of them,
// variation selectors.
bool joins_the_one_before(char32_t c) {
  return core::is_combining(c) || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F) ||
         (c >= 0xE0100 && c <= 0xE01EF);
}

// A mapping is worth having only when it shows a character that some detector reads.
bool matters(std::string_view mapped) {
  for (std::size_t i = 0; i < mapped.size();) {
    const core::ValidUtf8 c = core::valid_utf8_at(mapped.data() + i);
    if (c.point < 0x80 && Characters::ascii_classes[c.point] != run_class::delimiter) return true;
    if (han_numeral(c.point) >= 0) return true;
    i += c.bytes;
  }
  return false;
}

// As UTF-8; empty where that is the character itself.
std::string normalised(char32_t c) {
  for (const auto& [from, to] : look_alikes) {
    if (from == c) return to == 0 ? std::string("\u3007") : std::string(1, to);
  }
  for (const auto& [first, letter] : framed_letters) {
    if (c >= first && c < first + letters) {
      return std::string(1, static_cast<char>(letter + static_cast<char>(c - first)));
    }
  }
  if (const int digit = core::decimal_digit(c); digit >= 0) {
    return std::string(1, static_cast<char>('0' + digit));
  }
  std::string utf8;
  for (const char32_t to : core::compatible(c).value_or(std::u32string_view())) {
    core::append_utf8(utf8, to);
  }
  return utf8;
}

// Shows nothing, or parts words.
bool is_control(char32_t c) {
  const bool blank = c == U'\t' || c == U'\n' || c == U'\r';
  return (core::has_any(c, core::fact::control) && !blank) || c == 0x2028 || c == 0x2029;
}

// The number that a character shows with something around it, or in a writing of its own: circled,
// in parentheses, raised, on rods. Fractions and Roman numerals are none.
std::string digits_shown(char32_t c, const std::string& folded) {
  if (!core::has_any(c, core::fact::number)) return {};
  std::string digits;
  for (std::size_t i = 0; i < folded.size();) {
    const core::ValidUtf8 part = core::valid_utf8_at(folded.data() + i);
    const bool around =
        part.point == U'(' || part.point == U')' || part.point == U'.' || part.point == U',';
    const bool shown = (part.point >= U'0' && part.point <= U'9') || han_numeral(part.point) >= 0;
    if (!around && !shown) return {};
    if (shown) digits.append(folded, i, part.bytes);
    i += part.bytes;
  }
  if (!folded.empty()) return digits;
  constexpr int shown_max = 50;
  const int value = core::whole_number(c);
  return value < 0 || value > shown_max ? std::string() : std::to_string(value);
}

}  // namespace

const std::array<std::uint8_t, 256> Characters::ascii_classes = make_ascii_classes();

int han_numeral(char32_t c) noexcept {
  static constexpr std::u32string_view others[] = {
      U"洞", U"壹壱幺弌", U"贰貳弍", U"叁參叄弎", U"肆", U"伍", U"陆陸", U"柒拐", U"捌", U"玖勾"};
  for (int value = 0; value < 10; ++value) {
    if (others[value].find(c) != std::u32string_view::npos) return value;
  }
  return han_digit(c);
}

std::string_view Characters::mapping(char32_t c) const noexcept {
  const Mapping& m = mappings_[mapping_of_[pages_[c / page_size] * page_size + c % page_size]];
  return {m.bytes.data(), m.size};
}

std::uint16_t Characters::add_mapping(std::string_view text) {
  const auto same = [text](const Mapping& m) {
    return std::string_view(m.bytes.data(), m.size) == text;
  };
  const auto found = std::ranges::find_if(mappings_, same);
  if (found == mappings_.end()) {
    Mapping m;
    std::ranges::copy(text, m.bytes.begin());
    m.size = static_cast<std::uint8_t>(text.size());
    mappings_.push_back(m);
    return static_cast<std::uint16_t>(mappings_.size() - 1);
  }
  return static_cast<std::uint16_t>(found - mappings_.begin());
}

Characters::Entry Characters::examine(char32_t c) {
  const auto kind = [](CharacterKind k) { return static_cast<std::uint8_t>(k); };
  if (joins_the_one_before(c)) return {kind(CharacterKind::combining), 0};
  constexpr char32_t tags = 0xE0000;
  if (c >= tags + 0x20 && c < tags + 0x7F) {
    const char shown = static_cast<char>(c - tags);
    return {static_cast<std::uint8_t>(kind(CharacterKind::ignorable) | styled),
            add_mapping({&shown, 1})};
  }
  if (is_control(c)) {
    return {static_cast<std::uint8_t>(kind(CharacterKind::ignorable) | styled | separator), 0};
  }
  if (core::has_any(c, core::fact::ignorable)) {
    return {kind(CharacterKind::ignorable), 0};
  }
  if (begins_escape(c)) {  // a decoder stops at it
    std::string itself;
    core::append_utf8(itself, c);
    return {kind(CharacterKind::mapped), add_mapping(itself)};
  }
  if (han_numeral(c) >= 0) return {2U << 2U, 0};
  const std::string to = normalised(c);
  if (const std::string digits = digits_shown(c, to); !digits.empty()) {
    return {static_cast<std::uint8_t>(kind(CharacterKind::mapped) | styled), add_mapping(digits)};
  }
  if (!to.empty() && to.size() <= 7 && matters(to))
    return {kind(CharacterKind::mapped), add_mapping(to)};
  const bool letter = core::has_any(c, core::fact::word_letter);
  return {letter ? std::uint8_t{1U << 2U} : std::uint8_t{0}, 0};
}

Characters::Characters() : properties_(page_size), mapping_of_(page_size), mappings_(1) {
  // Page 0 of the tables is the plain page: everything on it is an identical delimiter.
  std::vector<Entry> page(page_size);
  for (std::size_t index = 0; index < page_count; ++index) {
    const auto start = static_cast<char32_t>(index * page_size);
    const bool ideographs =
        (start >= 0x3400 && start < 0x4D00) || (start >= 0xAC00 && start < 0xD700);
    const bool empty = (start >= 0xD800 && start < 0xF900) ||
                       (start >= 0x20000 && start < 0xE0000) || start >= 0xE1000;
    if (ideographs || empty) continue;
    for (std::size_t i = 0; i < page_size; ++i) {
      const char32_t c = start + static_cast<char32_t>(i);
      page[i] = c < 0x80 && !is_control(c) ? Entry{} : examine(c);
    }
    if (std::ranges::all_of(page, [](const Entry& e) { return e.properties == 0; })) continue;
    pages_[index] = static_cast<std::uint16_t>(properties_.size() / page_size);
    for (const Entry& e : page) {
      properties_.push_back(e.properties);
      mapping_of_.push_back(e.mapping);
    }
  }
}

}  // namespace menshen::detectors
