#include "detectors/recognizers/word_table.h"

#include "core/limits.h"
#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/text/characters.h"
#include "detectors/text/folding.h"
#include "detectors/text/normal_form.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace menshen::detectors {
namespace {

constexpr std::size_t blanks_max = 4;
// Of a text a character takes at most so many bytes, a mark or letter of ASCII fewer: what looks
// like it, or its full-width form.
constexpr std::size_t character_bytes_max = 4;
static_assert(word_characters_max * character_bytes_max <= core::match_bytes_max);

constexpr std::uint64_t blank_hash = 0x5851F42D4C957F2DU;

enum class WordPart : std::uint8_t { letters, character, mark, blank };

struct WordToken {
  WordPart part = WordPart::mark;
  std::size_t end = 0;
  std::uint64_t hash = 0;
};

std::uint64_t mixed(std::uint64_t hash) noexcept {
  hash ^= hash >> 32U;
  hash *= 0xD6E8FEB86659FD93U;
  hash ^= hash >> 29U;
  return hash;
}

std::uint64_t with_point(std::uint64_t hash, char32_t c) noexcept {
  return (hash ^ c) * 0x100000001B3U;
}

std::uint64_t joined_hash(std::uint64_t before, std::uint64_t token) noexcept {
  // Two bits are the table's own; never 0.
  return (mixed(std::rotl(before, 23) ^ token) | 4U) & ~std::uint64_t{3};
}

bool stands_alone(char32_t c) noexcept {
  return (c >= 0x2E80 && c < 0x3000) || (c >= 0x3005 && c < 0x3008) ||
         (c >= 0x3040 && c < 0xD7B0) || (c >= 0xF900 && c < 0xFB00) || c >= 0x20000;
}

// A character and what it folds to.
struct FoldedCharacter {
  std::array<char32_t, Folding::expansion_max> points{};
  std::size_t count = 0;
  std::size_t bytes = 1;
  WordPart part = WordPart::mark;
};

WordPart part_of(char32_t c) noexcept {
  if (c < 0x80) {
    const char ascii = static_cast<char>(c);
    if (is_alnum(ascii)) return WordPart::letters;
    return c == U' ' || c == U'\t' ? WordPart::blank : WordPart::mark;
  }
  if (stands_alone(c)) return WordPart::character;
  if (Characters::instance().run_class_of(c) == run_class::letter) return WordPart::letters;
  // Letters of Thai, Lao, Khmer, Myanmar: no blanks part their words either.
  return core::has_any(c, core::fact::letter) ? WordPart::character : WordPart::mark;
}

FoldedCharacter folded_at(std::string_view text, std::size_t at) noexcept {
  FoldedCharacter out;
  const core::ValidUtf8 c = core::valid_utf8_at(text.data() + at);
  out.bytes = c.bytes;
  out.count = Folding::instance().fold(c.point, out.points.data());
  out.part = out.count == 0 ? WordPart::mark : part_of(out.points[0]);
  return out;
}

constexpr std::array<bool, 256> alnum_table = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 0x80; ++c) table[c] = is_alnum(static_cast<char>(c));
  return table;
}();

std::size_t alnum_end(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && alnum_table[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

// Of folded text, eight bytes at a time.
class LettersHash {
 public:
  // Letters and digits of ASCII: to them, this one bit is the case.
  void add(std::string_view ascii) noexcept {
    constexpr std::uint64_t lower = 0x2020202020202020U;
    std::size_t at = 0;
    for (; count_ == 0 && at + 8 <= ascii.size(); at += 8) {
      std::memcpy(&pending_, ascii.data() + at, 8);
      pending_ |= lower;
      flush();
    }
    for (; at < ascii.size(); ++at) add_byte(static_cast<unsigned char>(ascii[at]) | 0x20U);
  }
  void add(char32_t c) noexcept {
    if (c < 0x80) return add_byte(c);
    for (unsigned shift = 0; shift < 32; shift += 8) add_byte(c >> shift & 0xFFU);
  }
  [[nodiscard]] std::uint64_t done() noexcept {
    if (count_ > 0) flush();
    return hash_;
  }

 private:
  void add_byte(std::uint64_t byte) noexcept {
    pending_ |= byte << (8 * count_);
    if (++count_ == 8) flush();
  }
  void flush() noexcept {
    hash_ = mixed(hash_ ^ pending_) + 0x9E3779B97F4A7C15U;
    pending_ = 0;
    count_ = 0;
  }

  std::uint64_t hash_ = 0xCBF29CE484222325U;
  std::uint64_t pending_ = 0;
  unsigned count_ = 0;
};

WordToken letters_at(std::string_view text, std::size_t at) noexcept {
  LettersHash hash;
  for (;;) {
    const std::size_t end = alnum_end(text, at);
    hash.add(text.substr(at, end - at));
    at = end;
    if (at >= text.size() || static_cast<unsigned char>(text[at]) < 0x80) break;
    const FoldedCharacter next = folded_at(text, at);
    if (next.count > 0 && next.part != WordPart::letters) break;
    for (std::size_t i = 0; i < next.count; ++i) hash.add(next.points[i]);
    at += next.bytes;
  }
  return {WordPart::letters, at, hash.done()};
}

WordToken word_token_at(std::string_view text, std::size_t at) noexcept {
  if (is_alnum(text[at])) return letters_at(text, at);
  if (text[at] == ' ' && at + 1 < text.size() && is_alnum(text[at + 1])) {
    return {WordPart::blank, at + 1, blank_hash};
  }
  const FoldedCharacter first = folded_at(text, at);
  if (first.part == WordPart::letters) return letters_at(text, at);
  std::size_t end = at + first.bytes;
  if (first.part == WordPart::blank) {
    for (std::size_t n = 1; n < blanks_max && end < text.size(); ++n) {
      const FoldedCharacter next = folded_at(text, end);
      if (next.part != WordPart::blank) break;
      end += next.bytes;
    }
    return {WordPart::blank, end, blank_hash};
  }
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < first.count; ++i) hash = with_point(hash, first.points[i]);
  return {first.part, end, mixed(hash + 1)};
}

// As the view shows it, without blanks around it.
std::string in_normal_form(std::string_view word) {
  std::string out = normal_form(word);
  while (!out.empty() && word_token_at(out, 0).part == WordPart::blank) {
    out.erase(0, word_token_at(out, 0).end);
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

// Where the token begins that `at` is in.
std::size_t token_begin(std::string_view text, std::size_t at) noexcept {
  while (at > 0) {
    std::size_t before = at - 1;
    while (before > 0 && (text[before] & '\xC0') == '\x80') --before;
    if (folded_at(text, before).part != WordPart::letters) break;
    at = before;
  }
  return at;
}

}  // namespace

std::uint64_t WordTable::lead_of(std::string_view letters) noexcept {
  std::uint32_t first = 0;
  std::memcpy(&first, letters.data(), std::min(sizeof first, letters.size()));
  return mixed((std::uint64_t{letters.size()} << 32U) | first | 0x20202020U);
}

// Of the first token of a word in normal form.
void WordTable::add_lead(std::string_view first_token) {
  std::string folded;
  std::array<char32_t, Folding::expansion_max> points{};
  for (std::size_t at = 0; at < first_token.size();) {
    const core::ValidUtf8 c = core::valid_utf8_at(first_token.data() + at);
    const std::size_t count = Folding::instance().fold(c.point, points.data());
    for (std::size_t i = 0; i < count; ++i) core::append_utf8(folded, points[i]);
    at += c.bytes;
  }
  if (folded.empty()) return;
  lead_keys_.push_back(lead_of(folded));
  const auto first = static_cast<unsigned char>(folded.front());
  if (first < begins_with_mark_.size() && !is_alnum(folded.front()))
    begins_with_mark_[first] = true;
}

// Characters of three bytes that are a token and begin no word.
void WordTable::build_passed_over() {
  constexpr std::size_t words_min = 128;
  constexpr char32_t three_bytes_min = 0x1000;
  constexpr char32_t three_bytes_end = 0xD000;
  if (firsts_.size() < words_min) return;
  passed_over_.assign(0x10000 / 64, 0);
  for (char32_t c = three_bytes_min; c < three_bytes_end; ++c) {
    std::string utf8;
    core::append_utf8(utf8, c);
    const WordToken token = word_token_at(utf8, 0);
    const bool alone = token.part == WordPart::character || token.part == WordPart::mark;
    if (alone && !may_begin(token.hash)) passed_over_[c / 64] |= std::uint64_t{1} << (c % 64);
  }
}

std::string WordTable::add(std::string_view word, std::uint32_t owner) {
  const std::string text = in_normal_form(word);
  std::size_t characters = 0;
  bool says = false;
  std::uint64_t hash = 0;
  std::vector<Slot> parts;
  std::uint64_t first = 0;
  std::size_t first_end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const WordToken token = word_token_at(text, at);
    for (std::size_t i = at; i < token.end; ++i) characters += (text[i] & '\xC0') != '\x80';
    says = says || token.part == WordPart::letters || token.part == WordPart::character;
    if (at == 0) {
      first = token.hash;
      first_end = token.end;
    }
    hash = joined_hash(hash, token.hash);
    at = token.end;
    parts.push_back(hash | (at < text.size() ? goes_on : is_word));
  }
  if (!says) return "A word has a letter, a digit or a character: this one could never be meant.";
  if (characters > word_characters_max) {
    return "A word has at most " + std::to_string(word_characters_max) +
           " characters: write a pattern for what begins like this.";
  }
  parts_.insert(parts_.end(), parts.begin(), parts.end());
  firsts_.push_back(first);
  add_lead(std::string_view(text).substr(0, first_end));
  words_.push_back({hash, owner});
  // Blanks may be four times as many, each of three bytes; and the character behind it.
  const auto blanks = static_cast<std::size_t>(std::ranges::count(text, ' '));
  const std::size_t bytes = (characters + 1 + 2 * blanks) * character_bytes_max;
  bytes_max_ = std::max(bytes_max_, std::min(bytes, core::match_bytes_max));
  return {};
}

void WordTable::build() {
  std::ranges::sort(words_);
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
  slots_.assign(std::bit_ceil(2 * parts_.size() + 1), {});
  for (const Slot part : parts_) slots_[place_of(part & ~flags)] |= part;
  const std::uint64_t bits = std::bit_ceil(std::max<std::uint64_t>(64, 16 * firsts_.size()));
  first_.assign(bits / 64, 0);
  first_mask_ = bits - 1;
  for (const std::uint64_t token : firsts_) {
    const std::uint64_t bit = token & first_mask_;
    first_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  leads_.assign(bits / 64, 0);
  for (const std::uint64_t key : lead_keys_) {
    const std::uint64_t bit = key & first_mask_;
    leads_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  build_passed_over();
  parts_ = {};
  firsts_ = {};
  lead_keys_ = {};
}

std::size_t WordTable::place_of(std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = (hash >> 7U) & mask;
  while (slots_[at] != 0 && (slots_[at] & ~flags) != hash) at = (at + 1) & mask;
  return at;
}

void WordTable::walk(std::string_view text, std::size_t at, std::vector<Found>& found) const {
  std::uint64_t hash = 0;
  for (std::size_t end = at; end < text.size();) {
    const WordToken token = word_token_at(text, end);
    hash = joined_hash(hash, token.hash);
    end = token.end;
    const Slot slot = slots_[place_of(hash)];
    if (slot == 0) return;
    if ((slot & is_word) != 0) {
      const auto first = std::ranges::lower_bound(words_, hash, {}, &Word::hash);
      for (auto word = first; word != words_.end() && word->hash == hash; ++word) {
        found.push_back({at, end, word->owner});
      }
    }
    if ((slot & goes_on) == 0) return;
  }
}

void WordTable::find(std::string_view text, std::size_t from, std::size_t to,
                     std::vector<Found>& found) const {
  if (words_.empty()) return;
  to = std::min(to, text.size());
  for (std::size_t at = token_begin(text, from); at < to;) {
    // Most tokens are told by less than their hash.
    const auto byte = static_cast<unsigned char>(text[at]);
    if (alnum_table[byte]) {
      const std::size_t end = alnum_end(text, at);
      const bool ascii = end == text.size() || static_cast<unsigned char>(text[end]) < 0x80;
      if (ascii && !may_begin_with(text.substr(at, end - at))) {
        at = end;
        continue;
      }
    } else if (byte < 0x80) {
      if (!begins_with_mark_[byte]) {
        ++at;
        continue;
      }
    } else if (text.size() - at >= 3 && is_passed_over(core::utf8_three_bytes(text.data() + at))) {
      at += 3;
      continue;
    }
    const WordToken token = word_token_at(text, at);
    if (at >= from && may_begin(token.hash)) walk(text, at, found);
    at = token.end;
  }
}

}  // namespace menshen::detectors
