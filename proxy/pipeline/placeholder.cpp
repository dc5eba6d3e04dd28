#include "proxy/pipeline/placeholder.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace menshen::pipeline {
namespace {

constexpr std::size_t backslashes_max = 16;
constexpr std::size_t digits_max = 6;
constexpr std::size_t emphasis_max = 3;
// What is looked at before a placeholder.
constexpr std::size_t before_bytes = 8;

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_hex(char c) noexcept {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
}
constexpr bool is_word(char c) noexcept {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

// Reads on in a text of which more may come.
class Cursor {
 public:
  Cursor(std::string_view text, std::size_t at, bool at_end) noexcept
      : text_(text), at_(at), at_end_(at_end) {}

  // A byte of the text, as no byte is. Where the text may go on it is noted that it was asked for.
  static constexpr int none = -1;
  [[nodiscard]] int peek(std::size_t ahead = 0) noexcept {
    if (at_ + ahead < text_.size()) return static_cast<unsigned char>(text_[at_ + ahead]);
    starved_ = starved_ || !at_end_;
    return none;
  }
  // An ASCII character, also in full width; 0: another one, or none.
  [[nodiscard]] char ascii(std::size_t& bytes) noexcept {
    const int first = peek();
    bytes = 1;
    if (first != 0xef) return first > 0 && first < 0x80 ? static_cast<char>(first) : '\0';
    const int second = peek(1);
    if (second != 0xbc && second != 0xbd) return '\0';
    const int third = peek(2);
    if (third < 0x80) return '\0';
    bytes = 3;
    const int c = 0x20 + (second - 0xbc) * 0x40 + (third - 0x80);
    return c < 0x7f ? static_cast<char>(c) : '\0';
  }
  bool take(std::string_view literal) noexcept {
    for (std::size_t i = 0; i < literal.size(); ++i) {
      if (peek(i) != static_cast<unsigned char>(literal[i])) return false;
    }
    at_ += literal.size();
    return true;
  }
  // ASCII in any case.
  bool take_folded(std::string_view literal) noexcept {
    for (std::size_t i = 0; i < literal.size(); ++i) {
      const int c = peek(i);
      if (c == none || lower(static_cast<char>(c)) != literal[i]) return false;
    }
    at_ += literal.size();
    return true;
  }
  std::size_t take_run(char c, std::size_t most) noexcept {
    std::size_t count = 0;
    while (count < most && peek() == static_cast<unsigned char>(c)) {
      ++count;
      ++at_;
    }
    return count;
  }
  void skip(std::size_t bytes) noexcept { at_ += bytes; }
  void go_to(std::size_t at) noexcept { at_ = at; }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] bool starved() const noexcept { return starved_; }

 private:
  std::string_view text_;
  std::size_t at_;
  bool at_end_;
  bool starved_ = false;
};

// Brackets of one kind; angle brackets are closed by those of any form.
struct Bracket {
  std::string_view close;  // empty: an angle bracket
  PlaceholderForm form = PlaceholderForm::plain;
  bool escape = false;  // the backslashes before are a part of it
};

struct Pair {
  std::string_view open;
  std::string_view close;
};
constexpr Pair pairs[] = {{"[", "]"},           {"{", "}"},           {"\u3010", "\u3011"},
                          {"\u300c", "\u300d"}, {"\u300e", "\u300f"}, {"\uff3b", "\uff3d"},
                          {"\uff5b", "\uff5d"}};

std::optional<Bracket> take_angle(Cursor& cursor, bool opens, bool escaped) {
  const auto angle = [&](std::string_view open, std::string_view close) {
    return cursor.take_folded(opens ? open : close);
  };
  if (angle("<", ">") || angle("\uff1c", "\uff1e") || angle("\u3008", "\u3009")) return Bracket{};
  if (angle("&lt;", "&gt;") || angle("&#60;", "&#62;") || angle("&#x3c;", "&#x3e;"))
    return Bracket{{}, PlaceholderForm::html, false};
  if (angle("%3c", "%3e")) return Bracket{{}, PlaceholderForm::url, false};
  if (escaped && (angle("u003c", "u003e") || angle("x3c", "x3e")))
    return Bracket{{}, PlaceholderForm::plain, true};
  return std::nullopt;
}

std::optional<Bracket> take_opening(Cursor& cursor, bool escaped) {
  if (const auto angle = take_angle(cursor, true, escaped)) return angle;
  for (const Pair& pair : pairs) {
    if (cursor.take(pair.open)) return Bracket{pair.close, PlaceholderForm::plain, false};
  }
  return std::nullopt;
}

bool take_closing(Cursor& cursor, const Bracket& bracket, bool& escaped) {
  const std::size_t before = cursor.at();
  escaped = cursor.take_run('\\', backslashes_max) > 0;
  const bool closed = bracket.close.empty() ? take_angle(cursor, false, escaped).has_value()
                                            : cursor.take(bracket.close);
  if (!closed) cursor.go_to(before);
  return closed;
}

// The underscore of a placeholder, as the text writes it.
bool take_underscore(Cursor& cursor, bool bracketed) {
  const std::size_t before = cursor.at();
  if (cursor.take("_") || cursor.take("\uff3f") || cursor.take_folded("%5f")) return true;
  if (bracketed && (cursor.take("-") || cursor.take(" ") || cursor.take("%20"))) return true;
  if (cursor.take_run('\\', backslashes_max) > 0 &&
      (cursor.take("_") || cursor.take_folded("u005f")))
    return true;
  cursor.go_to(before);
  return false;
}

struct Name {
  std::size_t tag = 0;
  std::uint32_t number = 0;
  bool capitals = true;
};

bool take_tag(Cursor& cursor, std::string_view tag, bool bracketed, Name& name) {
  name.capitals = true;
  for (const char wanted : tag) {
    if (wanted == '_') {
      if (!take_underscore(cursor, bracketed)) return false;
      continue;
    }
    std::size_t bytes = 0;
    const char c = cursor.ascii(bytes);
    if (c == '\0' || lower(c) != lower(wanted)) return false;
    name.capitals = name.capitals && c == wanted;
    if (!name.capitals && !bracketed) return false;
    cursor.skip(bytes);
  }
  return take_underscore(cursor, bracketed);
}

bool take_number(Cursor& cursor, Name& name) {
  name.number = 0;
  for (std::size_t count = 0;; ++count) {
    std::size_t bytes = 0;
    const char c = cursor.ascii(bytes);
    if (c < '0' || c > '9') return count > 0;
    if (count == digits_max || (count == 0 && c == '0')) return false;
    name.number = name.number * 10 + static_cast<std::uint32_t>(c - '0');
    cursor.skip(bytes);
  }
}

std::optional<Name> take_name(Cursor& cursor, const PlaceholderTags& tags, bool bracketed) {
  const std::size_t before = cursor.at();
  for (std::size_t i = 0; i < tags.all().size(); ++i) {
    Name name{i};
    if (take_tag(cursor, tags.all()[i], bracketed, name) && take_number(cursor, name)) return name;
    cursor.go_to(before);
  }
  return std::nullopt;
}

// Whether a word ends before `at`: what stands there may be the end of an escape.
bool ends_word(std::string_view text, std::size_t at) noexcept {
  if (at == 0 || !is_word(text[at - 1])) {
    return !(at >= 2 && text[at - 1] == '/' && text[at - 2] == '<');  // an element's end
  }
  if (at >= 2 && text[at - 2] == '\\')
    return std::string_view("ntrbf").find(text[at - 1]) != std::string_view::npos;
  const auto digits = [&](std::size_t count, std::string_view before) {
    if (at < count + before.size()) return false;
    const std::string_view all = text.substr(at - count - before.size(), count + before.size());
    return all.starts_with(before) && std::ranges::all_of(all.substr(before.size()), is_hex);
  };
  return digits(4, "\\u") || digits(2, "%");
}

// Of so many backslashes in front of an escape those that are its own; the others stand for
// backslashes of the text.
std::size_t own_backslashes(std::size_t count, unsigned depth, bool escape) noexcept {
  const std::size_t one = std::size_t{1} << depth;  // a backslash of the text
  if (!escape) return std::min(count, one);
  return count % one == 0 ? count : count % one;
}

class Match {
 public:
  Match(std::string_view text, std::size_t at, bool at_end, const PlaceholderTags& tags,
        unsigned depth) noexcept
      : text_(text), begin_(at), cursor_(text, at, at_end), tags_(tags), depth_(depth) {}

  // What begins here, in bytes of the text that was given.
  std::optional<Placeholder> read() {
    const std::size_t backslashes = cursor_.take_run('\\', backslashes_max);
    const auto bracket = take_opening(cursor_, backslashes > 0);
    if (!bracket) return backslashes > 0 ? std::nullopt : bare();
    return bracketed(*bracket, backslashes);
  }
  [[nodiscard]] bool starved() const noexcept { return cursor_.starved(); }

 private:
  [[nodiscard]] Placeholder made(std::size_t begin, const Name& name, PlaceholderForm form) const {
    return {begin, cursor_.at(), tags_.all()[name.tag], name.number, form, depth_};
  }
  [[nodiscard]] bool word_goes_on() noexcept {
    const int next = cursor_.peek();
    return next != Cursor::none && is_word(static_cast<char>(next));
  }

  std::optional<Placeholder> bracketed(const Bracket& bracket, std::size_t backslashes) {
    const char mark = cursor_.peek() == '`' ? '`' : '*';
    const std::size_t marks = cursor_.take_run(mark, emphasis_max);
    const bool blank = cursor_.take(" ");
    const auto name = take_name(cursor_, tags_, true);
    if (!name) return std::nullopt;
    const std::size_t name_end = cursor_.at();
    if (blank) cursor_.take(" ");
    bool escaped = false;
    const bool closed =
        cursor_.take_run(mark, marks) == marks && take_closing(cursor_, bracket, escaped);
    // Backslashes that are no part of the bracket's form stay.
    const bool own = bracket.escape || (closed && escaped);
    const std::size_t begin =
        begin_ + backslashes - (own ? own_backslashes(backslashes, depth_, bracket.escape) : 0);
    if (closed && !is_link(bracket)) return made(begin, *name, bracket.form);
    cursor_.go_to(name_end);
    const bool half =
        bracket.close.empty() && !blank && marks == 0 && name->capitals && !word_goes_on();
    return half ? std::optional(made(begin, *name, bracket.form)) : std::nullopt;
  }

  // [EMAIL_1](...) is Markdown's link, whose brackets stay.
  bool is_link(const Bracket& bracket) noexcept {
    return bracket.close == "]" && cursor_.peek() == '(';
  }

  std::optional<Placeholder> bare() {
    if (!ends_word(text_, begin_)) return std::nullopt;
    const auto name = take_name(cursor_, tags_, false);
    if (!name || word_goes_on()) return std::nullopt;
    const std::size_t name_end = cursor_.at();
    const std::size_t backslashes = cursor_.take_run('\\', backslashes_max);
    if (const auto half = take_angle(cursor_, false, backslashes > 0))
      return made(begin_, *name, half->form);
    cursor_.go_to(name_end);
    return made(begin_, *name, PlaceholderForm::plain);
  }

  std::string_view text_;
  std::size_t begin_;
  Cursor cursor_;
  const PlaceholderTags& tags_;
  unsigned depth_;
};

}  // namespace

PlaceholderTags::PlaceholderTags(std::vector<std::string> tags) : tags_(std::move(tags)) {
  if (tags_.empty()) return;
  // Of two tags of which one goes on with a number, the longer one is tried first.
  std::ranges::sort(tags_, std::greater(), [](const std::string& tag) { return tag.size(); });
  const auto begins = [&](char c) { begins_[static_cast<unsigned char>(c)] = true; };
  for (const char c : {'<', '&', '%', '\\', '\xef'}) begins(c);
  begins('\xe3');
  for (const Pair& pair : pairs) begins(pair.open.front());
  for (const std::string& tag : tags_) begins(tag.front());
}

std::size_t PlaceholderReader::hold_back_max(const PlaceholderTags& tags) noexcept {
  std::size_t longest = 0;
  for (const std::string& tag : tags.all()) {
    const auto underscores = static_cast<std::size_t>(std::ranges::count(tag, '_')) + 1;
    longest = std::max(longest, tag.size() * 3 + underscores * (backslashes_max + 5));
  }
  constexpr std::size_t bracket = backslashes_max + 6 + emphasis_max + 1;
  return longest + digits_max * 3 + 2 * bracket + 1;
}

void PlaceholderReader::feed(std::string_view bytes, std::vector<Placeholder>& found) {
  text_.append(bytes);
  read(false, found);
  if (at_ <= before_bytes) return;
  const std::size_t done = at_ - before_bytes;
  text_.erase(0, done);
  begin_ += done;
  at_ = before_bytes;
}

void PlaceholderReader::finish(std::vector<Placeholder>& found) { read(true, found); }

void PlaceholderReader::pass(std::size_t bytes) noexcept {
  nesting_.feed(std::string_view(text_).substr(at_, bytes));
  at_ += bytes;
}

void PlaceholderReader::read(bool at_end, std::vector<Placeholder>& found) {
  const std::string_view text = text_;
  while (at_ < text.size()) {
    const auto* const next =
        std::find_if(text.begin() + at_, text.end(), [&](char c) { return tags_.may_begin(c); });
    pass(static_cast<std::size_t>(next - text.begin()) - at_);
    if (at_ == text.size()) return;
    // A run of backslashes was tried where it begins.
    if (text[at_] == '\\' && at_ > 0 && text[at_ - 1] == '\\') {
      pass(1);
      continue;
    }
    Match match(text, at_, at_end, tags_, nesting_.depth());
    auto placeholder = match.read();
    if (match.starved()) return;
    if (!placeholder) {
      pass(1);
      continue;
    }
    pass(placeholder->end - at_);
    placeholder->begin += begin_;
    placeholder->end += begin_;
    found.push_back(*placeholder);
  }
}

}  // namespace menshen::pipeline
