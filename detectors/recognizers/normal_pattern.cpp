#include "detectors/recognizers/normal_pattern.h"

#include "core/utf8.h"
#include "detectors/text/normal_form.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

namespace menshen::detectors {
namespace {

constexpr char32_t range_members_max = 256;

std::string hex_of(char32_t c) {
  std::string out;
  for (unsigned shift = 20; shift > 0; shift -= 4) {
    const std::size_t digit = c >> shift & 0xFU;
    if (!out.empty() || digit != 0 || shift <= 12) out += "0123456789ABCDEF"[digit];
  }
  return out + "0123456789ABCDEF"[c & 0xFU];
}

std::string escaped(char32_t c) {
  std::string out;
  if (c < 0x80) return "\\x{" + hex_of(c) + "}";
  core::append_utf8(out, c);
  return out;
}

std::vector<char32_t> points_of(std::string_view text) {
  std::vector<char32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    const core::ValidUtf8 c = core::valid_utf8_at(text.data() + at);
    out.push_back(c.point);
    at += c.bytes;
  }
  return out;
}

// What texts show for it. ASCII is what is typed.
std::vector<char32_t> shown(char32_t c) {
  if (c < 0x80) return {c};
  std::string utf8;
  core::append_utf8(utf8, c);
  return points_of(normal_form(utf8));
}

// Signs that texts show as they stand, half or full in width (，, ；, ！): of one the other. 0:
// there is none.
char32_t other_width(char32_t c) {
  const char32_t half = half_width(c);
  const char32_t wide = half != 0 ? c : c + full_width_apart;
  const bool sign = c < 0x7F && c > 0x20 && !is_alnum(static_cast<char>(c));
  if ((half == 0 && !sign) || shown(wide) != std::vector<char32_t>{wide}) return 0;
  return half != 0 ? half : wide;
}

std::string never_shown(char32_t c) {
  return "No text shows the character U+" + hex_of(c) +
         " of this pattern to it (invisible characters and marks on letters are left out of "
         "texts): "
         "leave it out.";
}

// Reads once from left to right.
class PatternWriter {
 public:
  explicit PatternWriter(std::string_view pattern) : text_(pattern) {}

  NormalPattern write() {
    while (at_ < text_.size() && out_.fault.empty()) step();
    return std::move(out_);
  }

 private:
  struct Member {
    char32_t point = 0;
    bool typed = false;  // a character, and no name of several
  };

  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void copy(std::size_t bytes) {
    bytes = std::min(bytes, text_.size() - at_);
    out_.text.append(text_, at_, bytes);
    at_ += bytes;
  }
  // Up to and with `end`, or all.
  void copy_through(std::string_view end) {
    const std::size_t found = rest().find(end);
    copy(found == std::string_view::npos ? text_.size() : found + end.size());
  }

  void step() {
    if (rest().starts_with("\\Q")) return quoted();
    if (rest().starts_with("(?P<")) return copy_through(">");
    if (text_[at_] == '[') return members();
    // How often: its comma is none of the text.
    if (text_[at_] == '{' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
      return copy_through("}");
    }
    const std::size_t begin = at_;
    const Member typed = read_character();
    if (!typed.typed || typed.point < 0x80) {
      written(text_.substr(begin, at_ - begin));
    } else {
      literal(typed.point);
    }
  }
  void quoted() {
    const std::size_t end = std::min(text_.find("\\E", at_), text_.size());
    at_ += 2;
    while (at_ < end && out_.fault.empty()) {
      const core::Utf8Character c = core::utf8_at(text_, at_);
      if (c.point < 0x80) {
        if (is_alnum(text_[at_])) {
          out_.text += text_[at_];
        } else {
          literal(c.point);
        }
      } else {
        literal(c.point);
      }
      at_ += c.bytes;
    }
    at_ = std::min(end + 2, text_.size());
  }
  // ASCII as it was written, outside of a set: a sign, a class, an operator.
  void written(std::string_view part) {
    constexpr std::string_view no_operators = "!\"&,;<>`";
    const bool escape = part.size() == 2 && part[0] == '\\' && !is_alnum(part[1]);
    const bool plain = part.size() == 1 && no_operators.find(part[0]) != part.npos;
    const char32_t twin =
        escape || plain ? other_width(static_cast<unsigned char>(part.back())) : 0;
    if (twin == 0) {
      out_.text += part;
    } else {
      out_.text.append("[").append(part).append(escaped(twin)).append("]");
    }
  }
  // As one piece, which may be repeated.
  void literal(char32_t c) {
    if (const char32_t twin = other_width(c); twin != 0) {
      out_.text.append("[").append(escaped(c)).append(escaped(twin)).append("]");
      return;
    }
    const std::vector<char32_t> points = shown(c);
    if (points.empty()) out_.fault = never_shown(c);
    if (points.size() > 1) out_.text += "(?:";
    for (const char32_t point : points) out_.text += escaped(point);
    if (points.size() > 1) out_.text += ")";
  }

  // A character as it stands or as \x{...}; else an escape of two bytes or a name, which is none.
  Member read_character() {
    if (text_[at_] != '\\' || at_ + 1 >= text_.size()) {
      const core::Utf8Character c = core::utf8_at(text_, at_);
      at_ += c.bytes;
      return {c.point, c.valid};
    }
    const char name = text_[at_ + 1];
    at_ += 2;
    if (name == 'p' || name == 'P') {
      const std::size_t end = rest().starts_with("{") ? text_.find('}', at_) : at_;
      at_ = std::min(end == std::string_view::npos ? text_.size() : end + 1, text_.size());
    }
    return name == 'x' ? read_code() : Member{};
  }
  Member read_code() {
    std::string_view digits = rest().substr(0, 2);
    std::size_t bytes = digits.size();
    if (digits.starts_with("{")) {
      const std::size_t end = std::min(rest().find('}'), rest().size());
      digits = rest().substr(1, end - 1);
      bytes = std::min(end + 1, rest().size());
    }
    at_ += bytes;
    std::uint32_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool whole = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
    return {value, whole && value < 0x110000 && (value < 0xD800 || value > 0xDFFF)};
  }

  void members() {
    copy(rest().starts_with("[^") ? 2 : 1);
    for (bool first = true; at_ < text_.size() && out_.fault.empty(); first = false) {
      if (text_[at_] == ']' && !first) return copy(1);
      if (rest().starts_with("[:")) {
        copy_through(":]");
        continue;
      }
      member();
    }
  }
  void member() {
    const std::size_t begin = at_;
    const Member from = read_character();
    Member to = from;
    const bool range =
        from.typed && at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']';
    if (range) {
      ++at_;
      to = read_character();
    }
    const bool several = range && to.typed && to.point >= from.point;
    if (several && to.point >= 0x80 && to.point - from.point < range_members_max) {
      return range_of(from.point, to.point);
    }
    const std::vector<char32_t> points = from.typed ? shown(from.point) : std::vector<char32_t>{};
    const char32_t twin = from.typed && !range ? other_width(from.point) : 0;
    if (range || !from.typed || from.point < 0x80) {
      out_.text.append(text_, begin, at_ - begin);
    } else if (points.empty()) {
      out_.fault = never_shown(from.point);
    } else if (points.size() > 1) {
      out_.fault = "The character U+" + hex_of(from.point) +
                   " of this set shows as several in texts: write it outside of the set.";
    } else {
      out_.text += escaped(points[0]);
    }
    if (twin != 0) out_.text += escaped(twin);
  }
  // Those that show nothing, or several characters, can never be met.
  void range_of(char32_t from, char32_t to) {
    std::vector<char32_t> points;
    for (char32_t c = from; c <= to; ++c) {
      if (const auto one = shown(c); one.size() == 1) points.push_back(one[0]);
    }
    if (points.empty()) out_.fault = never_shown(from);
    std::ranges::sort(points);
    points.erase(std::unique(points.begin(), points.end()), points.end());
    for (std::size_t i = 0; i < points.size();) {
      std::size_t last = i;
      while (last + 1 < points.size() && points[last + 1] == points[last] + 1) ++last;
      out_.text += escaped(points[i]);
      if (last > i) out_.text += "-" + escaped(points[last]);
      i = last + 1;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  NormalPattern out_;
};

}  // namespace

NormalPattern normal_pattern(std::string_view pattern) { return PatternWriter(pattern).write(); }

}  // namespace menshen::detectors
