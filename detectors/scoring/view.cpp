#include "detectors/scoring/view.h"

#include "detectors/scoring/folding.h"

#include <unicode/utf8.h>

#include <array>
#include <cstdint>

namespace menshen::detectors::scoring {
namespace {

constexpr std::size_t keep_bytes_max = 256 * 1024;
constexpr std::size_t spaced_letters_min = 4;

bool is_letter(char32_t c) { return c >= U'a' && c <= U'z'; }
bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_alnum(char32_t c) { return is_letter(c) || is_digit(c); }
bool is_joiner(char32_t c) { return c == U' ' || c == U'.' || c == U'-' || c == U'_' || c == U'*'; }

char32_t letter_of(char32_t c) {
  switch (c) {
    case U'0': return U'o';
    case U'1': return U'i';
    case U'3': return U'e';
    case U'4': return U'a';
    case U'5': return U's';
    case U'7': return U't';
    case U'@': return U'a';
    case U'$': return U's';
    default: return 0;
  }
}

// Length of a run "i g n o r e" at `at`, in code points; 0 when there is none.
std::size_t spaced_run(std::u32string_view p, std::size_t at) {
  if (at > 0 && is_alnum(p[at - 1])) return 0;
  const char32_t joiner = at + 1 < p.size() ? p[at + 1] : 0;
  if (!is_letter(p[at]) || !is_joiner(joiner)) return 0;
  std::size_t i = at;
  std::size_t letters = 1;
  while (i + 2 < p.size() && p[i + 1] == joiner) {
    std::size_t next = i + 2;
    while (next < p.size() && next < i + 4 && p[next] == U' ') ++next;  // wider gaps part words
    if (next >= p.size() || !is_alnum(p[next])) break;
    if (next + 1 < p.size() && is_alnum(p[next + 1])) break;
    i = next;
    ++letters;
  }
  return letters >= spaced_letters_min ? i + 1 - at : 0;
}

// A word that mixes letters and digits which stand for letters: its length, or 0.
std::size_t disguised_word(std::u32string_view p, std::size_t at) {
  if (at > 0 && (is_alnum(p[at - 1]) || letter_of(p[at - 1]) != 0)) return 0;
  std::size_t letters = 0;
  std::size_t digits = 0;
  std::size_t run = 0;
  bool inside = false;  // digits between letters; "10am" and "gpt4" have none
  std::size_t i = at;
  for (; i < p.size() && (is_letter(p[i]) || letter_of(p[i]) != 0); ++i) {
    if (!is_letter(p[i])) {
      ++digits;
      ++run;
      continue;
    }
    inside = inside || (letters > 0 && run > 0);
    run = 0;
    ++letters;
  }
  if (i < p.size() && is_digit(p[i])) return 0;
  return inside && letters + digits >= 4 && digits <= letters + 1 ? i - at : 0;
}

// Writes into room that the caller has made: at most four bytes for each code point.
class Writer {
 public:
  explicit Writer(char* begin) : begin_(begin), at_(begin) {}
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

  void put(char32_t c) noexcept {
    if (c < 0x80) {
      *at_++ = static_cast<char>(c);
      return;
    }
    std::size_t n = 0;
    U8_APPEND_UNSAFE(reinterpret_cast<std::uint8_t*>(at_), n, c);
    at_ += n;
  }

  // One blank for a run of white space, a line break when it holds one; none at the start.
  void blank(char32_t c) noexcept {
    if (at_ == begin_ || at_[-1] == '\n') return;
    if (at_[-1] != ' ')
      *at_++ = static_cast<char>(c);
    else if (c == U'\n')
      at_[-1] = '\n';
  }

 private:
  char* begin_;
  char* at_;
};

void write_folded(std::u32string_view p, Writer& out) {
  for (std::size_t i = 0; i < p.size();) {
    if (const std::size_t run = spaced_run(p, i); run != 0) {
      const char32_t joiner = p[i + 1];
      for (const std::size_t end = i + run; i < end; ++i) {
        if (is_alnum(p[i]))
          out.put(p[i]);
        else if (i > 0 && !is_alnum(p[i - 1]) && (p[i] == U' ' || p[i] != joiner))
          out.blank(U' ');
      }
      continue;
    }
    if (const std::size_t word = disguised_word(p, i); word != 0) {
      for (const std::size_t end = i + word; i < end; ++i) {
        out.put(is_letter(p[i]) ? p[i] : letter_of(p[i]));
      }
      continue;
    }
    if (p[i] == U' ' || p[i] == U'\n')
      out.blank(p[i]);
    else
      out.put(p[i]);
    ++i;
  }
}

}  // namespace

core::Result<void> View::assign(std::string_view raw) {
  const auto& folding = Folding::instance();
  if (!folding) return folding.error();
  points_.clear();
  text.clear();
  tag_characters = 0;
  const auto size = static_cast<std::int64_t>(raw.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(raw.data());
  std::array<char32_t, Folding::expansion_max> out{};
  bool flag = false;
  for (std::int64_t i = 0; i < size;) {
    std::int32_t c = 0;
    U8_NEXT_OR_FFFD(bytes, i, size, c);
    const auto point = static_cast<char32_t>(c);
    const bool tag = point >= 0xE0020 && point < 0xE0080;
    flag = point == 0x1F3F4 || (flag && tag);
    if (tag && flag) continue;
    if (tag) ++tag_characters;
    const std::size_t n = (*folding)->fold(point, out.data());
    for (std::size_t k = 0; k < n; ++k) points_.push_back(out[k]);
  }
  text.resize(points_.size() * 4);
  Writer writer(text.data());
  write_folded({points_.data(), points_.size()}, writer);
  text.resize(writer.size());
  return {};
}

std::size_t sentence_mark(std::string_view text, std::size_t at) noexcept {
  const char c = text[at];
  if (c == '!' || c == '?' || c == ';' || c == '\n') return 1;
  if (c == '.') {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    return next == ' ' || next == '\n' || next == '"' || next == ')' ? 1 : 0;
  }
  const std::string_view rest = text.substr(at, 3);
  return rest == "。" || rest == "！" || rest == "？" || rest == "；" ? 3 : 0;
}

std::size_t View::sentence_end(std::size_t from) const noexcept {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (const std::size_t mark = sentence_mark(text, i); mark != 0) return i + mark;
  }
  return text.size();
}

void View::trim() {
  if (text.capacity() > keep_bytes_max) std::string().swap(text);
  if (points_.capacity() > keep_bytes_max) std::vector<char32_t>().swap(points_);
}

}  // namespace menshen::detectors::scoring
