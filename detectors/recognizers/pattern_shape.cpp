#include "detectors/recognizers/pattern_shape.h"

#include "core/utf8.h"
#include "detectors/recognizers/pattern_width.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

namespace menshen::detectors {
namespace {

using Bytes = PatternShape::Bytes;
using Width = PatternWidth;
constexpr std::size_t unbounded = PatternShape::unbounded;
constexpr std::size_t prefix_bytes = PatternShape::prefix_bytes;

// Has a flag i somewhere.
bool may_fold(std::string_view pattern) {
  constexpr std::string_view flags = "imsU-";
  for (std::size_t at = pattern.find("(?"); at != std::string_view::npos;
       at = pattern.find("(?", at + 2)) {
    const std::string_view set = pattern.substr(at + 2);
    if (set.substr(0, set.find_first_not_of(flags)).find('i') != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// Reads once from left to right; open groups stand on a stack of its own, so that depth costs no
// stack of the program's.
class ShapeReader {
 public:
  explicit ShapeReader(std::string_view pattern) : text_(pattern), folds_(may_fold(pattern)) {}

  PatternShape read() {
    open_.emplace_back();
    while (at_ < text_.size()) step();
    while (open_.size() > 1) close_group();
    const Width all = finished(open_.back());
    shape_.bytes_min = all.min;
    shape_.bytes_max = all.max;
    shape_.prefix = all.prefix;
    shape_.branches = all.branches;
    shape_.tail = all.tail;
    shape_.bytes_ahead = all.ahead;
    return shape_;
  }

 private:
  struct Group {
    Width before{};  // alternatives that are read: the least and the most of them
    bool has_before = false;
    Width sequence{};  // of this alternative, but for its last piece
    Width last{};      // which a repetition may be about
  };

  void step() {
    const char c = text_[at_];
    switch (c) {
      case '(': return open_group();
      case ')': ++at_; return close_group();
      case '|': ++at_; return end_alternative(open_.back());
      case '*':
      case '+':
      case '?':
      case '{': return repeat(c);
      case '[': return piece(read_class());
      case '.': ++at_; return piece(Width::any(1, 4));
      case '^':
      case '$':
        ++at_;
        shape_.anchored = true;
        return piece({});
      case '\\': return read_escape();
      default: return read_character();
    }
  }

  static void join(Group& group) {
    group.sequence = followed(group.sequence, group.last);
    group.last = {};
  }
  void piece(const Width& width) {
    join(open_.back());
    open_.back().last = width;
  }
  static void end_alternative(Group& group) {
    join(group);
    group.before = group.has_before ? either(group.before, group.sequence) : group.sequence;
    group.has_before = true;
    group.sequence = {};
  }
  static Width finished(Group& group) {
    end_alternative(group);
    return group.before;
  }

  void open_group() {
    ++at_;
    if (text_.substr(at_).starts_with("?")) {
      // Flags up to ':' begin a group, flags up to ')' none; a name stands in <>.
      const std::size_t end = text_.find_first_of(":)>", at_);
      const bool flags_alone = end != std::string_view::npos && text_[end] == ')';
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
      if (flags_alone) return;
    }
    open_.emplace_back();
  }
  void close_group() {
    if (open_.size() == 1) return;
    const Width width = finished(open_.back());
    open_.pop_back();
    piece(width);
  }

  void repeat(char c) {
    if (c == '{') return repeat_counted();
    ++at_;
    Width& last = open_.back().last;
    last = repeated(last, c == '+' ? 1 : 0, c == '?' ? 1 : unbounded);
    skip_lazy();
  }
  void skip_lazy() {
    if (at_ < text_.size() && text_[at_] == '?') ++at_;
  }
  void repeat_counted() {
    std::size_t at = at_ + 1;
    const std::size_t digits = at;
    const std::size_t least = number(at);
    std::size_t most = least;
    const bool counted = at > digits;
    if (at < text_.size() && text_[at] == ',') {
      const std::size_t from = ++at;
      most = number(at);
      if (at == from) most = unbounded;
    }
    if (!counted || at >= text_.size() || text_[at] != '}') return read_character();
    at_ = at + 1;
    Width& last = open_.back().last;
    last = repeated(last, least, most);
    skip_lazy();
  }
  std::size_t number(std::size_t& at) const {
    std::size_t value = 0;
    for (; at < text_.size() && is_digit(text_[at]); ++at) {
      value = capped_bytes(value * 10 + static_cast<std::size_t>(text_[at] - '0'));
    }
    return value;
  }

  void read_character() {
    const core::Utf8Character c = core::utf8_at(text_, at_);
    const std::string_view bytes = text_.substr(at_, c.bytes);
    at_ += c.bytes;
    read_literal(bytes);
  }
  void read_literal(std::string_view bytes) {
    if (bytes.size() == 1) return piece(ascii(bytes.front()));
    if (folds_) return piece(Width::any(1, 4));
    Width width{.min = bytes.size(), .max = bytes.size()};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      width.prefix[i].reset();
      width.prefix[i].set(static_cast<unsigned char>(bytes[i]));
    }
    width.first = width.prefix[0];
    for (const char byte : bytes) width.all.set(static_cast<unsigned char>(byte));
    piece(width);
  }
  // Where case may be folded, k and s stand for the sign of Kelvin and the long s too.
  [[nodiscard]] Width ascii(char c) const {
    Bytes bytes;
    set(bytes, static_cast<unsigned char>(c));
    const bool wide = folds_ && (to_lower(c) == 'k' || to_lower(c) == 's');
    return wide ? Width::any(1, 3) : Width::of(bytes, false);
  }
  void set(Bytes& bytes, unsigned char c) const {
    bytes.set(c);
    if (folds_ && is_letter(static_cast<char>(c))) bytes.set(c ^ 0x20U);
  }
  static Bytes beyond_ascii() {
    Bytes bytes;
    for (std::size_t c = 0x80; c < bytes.size(); ++c) bytes.set(c);
    return bytes;
  }
  // \d, \w, \s; of others, what is no class of ASCII alone, nothing.
  static Bytes class_of(char name) {
    Bytes bytes;
    for (unsigned c = 0; c < 0x80; ++c) {
      const char ascii = static_cast<char>(c);
      const bool in = name == 'd'   ? is_digit(ascii)
                      : name == 'w' ? is_alnum(ascii) || ascii == '_'
                      : name == 's' ? ascii == ' ' || (c >= 0x09 && c <= 0x0D && c != 0x0B)
                                    : false;
      bytes.set(c, in);
    }
    return bytes;
  }

  Width read_class() {
    ++at_;
    const bool negated = text_.substr(at_).starts_with("^");
    if (negated) ++at_;
    Bytes bytes;
    bool wide = false;
    for (bool first = true; at_ < text_.size() && (first || text_[at_] != ']'); first = false) {
      read_range(bytes, wide);
    }
    at_ = std::min(at_ + 1, text_.size());
    if (wide || negated || folds_) {
      // What it has beyond ASCII is not read; and what is folded may be there.
      const Bytes ascii = negated && !wide ? ~bytes : wide ? Bytes().set() : bytes;
      return Width::of(ascii | beyond_ascii(), true);
    }
    return Width::of(bytes, false);
  }
  // One member, or a range of them; `wide`: more than is told by its bytes.
  void read_range(Bytes& bytes, bool& wide) {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("[:")) {
      wide = wide || rest.starts_with("[:^");
      for (unsigned c = 0; c < 0x80; ++c) bytes.set(c);
      at_ += std::min(rest.find(":]"), rest.size() - 2) + 2;
      return;
    }
    const int from = read_member(bytes, wide);
    const bool range =
        from >= 0 && at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']';
    if (!range) return;
    ++at_;
    const int to = read_member(bytes, wide);
    if (to < 0) wide = true;
    for (int c = from; c <= to; ++c) set(bytes, static_cast<unsigned char>(c));
  }
  // A character of ASCII, which is added and returned; -1: something else.
  int read_member(Bytes& bytes, bool& wide) {
    const char c = text_[at_++];
    if (c != '\\' || at_ >= text_.size()) {
      if (static_cast<unsigned char>(c) >= 0x80) {
        wide = true;
        return -1;
      }
      set(bytes, static_cast<unsigned char>(c));
      return static_cast<unsigned char>(c);
    }
    const char name = text_[at_++];
    if (name == 'x') {
      const char32_t code = read_code();
      if (code < 0x80) set(bytes, static_cast<unsigned char>(code));
      wide = wide || code >= 0x80;
      return code < 0x80 ? static_cast<int>(code) : -1;
    }
    if (name == 'd' || name == 'w' || name == 's') {
      bytes |= class_of(name);
      return -1;
    }
    if (is_alnum(name)) {
      wide = true;
      if (name == 'p' || name == 'P') skip_braces();
      return -1;
    }
    set(bytes, static_cast<unsigned char>(name));
    return static_cast<unsigned char>(name);
  }

  void read_escape() {
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\\';
    at_ += 2;
    switch (c) {
      case 'A':
      case 'z': shape_.anchored = true; return piece({});
      case 'b':
      case 'B': return piece({});
      case 'C': shape_.splits = true; return piece(Width::any(1, 1));
      case 'd':
      case 'w':
      case 's': return piece(folds_ ? Width::any(1, 4) : Width::of(class_of(c), false));
      case 'D':
      case 'W':
      case 'S': return piece(Width::any(1, 4));
      case 'p':
      case 'P': skip_braces(); return piece(Width::any(1, 4));
      case 'x': {
        std::string utf8;
        core::append_utf8(utf8, read_code());
        return read_literal(utf8);
      }
      case 'Q': return read_quoted();
      default: break;
    }
    if (!is_alnum(c))
      return piece(static_cast<unsigned char>(c) < 0x80 ? ascii(c) : Width::any(1, 4));
    // A code of up to three octal digits, or a control character.
    for (int more = 0; more < 2 && is_digit(c) && at_ < text_.size() && is_digit(text_[at_]);
         ++more) {
      ++at_;
    }
    piece(Width::any(1, is_digit(c) ? 2 : 1));
  }
  // A name in braces, or so many characters: what stands there.
  std::string_view skip_braces(std::size_t characters = 1) {
    const std::size_t begin = at_;
    if (at_ < text_.size() && text_[at_] == '{') {
      const std::size_t end = std::min(text_.find('}', at_), text_.size());
      at_ = std::min(end + 1, text_.size());
      return text_.substr(begin + 1, end - begin - 1);
    }
    at_ = std::min(at_ + characters, text_.size());
    return text_.substr(begin, at_ - begin);
  }
  // Of \x41 or \x{4e00}.
  char32_t read_code() {
    const std::string_view digits = skip_braces(2);
    std::uint32_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return value < 0x110000 ? value : core::replacement_character;
  }
  void read_quoted() {
    const std::size_t end = std::min(text_.find("\\E", at_), text_.size());
    while (at_ < end) read_character();
    at_ = std::min(end + 2, text_.size());
  }

  std::string_view text_;
  bool folds_;
  std::size_t at_ = 0;
  std::vector<Group> open_;
  PatternShape shape_;
};

}  // namespace

PatternShape shape_of(std::string_view pattern) { return ShapeReader(pattern).read(); }

}  // namespace menshen::detectors
