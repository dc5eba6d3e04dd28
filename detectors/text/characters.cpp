#include "detectors/text/characters.h"

#include "core/utf8.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <stdexcept>
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
    {0x2800, ' '}, {0x3002, '.'}, {0xFF61, '.'}};

// Letters with something around them that NFKC keeps, or shows as parentheses: in parentheses,
// negative circled, negative squared.
struct LetterRange {
  char32_t first;
  char letter;
};
constexpr LetterRange framed_letters[] = {
    {0x249C, 'a'}, {0x1F110, 'A'}, {0x1F150, 'A'}, {0x1F170, 'A'}};
constexpr char32_t letters = 26;

// Writing systems whose words stand without spaces delimit values; the others' letters are part of
// words.
bool is_word_letter(char32_t c) {
  const auto code = static_cast<UChar32>(c);
  if (!u_hasBinaryProperty(code, UCHAR_ALPHABETIC)) return false;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(code, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_YI:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_TIBETAN:
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED: return false;
    default: return U_SUCCESS(status);
  }
}

bool is_combining(char32_t c) {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
         (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) ||
         (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F) ||
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

std::string normalised(char32_t c, const icu::Normalizer2& nfkc) {
  for (const auto& [from, to] : look_alikes) {
    if (from == c) return to == 0 ? std::string("\u3007") : std::string(1, to);
  }
  for (const auto& [first, letter] : framed_letters) {
    if (c >= first && c < first + letters) {
      return std::string(1, static_cast<char>(letter + static_cast<char>(c - first)));
    }
  }
  const auto code = static_cast<UChar32>(c);
  if (u_charType(code) == U_DECIMAL_DIGIT_NUMBER) {
    return std::string(1, static_cast<char>('0' + u_charDigitValue(code)));
  }
  icu::UnicodeString decomposition;
  if (!nfkc.getDecomposition(code, decomposition)) return {};
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString composed = nfkc.normalize(icu::UnicodeString(code), status);
  if (U_FAILURE(status)) throw std::runtime_error("ICU cannot normalise");
  std::string utf8;
  composed.toUTF8String(utf8);
  return utf8;
}

// Shows nothing, or parts words.
bool is_control(char32_t c) {
  const bool blank = c == U'\t' || c == U'\n' || c == U'\r';
  return (c < 0x20 && !blank) || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

// The number that a character shows with something around it, or in a writing of its own: circled,
// in parentheses, raised, on rods. Fractions and Roman numerals are none.
std::string digits_shown(char32_t c, const std::string& folded) {
  const auto code = static_cast<UChar32>(c);
  const auto category = u_charType(code);
  if (category != U_OTHER_NUMBER && category != U_LETTER_NUMBER) return {};
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
  const double value = u_getNumericValue(code);
  constexpr double shown_max = 50;
  if (value < 0 || value > shown_max || value != static_cast<int>(value)) return {};
  return std::to_string(static_cast<int>(value));
}

}  // namespace

const std::array<std::uint8_t, 256> Characters::ascii_classes = make_ascii_classes();

int han_numeral(char32_t c) noexcept {
  static constexpr std::u32string_view digits[] = {
      U"〇零洞", U"一壹壱幺弌", U"二贰貳弍两", U"三叁參叄弎", U"四肆",
      U"五伍",   U"六陆陸",     U"七柒拐",     U"八捌",       U"九玖勾"};
  for (int value = 0; value < 10; ++value) {
    if (digits[value].find(c) != std::u32string_view::npos) return value;
  }
  return -1;
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
  static const icu::Normalizer2& nfkc = [&]() -> const icu::Normalizer2& {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFKCInstance(status);
    if (U_FAILURE(status)) throw std::runtime_error("ICU has no NFKC data");
    return *found;
  }();
  const auto kind = [](CharacterKind k) { return static_cast<std::uint8_t>(k); };
  if (is_combining(c)) return {kind(CharacterKind::combining), 0};
  constexpr char32_t tags = 0xE0000;
  if (c >= tags + 0x20 && c < tags + 0x7F) {
    const char shown = static_cast<char>(c - tags);
    return {static_cast<std::uint8_t>(kind(CharacterKind::ignorable) | styled),
            add_mapping({&shown, 1})};
  }
  if (is_control(c)) {
    return {static_cast<std::uint8_t>(kind(CharacterKind::ignorable) | styled | separator), 0};
  }
  if (u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
    return {kind(CharacterKind::ignorable), 0};
  }
  if (han_numeral(c) >= 0) return {2U << 2U, 0};
  const std::string to = normalised(c, nfkc);
  if (const std::string digits = digits_shown(c, to); !digits.empty()) {
    return {static_cast<std::uint8_t>(kind(CharacterKind::mapped) | styled), add_mapping(digits)};
  }
  if (!to.empty() && to.size() <= 7 && matters(to))
    return {kind(CharacterKind::mapped), add_mapping(to)};
  return {is_word_letter(c) ? std::uint8_t{1U << 2U} : std::uint8_t{0}, 0};
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
