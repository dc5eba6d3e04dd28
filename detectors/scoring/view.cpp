#include "detectors/scoring/view.h"

#include "core/utf8.h"
#include "detectors/scoring/bytes.h"
#include "detectors/text/folding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace menshen::detectors::scoring {
namespace {

constexpr std::size_t keep_bytes_max = 256 * 1024;
constexpr std::size_t slack_bytes = 8;  // letters are looked at eight at a time
constexpr std::size_t spaced_letters_min = 4;
constexpr std::uint8_t disguise = letter_byte | stand_in_byte;
constexpr std::uint8_t word_byte = letter_byte | digit_byte | stand_in_byte;

bool is(char c, std::uint8_t classes) { return (byte_class(c) & classes) != 0; }

char letter_of(char c) {
  switch (c) {
    case '0': return 'o';
    case '1': return 'i';
    case '3': return 'e';
    case '4': return 'a';
    case '5': return 's';
    case '7': return 't';
    case '@': return 'a';
    case '$': return 's';
    default: return c;
  }
}

// Length of a run "i g n o r e" at `at`; 0 when there is none.
std::size_t spaced_run(std::string_view p, std::size_t at) {
  if (at > 0 && is_word_byte(p[at - 1])) return 0;
  const char joiner = at + 1 < p.size() ? p[at + 1] : '\0';
  if (!is_letter(p[at]) || !is(joiner, joiner_byte)) return 0;
  std::size_t i = at;
  std::size_t letters = 1;
  while (i + 2 < p.size() && p[i + 1] == joiner) {
    std::size_t next = i + 2;
    while (next < p.size() && next < i + 4 && p[next] == ' ') ++next;  // wider gaps part words
    if (next >= p.size() || !is_word_byte(p[next])) break;
    if (next + 1 < p.size() && is_word_byte(p[next + 1])) break;
    i = next;
    ++letters;
  }
  return letters >= spaced_letters_min ? i + 1 - at : 0;
}

// A word that mixes letters and digits which stand for letters: its length, or 0.
std::size_t disguised_word(std::string_view p, std::size_t at) {
  if (at > 0 && is(p[at - 1], word_byte)) return 0;
  std::size_t letters = 0;
  std::size_t digits = 0;
  std::size_t run = 0;
  bool inside = false;  // digits between letters; "10am" and "gpt4" have none
  std::size_t i = at;
  for (; i < p.size() && is(p[i], disguise); ++i) {
    if (!is_letter(p[i])) {
      ++digits;
      ++run;
      continue;
    }
    inside = inside || (letters > 0 && run > 0);
    run = 0;
    ++letters;
  }
  if (i < p.size() && is(p[i], digit_byte)) return 0;
  return inside && letters + digits >= 4 && digits <= letters + 1 ? i - at : 0;
}

// Writes into room that the caller has made: what is read, and eight bytes for words().
class Writer {
 public:
  Writer(char* begin, std::vector<std::uint32_t>& marks, std::vector<std::uint32_t>& signs)
      : begin_(begin), at_(begin), marks_(marks), signs_(signs) {}
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

  void put(char c) noexcept { *at_++ = c; }

  void take_back(std::size_t bytes) noexcept { at_ -= bytes; }

  // Eight bytes, of which `kept` stay.
  void put_eight(const char* from, unsigned kept) noexcept {
    std::memcpy(at_, from, 8);
    at_ += kept;
  }

  void put_mark(char c) {
    marks_.push_back(static_cast<std::uint32_t>(size()));
    put(c);
  }

  void note_sign() { signs_.push_back(static_cast<std::uint32_t>(size())); }

  // One blank for a run of white space, a line break when it holds one; none at the start.
  void blank(char c) {
    if (at_ == begin_ || at_[-1] == '\n') return;
    if (c == '\n') {
      if (at_[-1] == ' ') --at_;
      return put_mark(c);
    }
    if (at_[-1] != ' ') put(c);
  }

 private:
  char* begin_;
  char* at_;
  std::vector<std::uint32_t>& marks_;
  std::vector<std::uint32_t>& signs_;
};

// From p[i] to `end` or, when a spaced run leads beyond it, to the end of that run.
std::size_t write_disguised(std::string_view p, std::size_t i, std::size_t end, Writer& out) {
  while (i < end) {
    if (const std::size_t run = spaced_run(p, i); run != 0) {
      const char joiner = p[i + 1];
      for (const std::size_t stop = i + run; i < stop; ++i) {
        if (is_word_byte(p[i]))
          out.put(p[i]);
        else if (i > 0 && !is_word_byte(p[i - 1]) && (p[i] == ' ' || p[i] != joiner))
          out.blank(' ');
      }
      continue;
    }
    const std::size_t whole = disguised_word(p, i);
    for (const std::size_t stop = i + whole; i < stop; ++i) out.put(letter_of(p[i]));
    if (whole == 0) out.put(p[i++]);
  }
  return i;
}

// Spaced letters and disguised words begin where a run of letters, digits and stand-ins for letters
// does, or behind a stand-in; neither in a run of two or more plain letters. `p` has eight readable
// bytes behind it, a zero the earliest of them.
void write_folded(std::string_view p, Writer& out) {
  for (std::size_t i = 0; i < p.size();) {
    const std::size_t begin = i;
    for (unsigned letters = 8; letters == 8; i += letters) {
      letters = letters_of_eight(p.data() + i);
      out.put_eight(p.data() + i, letters);
    }
    if (i == begin + 1 || is(p.data()[i], word_byte)) {
      out.take_back(i - begin);
      while (is(p.data()[i], word_byte)) ++i;
      i = write_disguised(p, begin, i, out);
    }
    // Mostly words of letters stand there, parted by a blank each.
    if (i > begin && p.data()[i] == ' ' && is_letter(p.data()[i + 1])) {
      out.put(' ');
      ++i;
      continue;
    }
    for (; i < p.size() && !is(p[i], word_byte); ++i) {
      if (is(p[i], sign_byte)) out.note_sign();
      if (!is(p[i], blank_byte | mark_byte))
        out.put(p[i]);
      else if (is(p[i], blank_byte))
        out.blank(p[i]);
      else
        out.put_mark(p[i]);
    }
  }
}

// Eight ASCII characters at once, lower-cased into `out`; false for controls and non-ASCII, with
// nothing said about `out`.
bool fold_eight(const char* in, char* out) noexcept {
  constexpr std::uint64_t high = bytes::each(0x80);
  std::uint64_t w = 0;
  std::memcpy(&w, in, sizeof w);
  if (!bytes::all_printable(w)) return false;
  const std::uint64_t capital =
      (w + bytes::each(0x80 - 'A')) & ~(w + bytes::each(0x80 - 'Z' - 1)) & high;
  w |= capital >> 2U;
  std::memcpy(out, &w, sizeof w);
  return true;
}

// A stretch of ASCII into as much room; where it ends.
std::size_t fold_ascii(const Folding& folding, const char* in, std::size_t i, std::size_t size,
                       char*& out) noexcept {
  while (i < size && is_ascii(in[i])) {
    for (; size - i >= 8 && fold_eight(in + i, out); i += 8) out += 8;
    for (const std::size_t end = std::min(size, i + 8); i < end && is_ascii(in[i]); ++i) {
      *out = folding.fold_ascii(static_cast<std::uint8_t>(in[i]));
      out += *out != '\0' ? 1 : 0;
    }
  }
  return i;
}

// Han and the like that stays as it is, into as much room; where it ends.
std::size_t copy_unchanged(const Folding& folding, const char* in, std::size_t i, std::size_t size,
                           char*& out) noexcept {
  for (; size - i >= 3; i += 3) {
    const char32_t c = core::utf8_three_bytes(in + i);
    if (c == 0 || !folding.unchanged(c)) break;
    std::memcpy(out, in + i, 3);
    out += 3;
  }
  return i;
}

char* put_folded(const Folding& folding, char32_t point, char* out) noexcept {
  std::array<char32_t, Folding::expansion_max> to{};
  const std::size_t count = folding.fold(point, to.data());
  for (std::size_t k = 0; k < count; ++k) out += core::write_utf8(to[k], out);
  return out;
}

}  // namespace

void View::assign(std::string_view raw) {
  const std::size_t size = fold(Folding::instance(), raw);
  folded_[size] = '\0';
  text.resize(size + slack_bytes);
  marks_.clear();
  signs_.clear();
  Writer writer(text.data(), marks_, signs_);
  write_folded({folded_.data(), size}, writer);
  text.resize(writer.size());
}

// There is always room for each byte still to be read, for one character that grows, and behind it.
std::size_t View::fold(const Folding& folding, std::string_view raw) {
  constexpr std::size_t spare = 4 * Folding::expansion_max + slack_bytes;
  if (folded_.size() < raw.size() + spare) folded_.resize(raw.size() + spare);
  char* out = folded_.data();
  char* end = out + folded_.size();
  const std::size_t size = raw.size();
  const char* const in = raw.data();
  tag_characters = 0;
  bool flag = false;
  for (std::size_t i = 0; i < size;) {
    const std::size_t from = i;
    i = fold_ascii(folding, in, i, size, out);
    i = copy_unchanged(folding, in, i, size, out);
    flag = flag && i == from;
    if (i == size || is_ascii(in[i])) continue;
    const char32_t point = core::utf8_next(raw, i);
    const bool tag = point >= 0xE0020 && point < 0xE0080;
    flag = point == 0x1F3F4 || (flag && tag);
    if (tag && flag) continue;
    if (tag) ++tag_characters;
    out = put_folded(folding, point, out);
    if (static_cast<std::size_t>(end - out) >= size - i + spare) continue;
    const auto written = static_cast<std::size_t>(out - folded_.data());
    folded_.resize(2 * folded_.size());
    out = folded_.data() + written;
    end = folded_.data() + folded_.size();
  }
  return static_cast<std::size_t>(out - folded_.data());
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
  for (auto at = std::ranges::lower_bound(marks_, from); at != marks_.end(); ++at) {
    if (const std::size_t mark = sentence_mark(text, *at); mark != 0) return *at + mark;
  }
  return text.size();
}

void View::trim() {
  if (text.capacity() > keep_bytes_max) std::string().swap(text);
  if (folded_.capacity() > keep_bytes_max) std::string().swap(folded_);
  for (auto* places : {&marks_, &signs_}) {
    if (places->capacity() > keep_bytes_max) std::vector<std::uint32_t>().swap(*places);
  }
}

}  // namespace menshen::detectors::scoring
