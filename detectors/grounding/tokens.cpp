#include "detectors/grounding/tokens.h"

#include "detectors/scoring/folding.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace menshen::detectors::scoring {
namespace {

constexpr char32_t upper_bit = 1U << 24U;
constexpr std::size_t keep_points_max = 64 * 1024;
constexpr std::size_t prefix_letters = 5;
constexpr std::size_t digits_max = 15;  // exact in a double
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
bool is_han(char32_t c) { return (c >= 0x3400 && c < 0xA000) || (c >= 0x20000 && c < 0x32000); }

bool is_letter(char32_t c) {
  if (c < 0x80) return c >= U'a' && c <= U'z';
  return !is_han(c) && u_isalpha(static_cast<UChar32>(c)) != 0;
}

int han_digit(char32_t c) {
  switch (c) {
    case U'〇':
    case U'零': return 0;
    case U'一': return 1;
    case U'二':
    case U'两': return 2;
    case U'三': return 3;
    case U'四': return 4;
    case U'五': return 5;
    case U'六': return 6;
    case U'七': return 7;
    case U'八': return 8;
    case U'九': return 9;
    default: return -1;
  }
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
  std::uint64_t hash = 1;
  for (const char c : lower_ascii) hash = hash_step(hash, static_cast<unsigned char>(c));
  return hash;
}

core::Result<void> Tokenizer::assign(std::string_view raw) {
  const auto& folding = Folding::instance();
  if (!folding) return folding.error();
  points_.clear();
  at_ = 0;
  sentence_open_ = false;
  last_letters_ = 0;
  const auto size = static_cast<std::int64_t>(raw.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(raw.data());
  std::array<char32_t, Folding::expansion_max> out{};
  for (std::int64_t i = 0; i < size;) {
    std::int32_t c = 0;
    U8_NEXT_OR_FFFD(bytes, i, size, c);
    const auto point = static_cast<char32_t>(c);
    std::size_t n = (*folding)->fold(point, out.data());
    const bool capital = point < 0x80 ? point >= U'A' && point <= U'Z'
                                      : point < 0x2E80 && n == 1 && u_isupper(c) != 0;
    if (capital && n == 1) out[0] |= upper_bit;
    for (std::size_t k = 0; k < n; ++k) points_.push_back(out[k]);
  }
  return {};
}

char32_t Tokenizer::at(std::size_t i) const noexcept {
  return i < points_.size() ? points_[i] & ~upper_bit : U'\0';
}

bool Tokenizer::upper(std::size_t i) const noexcept {
  return i < points_.size() && (points_[i] & upper_bit) != 0;
}

bool Tokenizer::next(Token& token) {
  for (; at_ < points_.size(); ++at_) {
    const char32_t c = at(at_);
    token = Token{};
    if (c == U'百' && at(at_ + 1) == U'分' && at(at_ + 2) == U'之') {
      if (read_percent(token)) return true;
    }
    if (is_letter(c)) {
      read_word(token);
      sentence_open_ = true;
      return true;
    }
    if (is_digit(c)) {
      read_digits(token);
      sentence_open_ = true;
      return true;
    }
    if (is_han(c)) {
      sentence_open_ = true;
      if (read_numeral(token)) return true;
      token.kind = TokenKind::han;
      token.hash = c;
      last_letters_ = 0;
      ++at_;
      return true;
    }
    if (read_mark(token)) {
      ++at_;
      return true;
    }
  }
  if (!sentence_open_) return false;
  sentence_open_ = false;
  token = Token{};
  return true;
}

void Tokenizer::read_word(Token& token) {
  std::array<char32_t, word_letters_max> letters;
  std::size_t n = 0;
  token.kind = TokenKind::word;
  token.capital = upper(at_);
  for (; at_ < points_.size(); ++at_) {
    const char32_t c = at(at_);
    const bool apostrophe = (c == U'\'' || c == U'’') && is_letter(at(at_ + 1));
    if (apostrophe && at(at_ + 1) == U's' && !is_letter(at(at_ + 2))) {
      at_ += 2;
      break;
    }
    if (!is_letter(c) && !is_digit(c) && !apostrophe) break;
    if (!apostrophe && n < word_letters_max) letters[n++] = c;
  }
  token.letters = static_cast<std::uint32_t>(n);
  std::size_t stem = n;
  if (n > 4 && letters[n - 1] == U's' && letters[n - 2] != U's') --stem;
  token.hash = 1;
  token.prefix = 1;
  for (std::size_t i = 0; i < stem; ++i) {
    token.hash = hash_step(token.hash, letters[i]);
    if (i < prefix_letters) token.prefix = token.hash;
  }
  if (const std::size_t skip = negative_prefix(letters.data(), stem); skip != 0) {
    token.stripped = 1;
    for (std::size_t i = skip; i < stem; ++i)
      token.stripped = hash_step(token.stripped, letters[i]);
  }
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

void Tokenizer::read_digits(Token& token) {
  token.kind = TokenKind::number;
  std::size_t digits = 0;
  double unit = 1;
  bool fraction = false;
  for (; at_ < points_.size(); ++at_) {
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
    std::uint64_t hash = 1;
    const std::size_t begin = i;
    for (; is_letter(at(i)) && i < begin + 10; ++i) hash = hash_step(hash, at(i));
    scale = i > begin && !is_letter(at(i)) ? word_info(hash).scale : 0;
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
  sentence_open_ = true;
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
  if (points_.capacity() > keep_points_max) std::vector<char32_t>().swap(points_);
}

}  // namespace menshen::detectors::scoring
