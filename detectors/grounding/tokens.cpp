#include "detectors/grounding/tokens.h"

#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/scoring/bytes.h"
#include "detectors/text/characters.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace menshen::detectors::scoring {
namespace {

// A point's class stands above its 21 bits.
constexpr std::uint32_t point_bits = 0x1FFFFF;
constexpr std::uint32_t upper_bit = 1U << 24U;  // the original is upper-case
constexpr std::uint32_t letter_bit = 1U << 25U;
constexpr std::uint32_t digit_bit = 1U << 26U;
constexpr std::uint32_t han_bit = 1U << 27U;
constexpr std::uint32_t mark_bit = 1U << 28U;        // read_mark() may make something of it
constexpr std::uint32_t ascii_bit = 1U << 29U;       // an ASCII letter or digit
constexpr std::size_t keep_points_max = 128 * 1024;  // more than core::inline_scan_bytes_max
constexpr std::size_t sentinels = 8;  // zeros behind the points: more than any look ahead
constexpr std::size_t prefix_letters = 5;
// Behind a word's letters, they make other keys of it. No characters, so no word has these keys.
constexpr char32_t prefix_mark = 0x110000;
constexpr char32_t turned_mark = 0x110001;
constexpr std::size_t turned_letters_min = 7;  // a prefix of two, and five that remain
constexpr std::size_t digits_max = 15;         // exact in a double
constexpr std::size_t word_letters_max = 64;

// Letters of a prefix that turns a word around.
std::size_t negative_prefix(const char32_t* letters, std::size_t n) {
  constexpr std::size_t rest_min = 5;
  static constexpr std::array<std::u32string_view, 6> prefixes{U"non", U"dis", U"un",
                                                               U"in",  U"im",  U"ir"};
  for (const std::u32string_view prefix : prefixes) {
    if (n >= prefix.size() + rest_min && std::u32string_view(letters, prefix.size()) == prefix) {
      return prefix.size();
    }
  }
  return 0;
}

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

std::uint32_t classified(char32_t c) {
  if (c >= U'a' && c <= U'z') return c | letter_bit | ascii_bit;
  if (is_digit(c)) return c | digit_bit | ascii_bit;
  if (c < 0x80) return std::u32string_view(U".!?;\n").find(c) < 5 ? c | mark_bit : c;
  if (core::is_ideograph(c)) return c | han_bit;
  return c | (core::has_any(c, core::fact::letter) ? letter_bit : mark_bit);
}

double han_unit(char32_t c) {
  switch (c) {
    case U'十': return 10;
    case U'百': return 100;
    case U'千': return 1000;
    case U'万': return 1e4;
    case U'亿': return 1e8;
    default: return 0;
  }
}

// Positional ("二〇一五") or with units ("三百二十"); both with arithmetic of doubles.
class HanNumber {
 public:
  void digit(int d) {
    positional_ = positional_ * 10 + d;
    current_ = current_ >= 0 && !used_unit_ ? current_ * 10 + d : d;
  }
  void unit(double u) {
    used_unit_ = true;
    if (u >= 1e4) {
      total_ = (total_ + section_ + std::max(current_, 0.0)) * u;
      section_ = 0;
    } else {
      section_ += (current_ < 0 ? 1 : std::max(current_, 1.0)) * u;
    }
    current_ = -1;
  }
  [[nodiscard]] double value() const {
    return used_unit_ ? total_ + section_ + std::max(current_, 0.0) : positional_;
  }

 private:
  double total_ = 0;
  double section_ = 0;
  double current_ = -1;
  double positional_ = 0;
  bool used_unit_ = false;
};

}  // namespace

std::uint64_t word_hash(std::string_view lower_ascii) noexcept {
  WordHash hash;
  for (const char c : lower_ascii) hash.add(static_cast<unsigned char>(c));
  return hash.value();
}

void Tokenizer::assign(std::string_view raw) {
  at_ = 0;
  sentence_open_ = false;
  last_letters_ = 0;
  end_ = fold(Folding::instance(), raw);
  std::fill_n(points_.begin() + static_cast<std::ptrdiff_t>(end_), sentinels, 0);
}

const std::array<std::uint32_t, 0x80>& Tokenizer::ascii_points(const Folding& folding) {
  static const auto table = [&] {
    std::array<std::uint32_t, 0x80> made{};
    for (std::size_t c = 0; c < made.size(); ++c) {
      const char folded = folding.fold_ascii(static_cast<std::uint8_t>(c));
      if (folded != '\0') made[c] = classified(static_cast<char32_t>(folded));
      if (c >= 'A' && c <= 'Z') made[c] |= upper_bit;
    }
    return made;
  }();
  return table;
}

// There is always room for each byte still to be read, for one character that grows, and behind it.
std::size_t Tokenizer::fold(const Folding& folding, std::string_view raw) {
  constexpr std::size_t spare = Folding::expansion_max + sentinels;
  const auto& ascii = ascii_points(folding);
  if (points_.size() < raw.size() + spare) points_.resize(raw.size() + spare);
  const std::size_t size = raw.size();
  const auto* in = reinterpret_cast<const std::uint8_t*>(raw.data());
  std::uint32_t* out = points_.data();
  for (std::size_t i = 0; i < size;) {
    // What is printable stays one point.
    for (; size - i >= 8 && bytes::all_printable(bytes::load(raw.data() + i, 8)); i += 8) {
      for (std::size_t k = 0; k < 8; ++k) out[k] = ascii[in[i + k]];
      out += 8;
    }
    for (; i < size && in[i] < 0x80; ++i) {
      *out = ascii[in[i]];
      out += *out != 0 ? 1 : 0;
    }
    for (; size - i >= 3; i += 3) {
      const char32_t c = core::utf8_three_bytes(raw.data() + i);
      if (!core::is_ideograph(c) || !folding.unchanged(c)) break;
      *out++ = c | han_bit;
    }
    if (i == size || in[i] < 0x80) continue;
    const char32_t point = core::utf8_next(raw, i);
    std::array<char32_t, Folding::expansion_max> to{};
    const std::size_t count = folding.fold(point, to.data());
    for (std::size_t k = 0; k < count; ++k) *out++ = classified(to[k]);
    const bool capital = point < 0x2E80 && core::has_any(point, core::fact::capital);
    if (capital && count == 1) out[-1] |= upper_bit;
    const auto written = static_cast<std::size_t>(out - points_.data());
    if (points_.size() - written >= size - i + spare) continue;
    points_.resize(2 * points_.size());
    out = points_.data() + written;
  }
  return static_cast<std::size_t>(out - points_.data());
}

// At the end and up to `sentinels` behind it: 0.
char32_t Tokenizer::at(std::size_t i) const noexcept { return points_[i] & point_bits; }

bool Tokenizer::letter(std::size_t i) const noexcept { return (points_[i] & letter_bit) != 0; }

bool Tokenizer::next(Token& token) {
  token = Token{};
  for (; at_ < end_; ++at_) {
    const std::uint32_t point = points_[at_];
    if ((point & (letter_bit | digit_bit | han_bit)) != 0) {
      sentence_open_ = true;
      if ((point & letter_bit) != 0)
        read_word(token);
      else if ((point & digit_bit) != 0)
        read_digits(token);
      else
        read_han(token);
      return true;
    }
    if ((point & mark_bit) != 0 && read_mark(token)) {
      ++at_;
      return true;
    }
  }
  const bool open = sentence_open_;
  sentence_open_ = false;
  return open;
}

void Tokenizer::read_han(Token& token) {
  const char32_t c = at(at_);
  if (c == U'百' && at(at_ + 1) == U'分' && at(at_ + 2) == U'之' && read_percent(token)) return;
  if (is_numeral_han(c) && read_numeral(token)) return;
  token.kind = TokenKind::han;
  token.hash = c;
  last_letters_ = 0;
  ++at_;
}

bool Tokenizer::apostrophe(std::size_t i) const noexcept {
  const char32_t c = at(i);
  return (c == U'\'' || c == U'’') && letter(i + 1);
}

void Tokenizer::read_word(Token& token) {
  const std::size_t begin = at_;
  std::uint64_t packed = 0;
  std::size_t n = 0;
  for (const std::uint32_t* p = points_.data() + begin; n < 8 && (p[n] & ascii_bit) != 0; ++n)
    packed = packed << 8U | (p[n] & point_bits);
  at_ = begin + n;
  WordHash hash(packed);
  char32_t last = packed & 0xFFU;
  char32_t before_last = packed >> 8U & 0xFFU;
  if (n >= prefix_letters) {
    token.prefix = WordHash(packed >> 8U * (n - prefix_letters)).value_with(prefix_mark);
  }
  for (;; ++at_) {
    if ((points_[at_] & (letter_bit | digit_bit)) == 0) {
      if (!apostrophe(at_)) break;
      if (at(at_ + 1) != U's' || letter(at_ + 2)) continue;
      at_ += 2;
      break;
    }
    if (n == word_letters_max) continue;
    before_last = std::exchange(last, at(at_));
    hash.add(last);
    if (++n == prefix_letters) token.prefix = hash.value_with(prefix_mark);
  }
  token.kind = TokenKind::word;
  token.capital = (points_[begin] & upper_bit) != 0;
  token.letters = static_cast<std::uint32_t>(n);
  const bool plural = n > 4 && last == U's' && before_last != U's';
  if (plural) hash.take_back();
  const std::size_t stem = plural ? n - 1 : n;
  token.hash = hash.value();
  token.turned = hash.value_with(turned_mark);
  if (stem < prefix_letters) token.prefix = 0;
  strip(token, begin, stem);
  token.info = &word_info(token.hash);
  last_word_ = token.info;
  last_letters_ = token.letters;
  if (token.info->value > 0) {
    token.kind = TokenKind::number;
    token.value = token.info->value;
    token.weak = true;
    read_scale(token, 0);
  }
}

// Of the word at `begin`, the prefix that turns it around, if there is one.
void Tokenizer::strip(Token& token, std::size_t begin, std::size_t stem) const noexcept {
  const char32_t head = at(begin);
  const bool may = head == U'u' || head == U'i' || head == U'n' || head == U'd';
  if (!may || stem < turned_letters_min) return;
  std::array<char32_t, 3> letters{};
  std::size_t n = 0;
  for (std::size_t i = begin; n < letters.size(); ++i) {
    if ((points_[i] & (letter_bit | digit_bit)) != 0) letters[n++] = at(i);
  }
  const std::size_t skip = negative_prefix(letters.data(), stem);
  if (skip == 0) return;
  WordHash hash;
  n = 0;
  for (std::size_t i = begin; n < stem; ++i) {
    if ((points_[i] & (letter_bit | digit_bit)) != 0 && ++n > skip) hash.add(at(i));
  }
  token.stripped = hash.value();
  token.stripped_turned = hash.value_with(turned_mark);
}

void Tokenizer::read_digits(Token& token) {
  token.kind = TokenKind::number;
  std::size_t digits = 0;
  double unit = 1;
  bool fraction = false;
  for (;; ++at_) {
    const char32_t c = at(at_);
    if (is_digit(c)) {
      if (fraction) unit /= 10;
      if (++digits <= digits_max) token.value = token.value * 10 + static_cast<double>(c - U'0');
      continue;
    }
    const bool grouped = c == U',' && !fraction && is_digit(at(at_ + 1)) && is_digit(at(at_ + 2)) &&
                         is_digit(at(at_ + 3)) && !is_digit(at(at_ + 4));
    const bool point = c == U'.' && !fraction && is_digit(at(at_ + 1));
    if (!grouped && !point) break;
    fraction = fraction || point;
  }
  token.letters = static_cast<std::uint32_t>(digits);
  token.value *= unit;
  token.tolerance = fraction ? unit / 2 : 0;
  last_letters_ = 0;
  read_scale(token, unit);
}

// "million", "bn", "%", 万, 亿 after a number. `unit`: value of its last written digit; 0: a word.
void Tokenizer::read_scale(Token& token, double unit) {
  std::size_t i = at_;
  double scale = 1;
  for (double u = han_unit(at(i)); u >= 1000; u = han_unit(at(i))) {
    scale *= u;
    ++i;
  }
  if (scale == 1) {
    while (at(i) == U' ' || at(i) == U'-') ++i;
    WordHash hash;
    const std::size_t begin = i;
    for (; letter(i) && i < begin + 10; ++i) hash.add(at(i));
    scale = i > begin && !letter(i) ? word_info(hash.value()).scale : 0;
    if (scale == percent_scale) token.percent = true;
    if (scale == 0) {
      i = begin;
      scale = 1;
    }
    if (token.percent) scale = 1;
    if (at(begin) == U'%') {
      token.percent = true;
      i = begin + 1;
    }
    if (scale == 1 && !token.percent) return;
  }
  at_ = i;
  token.value *= scale;
  if (unit > 0 && scale > 1) token.tolerance = unit * scale / 2;
  token.weak = token.weak && scale == 1 && !token.percent;
}

// 百分之十二, 百分之12.5
bool Tokenizer::read_percent(Token& token) {
  const std::size_t begin = at_;
  at_ += 3;
  if (is_digit(at(at_)))
    read_digits(token);
  else if (!read_numeral(token)) {
    at_ = begin;
    return false;
  }
  token.percent = true;
  token.weak = false;
  return true;
}

// A run of Han digits and units. A lone digit is weak: 一 is more often "a" than 1.
bool Tokenizer::read_numeral(Token& token) {
  HanNumber number;
  std::size_t i = at_;
  std::size_t digits = 0;
  for (;; ++i) {
    const int digit = han_digit(at(i));
    const double unit = han_unit(at(i));
    if (digit < 0 && (unit == 0 || (digits == 0 && unit > 10))) break;
    if (digit >= 0)
      number.digit(digit);
    else
      number.unit(unit);
    if (++digits > digits_max) break;
  }
  if (digits == 0) return false;
  token.kind = TokenKind::number;
  token.value = number.value();
  token.weak = digits == 1;
  token.letters = static_cast<std::uint32_t>(digits);
  at_ = i;
  last_letters_ = 0;
  return true;
}

bool Tokenizer::abbreviation() const noexcept {
  return last_letters_ == 1 || (last_letters_ != 0 && last_word_->abbreviation);
}

bool Tokenizer::read_mark(Token& token) {
  const char32_t c = at(at_);
  if (c == U'《' || c == U'〈')
    token.kind = TokenKind::open_title;
  else if (c == U'》' || c == U'〉')
    token.kind = TokenKind::close_title;
  if (token.kind != TokenKind::stop) return true;
  const char32_t after = at(at_ + 1);
  const bool spaced = after == 0 || after == U' ' || after == U'\n' || after == U'"' ||
                      after == U'”' || after == U'\'' || after == U')';
  const bool question = c == U'?' || c == U'？';
  const bool stop = question || c == U'!' || c == U'！' || c == U'。' || c == U';' || c == U'；' ||
                    c == U'\n' || (c == U'.' && spaced && !abbreviation());
  if (!stop || !sentence_open_) return false;
  sentence_open_ = false;
  token.question = question;
  return true;
}

void Tokenizer::trim() {
  if (points_.capacity() > keep_points_max) std::vector<std::uint32_t>().swap(points_);
}

}  // namespace menshen::detectors::scoring
