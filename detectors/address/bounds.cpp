#include "detectors/address/bounds.h"

#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/address/text.h"
#include "detectors/address/words.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <vector>

namespace menshen::detectors::address {
namespace {

using Worth = Detector::Worth;

// Characters of Han that are one of these when they are simplified.
class HanSet {
 public:
  explicit HanSet(std::u32string_view simplified) {
    for (char32_t c = first; c < first + size; ++c) {
      set_[c - first] = simplified.find(core::simplified(c)) != std::u32string_view::npos;
    }
  }
  [[nodiscard]] bool has(char32_t c) const noexcept {
    return c >= first && c < first + size && set_[c - first];
  }

 private:
  static constexpr char32_t first = 0x3400;
  static constexpr std::size_t size = 0xA000 - 0x3400;
  std::bitset<size> set_;
};

// What may end before a number of an address, and what may follow one.
const HanSet& ends_names() {
  static const HanSet set(
      U"路街道巷弄里段同东西南北中栋幢座元村屯寨庄组队园苑城厦场心寓庭府湾邨楼期区馆院厂际居轩阁筑"
      U"墅都坊镇乡甲乙丙丁");
  return set;
}
const HanSet& counts_things() {
  static const HanSet set(U"号弄巷幢栋座单门层楼室户房组队邻社之");
  return set;
}
// Divisions, behind which a comma may stand.
const HanSet& divisions() {
  static const HanSet set(U"省市区县旗州盟镇乡道村");
  return set;
}

// Words of the sentence, in no division's name.
const HanSet& function_words() {
  static const HanSet set(U"的了在是我你他她它这被把吗呢吧就但或而请问去到住寄送给");
  return set;
}

struct Last {
  char32_t point = 0;
  std::size_t begin = 0;
};

Last last_of(std::string_view text) noexcept {
  if (text.empty()) return {};
  std::size_t at = text.size() - 1;
  if ((text[at] & '\x80') == 0) return {static_cast<unsigned char>(text[at]), at};
  while (at > 0 && (text[at] & '\xC0') == '\x80') --at;
  if ((text[at] & '\xC0') == '\x80') return {0, at};  // cut
  return {core::valid_utf8_at(text.data() + at).point, at};
}

// The first character of Han of what may be one address, or the text's end.
std::size_t begin_of_han(std::string_view text) noexcept {
  constexpr int letters_max = 12;  // and digits, in a row
  std::size_t first = text.size();
  int letters = 0;
  for (std::size_t at = text.size(); at > 0 && letters <= letters_max;) {
    const auto [c, begin] = last_of(text.substr(0, at));
    const bool han = is_han(c);
    if (han && function_words().has(c)) break;
    letters = han ? 0 : letters + 1;
    if (!han && !is_decimal(c) && !is_ascii_letter(c) && c != U'-' && c != U'·') {
      const char32_t before = last_of(text.substr(0, begin)).point;
      const bool blank = (c == U' ' || c == 0x3000) && is_han(before);
      const bool comma = (c == U',' || c == U'，') && divisions().has(before);
      if (!blank && !comma) break;
    }
    at = begin;
    if (han) first = begin;
  }
  return first;
}

bool is_word_byte(char c) noexcept {
  return is_letter(c) || (c & '\x80') != 0 || c == '\'' || c == '-' || c == '.';
}

// Words that begin an address though they are written small.
class SmallWords {
 public:
  SmallWords() : all_{"p", "po", "box", "post", "office", "pob", "gpo"} {
    constexpr unsigned classes =
        word_class::unit | word_class::particle | word_class::number_behind | word_class::last_type;
    for_each_word(classes, [&](std::string_view word) { all_.push_back(word); });
    std::ranges::sort(all_);
    for (const std::string_view word : all_) {
      if (word.size() > 1) pairs_[pair_of(word)] = true;
    }
  }
  // Is it one of them or, `open`, may it become one?
  [[nodiscard]] bool has(std::string_view word, bool open) const noexcept {
    if (word.size() > 2 && word[1] != '.' && !pairs_[pair_of(word)]) return false;
    std::array<char, longest> letters;
    std::size_t size = 0;
    for (const char c : word) {
      if (c == '.') continue;
      if (size == longest) return false;
      letters[size++] = c;
    }
    const std::string_view folded(letters.data(), size);
    const auto found = std::ranges::lower_bound(all_, folded);
    if (found == all_.end()) return false;
    return open ? found->starts_with(folded) : *found == folded;
  }

 private:
  static constexpr std::size_t longest = 12;
  [[nodiscard]] static std::size_t pair_of(std::string_view word) noexcept {
    return (static_cast<unsigned char>(word[0]) & 31U) * 32U +
           (static_cast<unsigned char>(word[1]) & 31U);
  }
  std::vector<std::string_view> all_;
  std::bitset<1024> pairs_;  // how some of them begin
};

bool is_small_word(std::string_view word, bool open) noexcept {
  static const SmallWords words;
  return words.has(word, open);
}

// Is the first letter a capital?
bool is_capital_at(std::string_view text, std::size_t at) noexcept {
  if ((text[at] & '\x80') == 0) return is_upper(text[at]);
  const char32_t c = core::valid_utf8_at(text.data() + at).point;
  return !is_han(c) && core::simple_fold(c) != c;
}

std::size_t begin_of_words(std::string_view text) {
  constexpr int words_max = 4;
  std::size_t begin = text.size();
  std::size_t at = begin;
  for (int count = 0; count < words_max; ++count) {
    if (at > 0 && text[at - 1] == ' ') --at;
    if (count == 0 && at > 0 && text[at - 1] == '#') {
      begin = --at;
      if (at > 0 && text[at - 1] == ' ') --at;
    }
    std::size_t word = at;
    while (word > 0 && is_word_byte(text[word - 1])) --word;
    while (word < at && (text[word] & '\xC0') == '\x80') ++word;
    if (word == at) break;
    const bool open = at == text.size();
    if (!is_capital_at(text, word) && !is_small_word(text.substr(word, at - word), open)) break;
    begin = at = word;
  }
  return begin;
}

// Of what follows a number.
class Behind {
 public:
  Behind(std::string_view text, bool last) : text_(text), last_(last) {}

  // 12B, 12-14, 12/3: where the house number ends.
  std::size_t number_end() {
    std::size_t i = 0;
    for (int groups = 0; groups < 2 && (at(i) == '-' || at(i) == '/'); ++groups) {
      std::size_t next = i + 1;
      while (is_digit(at(next))) ++next;
      if (next == i + 1) break;
      i = next;
    }
    if (is_letter(at(i)) && !is_alnum(at(i + 1))) ++i;
    return i;
  }
  // 0 behind the end.
  char at(std::size_t i) {
    if (i < text_.size()) return text_[i];
    if (!last_) unknown_ = true;
    return 0;
  }
  [[nodiscard]] bool unknown() const { return unknown_; }
  // 5th
  bool is_ordinal(std::size_t i) {
    while (is_digit(at(i))) ++i;
    return is_letter(at(i)) && is_letter(at(i + 1)) && !is_alnum(at(i + 2));
  }

 private:
  std::string_view text_;
  bool last_;
  bool unknown_ = false;
};

// What stands before: "at ", "to ", a mark, the begin of a line.
bool invites_small_letters(std::string_view before) noexcept {
  if (before.size() < 2) return true;
  const char last = before.back();
  if (last != ' ') return true;
  before.remove_suffix(1);
  return !is_alnum(before.back()) || before.ends_with(" at") || before.ends_with(" to") ||
         before.ends_with(" is");
}

// Does a word with a capital, or of a unit or box, stand before the blank? Where the sentence goes
// on (not `parted`), only one that is surely a street or a box.
bool follows_name(std::string_view before, bool parted) {
  if (before.ends_with('#')) return true;
  if (!before.ends_with(' ')) return false;
  before.remove_suffix(1);
  std::size_t word = before.size();
  while (word > 0 && is_word_byte(before[word - 1])) --word;
  while (word < before.size() && (before[word] & '\xC0') == '\x80') ++word;
  if (word == before.size()) return false;
  const bool cut = word == 0 && before.size() + 1 >= gate_before_bytes;
  if (!cut && !is_capital_at(before, word)) {
    return parted && is_small_word(before.substr(word), false);
  }
  if (parted) return true;
  std::string folded;
  for (const char c : before.substr(word)) {
    if (c != '.') folded += to_lower(c);
  }
  return street_ending(folded) > 0 || folded == "box" ||
         (classes_of(folded) & word_class::unit) != 0;
}

Worth worth_of_latin(std::string_view before, Behind& behind) {
  const char last = before.empty() ? '\n' : before.back();
  constexpr std::string_view openers = " \n\t(\"'>,#:";
  if ((last & '\x80') == 0 && openers.find(last) == openers.npos) return Worth::no;
  const std::size_t end = behind.number_end();
  const char c = behind.at(end);
  // What names a street follows.
  const std::size_t next = c == ',' && behind.at(end + 1) == ' ' ? end + 2 : end + 1;
  if (c == ' ' || next == end + 2) {
    const char first = behind.at(next);
    const bool capital = is_upper(first) || (first & '\x80') != 0;
    if (capital || (is_digit(first) && behind.is_ordinal(next))) return Worth::yes;
    const bool small = (is_lower(first) || (is_digit(first) && behind.at(next + 1) == '/'));
    if (small && invites_small_letters(before)) return Worth::yes;
  }
  if (behind.unknown()) return Worth::unknown;
  // A street, a box, a unit before it.
  const bool parted = c != ' ' && !is_alnum(c) && (c & '\x80') == 0 && c != '-' && c != ':' &&
                      c != '/' && c != '=' && c != '_' && c != '%' &&
                      !(c == '.' && is_digit(behind.at(end + 1)));
  if (behind.unknown()) return Worth::unknown;
  return (parted || c == ' ') && follows_name(before, parted) ? Worth::yes : Worth::no;
}

}  // namespace

std::size_t earliest_begin(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const std::size_t end = text.size();
  Last last = last_of(text);
  const std::size_t words = is_han(last.point) ? end : begin_of_words(text);
  if (last.point == U' ' || last.point == 0x3000) last = last_of(text.substr(0, last.begin));
  const bool may_be_han = is_han(last.point) || is_decimal(last.point) ||
                          is_ascii_letter(last.point) || last.point == U',' ||
                          last.point == U'，' || last.point == U'-' || last.point == U'·';
  return may_be_han ? std::min(words, begin_of_han(text)) : words;
}

Worth worth_of_number(std::string_view before, std::string_view behind, bool last) noexcept {
  std::string_view left = before;
  while (left.ends_with(' ')) left.remove_suffix(1);
  const Last character = last_of(left);
  Behind rest(behind, last);
  if (is_han(character.point)) {
    if (!ends_names().has(character.point)) return Worth::no;
    const char next = rest.at(0);
    if (rest.unknown()) return Worth::unknown;
    if ((next & '\x80') == 0) return Worth::yes;
    if (behind.size() < 3 && !last) return Worth::unknown;
    const char32_t c = core::valid_utf8_at(behind.data()).point;
    return !is_han(c) || counts_things().has(c) ? Worth::yes : Worth::no;
  }
  return worth_of_latin(before, rest);
}

}  // namespace menshen::detectors::address
