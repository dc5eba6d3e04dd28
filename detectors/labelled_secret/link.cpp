#include "detectors/labelled_secret/link.h"

#include <algorithm>
#include <array>

namespace menshen::detectors::labelled_secret {
namespace {

// "password (temporary): x", 密码（初始）：x
void skip_remark(Cursor& c) {
  constexpr std::size_t remark_max = 40;
  Cursor remark = c;
  remark.skip_blanks();
  if (remark.peek() != '(') return;
  const std::size_t end = remark.rest().substr(0, remark_max).find_first_of(")\n");
  if (end == std::string_view::npos || remark.rest()[end] != ')') return;
  remark.skip(end + 1);
  c = remark;
}

// What may close the label: its quote, a bracket, emphasis.
void skip_closing(Cursor& c) {
  constexpr std::size_t closing_max = 4;
  for (std::size_t i = 0; i < closing_max; ++i) {
    if (!is_quote(c.peek()) && c.peek() != ']' && c.peek() != '*' && !(c.peek() == ')' && i > 0)) {
      return;
    }
    c.skip(1);
  }
}

// "password: str = ", "password String = ": the type between.
void skip_type(Cursor& c) {
  constexpr std::size_t type_max = 24;
  Cursor type = c;
  type.skip_blanks();
  if (!is_letter(type.peek()) && type.peek() != '&') return;
  std::size_t bytes = 0;
  while (bytes < type_max &&
         (is_alnum(type.peek(bytes)) ||
          std::string_view("_<>[]&?|.").find(type.peek(bytes)) != std::string_view::npos)) {
    ++bytes;
  }
  type.skip(bytes);
  if (type.skip_blanks() == 0 || type.peek() != '=' || type.peek(1) == '=') return;
  type.skip(1);
  c = type;
}

// ` value="x"`, `, "value": "x"`, a line `  value: x` behind `- name: DB_PASSWORD`.
bool take_value_word(Cursor& c) {
  Cursor v = c;
  while (is_space(v.peek()) || is_quote(v.peek()) || v.peek() == ',') v.skip(1);
  if (v.at() == c.at()) return false;
  if (v.peek() == '"' || v.peek() == '\'') v.skip(1);
  if (!v.take_word("value")) return false;
  if (is_quote(v.peek())) v.skip(1);
  v.skip_blanks();
  if (v.peek() != '=' && v.peek() != ':') return false;
  v.skip(1);
  v.skip_blanks();
  c = v;
  return true;
}

// "is", "is set to", in a sentence; `orders`: "to", as in "set the password to x".
bool take_verb(Cursor& c, bool orders) {
  static constexpr std::array<std::string_view, 14> verbs{
      "is set to", "was set to", "is now", "was changed to",
      "is",        "was",        "equals", "ist",
      "lautet",    "est",        "es",     "é",
      "è",         "to"};
  for (const std::string_view verb : verbs) {
    if ((verb == "to" && !orders) || !c.take_word(verb)) continue;
    c.skip_blanks();
    if (c.peek() == ':') c.skip(1);
    c.skip_blanks();
    return true;
  }
  return false;
}

// "Set", "change" before the label.
bool is_order(std::string_view before) {
  constexpr std::size_t shown = 24;
  before = before.substr(before.size() - std::min(before.size(), shown));
  return std::ranges::any_of(
      std::array<std::string_view, 5>{"set ", "Set ", "hange ", "eset ", "pdate "},
      [before](std::string_view w) { return before.find(w) != before.npos; });
}

// "the password for the server is x": a few words between.
Link take_sentence(Cursor& c, std::string_view text, const Label& label) {
  constexpr int words_max = 7;
  Cursor s = c;
  if (label.han) {
    for (const std::string_view word :
         {"就是", "是", "为", "改为", "改成", "设为", "设置为", "重置为", "は", "는", "은"}) {
      if (!s.take(word)) continue;
      s.skip_blanks();
      s.take(":");
      s.skip_blanks();
      c = s;
      return Link::verb;
    }
    return Link::none;
  }
  for (int i = 0; i < words_max; ++i) {
    if (s.skip_blanks() == 0) return Link::none;
    if (take_verb(s, is_order(text.substr(0, label.begin)))) {
      c = s;
      return i == 0 ? Link::verb : Link::sentence;
    }
    std::size_t bytes = 0;
    while (is_alnum(s.peek(bytes)) || s.peek(bytes) == '\'' || s.peek(bytes) == '-') ++bytes;
    if (bytes == 0) return Link::none;
    s.skip(bytes);
    if (s.peek() == ':' && i > 0) {
      s.skip(1);
      if (s.skip_blanks() == 0) return Link::none;
      c = s;
      return Link::sentence;
    }
  }
  return Link::none;
}

// An option of a command ("--password x"), IDENTIFIED BY 'x', a word of netrc.
bool stands_alone(std::string_view text, const Label& label) {
  const std::string_view name = text.substr(label.begin, label.end - label.begin);
  if (equal_ignoring_case(name, "requirepass") || equal_ignoring_case(name, "masterauth")) {
    return true;
  }
  if (name.starts_with('-') || (name.size() > 2 && name[name.size() - 3] == ' ')) return true;
  const std::string_view before = text.substr(0, label.begin);
  return before.find("machine ") != before.npos && before.find("login ") != before.npos;
}

Link take_sign(Cursor& c) {
  if (c.rest().starts_with("::")) return Link::none;  // PskHmac::SHA256
  for (const std::string_view sign : {":=", "=>", "->", "===", "==", "?=", "!=", "||=", "=", ":"}) {
    if (c.take(sign)) return sign == "!=" ? Link::none : Link::sign;
  }
  return Link::none;
}

Link take_tag(Cursor& c, std::string_view text, const Label& label) {
  std::size_t begin = label.begin;
  while (begin > 0 && (is_alnum(text[begin - 1]) || text[begin - 1] == ':')) --begin;
  const bool opened = begin > 0 && text[begin - 1] == '<';
  if (!opened) return Link::none;
  const std::size_t end = c.rest().find_first_of("><");
  if (end == std::string_view::npos || c.rest()[end] != '>') return Link::none;
  if (end > 0 && (!is_blank(c.peek()) || c.rest()[end - 1] == '/')) return Link::none;
  c.skip(end + 1);
  while (is_space(c.peek())) c.skip(1);
  return Link::tag;
}

// put("password", "x"): elsewhere a comma parts the names of a list.
bool is_setter(std::string_view text, const Label& label) {
  std::size_t end = label.begin - 1;
  if (end == 0 || text[end - 1] != '(') return false;
  --end;
  constexpr std::size_t shown = 32;
  std::size_t begin = end;
  while (begin > 0 && end - begin < shown &&
         (is_alnum(text[begin - 1]) || text[begin - 1] == '_')) {
    --begin;
  }
  const std::string_view name = text.substr(begin, end - begin);
  return std::ranges::any_of(
      std::array<std::string_view, 7>{"set", "put", "add", "append", "header", "env", "property"},
      [name](std::string_view w) { return !std::ranges::search(name, w, {}, to_lower).empty(); });
}

// 密码「x」, 密码“x”, 密码（x）, 密码x: a value that touches its Chinese label.
Link take_touching(Cursor& c, const Label& label) {
  Cursor touching(c);
  if (!label.han) return Link::none;
  if (std::ranges::any_of(std::array<std::string_view, 5>{"“", "‘", "「", "『", "【"},
                          [&](std::string_view q) { return touching.rest().starts_with(q); })) {
    return Link::verb;
  }
  if (touching.take("(")) {
    const std::size_t end = touching.rest().find_first_of(")(\n");
    if (end == std::string_view::npos || touching.rest()[end] != ')') return Link::none;
    const char next = touching.peek(end + 1);
    if (next == ':' || next == '=') return Link::none;
    touching.skip_blanks();
    c = touching;
    return Link::beside;
  }
  return is_alnum(c.peek()) ? Link::beside : Link::none;
}

// A cell of a table: | password | x |
Link take_cell(Cursor& c, std::string_view text, const Label& label) {
  std::size_t before = label.begin;
  while (before > 0 && (is_blank(text[before - 1]) || text[before - 1] == '*')) --before;
  if (before == 0 || text[before - 1] != '|' || c.peek() != '|') return Link::none;
  c.skip(1);
  c.skip_blanks();
  return Link::sign;
}

}  // namespace

Link take_link(Cursor& c, std::string_view text, const Label& label) {
  if (const Link tag = take_tag(c, text, label); tag != Link::none) return tag;
  const bool in_quotes = label.begin > 0 && is_quote(text[label.begin - 1]);
  if (take_value_word(c)) return Link::sign;
  if (const Link touching = take_touching(c, label); touching != Link::none) return touching;
  skip_closing(c);
  skip_remark(c);
  const Cursor behind = c;
  const std::size_t blanks = c.skip_blanks();
  if (in_quotes && c.peek() == ',') {
    c.skip(1);
    c.skip_blanks();
    return is_quote(c.peek()) && is_setter(text, label) ? Link::sign : Link::none;
  }
  if (const Link cell = take_cell(c, text, label); cell != Link::none) return cell;
  if (take_sign(c) != Link::none) {
    while (c.peek() == '*') c.skip(1);
    skip_type(c);
    c.skip_blanks();
    return Link::sign;
  }
  if (c.peek() == '!' || c.peek() == '=') return Link::none;
  if (blanks > 0 && stands_alone(text, label)) return Link::blank;
  // IDENTIFIED WITH native_password BY 'x'
  if (blanks > 0 && c.take_word("by") && c.skip_blanks() > 0 && is_quote(c.peek())) {
    return Link::blank;
  }
  c = behind;
  if (const Link sentence = take_sentence(c, text, label); sentence != Link::none) return sentence;
  c = behind;
  skip_type(c);
  const bool typed = c.at() != behind.at();
  c.skip_blanks();
  if (typed) return Link::sign;
  const bool suffices = blanks > 0 && label.bare && label.family != Family::pin;
  return suffices ? Link::beside : Link::none;
}

}  // namespace menshen::detectors::labelled_secret
