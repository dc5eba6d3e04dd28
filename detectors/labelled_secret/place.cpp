#include "detectors/labelled_secret/place.h"

#include "detectors/labelled_secret/link.h"

#include <algorithm>
#include <array>

namespace menshen::detectors::labelled_secret {
namespace {

struct Pair {
  std::string_view open;
  std::string_view close;
};
constexpr auto pairs = std::to_array<Pair>({{"\"", "\""},
                                            {"'", "'"},
                                            {"`", "`"},
                                            {"“", "”"},
                                            {"‘", "’"},
                                            {"「", "」"},
                                            {"『", "』"},
                                            {"【", "】"},
                                            {"《", "》"}});

// "Basic", "Bearer", "token" before the value of Authorization.
std::string_view take_scheme(Cursor& c) {
  std::size_t bytes = 0;
  while (is_letter(c.peek(bytes)) || c.peek(bytes) == '-') ++bytes;
  if (bytes < 3 || !is_blank(c.peek(bytes)) || is_blank(c.peek(bytes + 1))) return {};
  const std::string_view scheme = c.rest().substr(0, bytes);
  c.skip(bytes);
  c.skip_blanks();
  return scheme;
}

// YAML: "password: |" and the value on the next line; JSON may break there too.
bool take_line_end(Cursor& c) {
  Cursor line = c;
  const bool block = line.peek() == '|' || line.peek() == '>';
  if (block) {
    line.skip(1);
    if (line.peek() == '-' || line.peek() == '+') line.skip(1);
  }
  line.take("\r");
  if (!line.take("\n")) return false;
  while (is_blank(line.peek())) line.skip(1);
  if (!block && line.peek() != '"' && line.peek() != '\'') return false;
  c = line;
  return true;
}

// Does a bare value end before text[at]? `pair`: what parts the pairs around it, 0 for none.
bool ends_bare(std::string_view text, std::size_t at, char pair) {
  const char c = text[at];
  if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x80 ||
      is_quote(c) || c == '\\' || c == '<' || c == '|' || c == pair) {
    return true;
  }
  if (std::string_view(";&,)}]").find(c) == std::string_view::npos) return false;
  const char next = at + 1 < text.size() ? text[at + 1] : ' ';
  return is_space(next) || is_quote(next) || static_cast<unsigned char>(next) >= 0x80 ||
         ((c == ')' || c == '}' || c == ']') && !is_alnum(next));
}

// What parts further pairs of names and values on this line: "a=b&c=d", "A=b;C=d", "{a: b, c: d}".
char find_pair(std::string_view text, std::size_t at) {
  const std::size_t line = text.find('\n', at);
  const std::string_view rest = text.substr(at, line == text.npos ? text.npos : line - at);
  for (std::size_t sign = rest.find_first_of(";&,"); sign != rest.npos;
       sign = rest.find_first_of(";&,", sign + 1)) {
    std::size_t name = sign + 1;
    while (name < rest.size() && (is_blank(rest[name]) || is_quote(rest[name]))) ++name;
    const std::size_t from = name;
    while (name < rest.size() && (is_alnum(rest[name]) || rest[name] == '_' || rest[name] == ' ' ||
                                  rest[name] == '-' || rest[name] == '.')) {
      ++name;
    }
    if (name > from && name < rest.size() && (rest[name] == '=' || rest[name] == ':')) {
      return rest[sign];
    }
  }
  return '\0';
}

std::optional<Place> read_quoted(std::string_view text, std::size_t at, const Pair& pair,
                                 bool last) {
  const std::size_t begin = at + pair.open.size();
  for (std::size_t end = begin; end < text.size(); ++end) {
    if (text[end] == '\n') return std::nullopt;
    if (text[end] == '\\' && pair.open.size() == 1) {
      ++end;
      continue;
    }
    if (text.substr(end).starts_with(pair.close)) {
      return Place{.begin = begin, .end = end, .quoted = true, .quote = pair.close.front()};
    }
  }
  if (last) return std::nullopt;
  return Place{.begin = begin,
               .end = text.size(),
               .quoted = true,
               .quote = pair.close.front(),
               .open = true};
}

// Up to the end tag, whatever signs stand before it.
std::optional<Place> read_element(std::string_view text, std::size_t at) {
  const std::size_t tag = text.find_first_of("<\n\"'`\\", at);
  if (tag == text.npos || tag == at || !text.substr(tag).starts_with("</")) return std::nullopt;
  const std::size_t end = text.find_last_not_of(" \t\r", tag - 1) + 1;
  if (text.substr(at, end - at).find_first_of(" \t") != text.npos) return std::nullopt;
  return Place{.begin = at, .end = end, .literal = true};
}

// Does the label begin its line, but for what a shell, YAML or Docker writes before?
bool begins_line(std::string_view text, const Label& label) {
  const std::size_t line = text.substr(0, label.begin).rfind('\n');
  Cursor c(text.substr(0, label.begin), line == text.npos ? 0 : line + 1);
  c.skip_blanks();
  for (const std::string_view word : {"export ", "set ", "ENV ", "ARG ", "- "}) {
    if (c.take(word)) break;
  }
  c.skip_blanks();
  return c.rest().empty();
}

bool is_markup(std::string_view value) {
  const std::size_t tag = value.find('<');
  return tag != value.npos && value.find('>', tag) != value.npos;
}

// Of KEY=value and "key: value" that end their line, of an environment's NAME=value and of 密码：x
// the value goes on up to the blank. Nothing where that is not told.
std::optional<Place> read_whole(std::string_view text, const Label& label, std::size_t at,
                                bool last) {
  if (at >= text.size() || std::string_view("<[{(").find(text[at]) != std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view sign = text.substr(label.end, at - label.end);
  const bool equal = sign == "=";
  const bool yaml = sign.starts_with(": ") && sign.find_first_not_of(" \t", 1) == sign.npos;
  const bool line = (equal || yaml) && begins_line(text, label);
  const std::string_view name = text.substr(label.begin, label.end - label.begin);
  const bool variable = equal && std::ranges::none_of(name, is_lower) &&
                        (label.begin == 0 || is_space(text[label.begin - 1]));
  if ((!label.han && !line && !variable) || find_pair(text, at) != '\0') return std::nullopt;
  std::size_t end = at;
  while (end < text.size() && text[end] > ' ' && static_cast<unsigned char>(text[end]) < 0x80 &&
         !is_quote(text[end]) && text[end] != '\\') {
    ++end;
  }
  if (end == at || (end == text.size() && !last)) return std::nullopt;
  const std::size_t next = std::min(text.find_first_not_of(" \t", end), text.size());
  const bool ends_line = next == text.size() || text[next] == '\n' || text[next] == '\r';
  const bool blank_ends = end == text.size() || is_space(text[end]);
  if (!label.han && !(variable && blank_ends) && !(line && ends_line)) return std::nullopt;
  const bool whole = line && ends_line;
  const std::string_view punctuation = label.han ? ".,:;?()[]{}|" : whole ? ",;" : ".,:;?";
  const std::size_t shown = end;
  while (end > at && punctuation.find(text[end - 1]) != punctuation.npos) --end;
  const std::string_view value = text.substr(at, end - at);
  if (value.empty() || is_markup(value) || text.substr(end, shown - end).starts_with("...")) {
    return std::nullopt;
  }
  // A bracket around it, or the end of a call.
  if (std::string_view(")]}>").find(value.back()) != std::string_view::npos) return std::nullopt;
  return Place{.begin = at, .end = end, .literal = end == shown || label.han};
}

// 用户名/密码：admin/x, "username / password: admin / x": the password is behind the stroke.
bool names_user_too(std::string_view text, const Label& label) {
  std::string_view before = text.substr(0, label.begin);
  if (label.han) {
    for (const std::string_view user : {"账号", "帐号", "账户", "用户名", "賬號", "帳號"}) {
      if (before.ends_with(user)) return true;
    }
  }
  const auto trim = [&before] {
    while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
  };
  trim();
  if (!before.ends_with('/')) return false;
  before.remove_suffix(1);
  trim();
  return std::ranges::any_of(
      std::array<std::string_view, 9>{"user", "username", "login", "account", "用户名", "账号",
                                      "帐号", "用户", "帳號"},
      [before](std::string_view user) {
        return before.size() >= user.size() &&
               equal_ignoring_case(before.substr(before.size() - user.size()), user);
      });
}

void split_pair(std::string_view text, Place& place, bool last) {
  const std::string_view value = text.substr(place.begin, place.end - place.begin);
  const std::size_t stroke = value.find('/');
  if (stroke != value.npos && stroke > 0 && stroke + 1 < value.size()) {
    place.begin += stroke + 1;
    return;
  }
  Cursor c(text, place.end);
  c.skip_blanks();
  if (place.open || !c.take("/")) return;
  c.skip_blanks();
  if (const auto second = read_value(text, c.at(), last)) place = *second;
}

}  // namespace

std::optional<Place> read_value(std::string_view text, std::size_t at, bool last, char pair) {
  // b"x", @"x", f'x'
  std::size_t quote = at;
  while (quote < text.size() && quote - at < 2 &&
         std::string_view("bBrRuUfFL@").find(text[quote]) != std::string_view::npos) {
    ++quote;
  }
  if (quote < text.size() && is_quote(text[quote])) at = quote;
  for (const Pair& quotes : pairs) {
    if (!text.substr(at).starts_with(quotes.open)) continue;
    if (auto place = read_quoted(text, at, quotes, last)) return place;
    at += quotes.open.size();
    break;
  }
  if (pair == '\0') pair = find_pair(text, at);
  std::size_t end = at;
  while (end < text.size() && !ends_bare(text, end, pair)) ++end;
  const bool open = end == text.size() && !last;
  // Punctuation of the sentence around it; three dots say that something was left out.
  const std::size_t whole = end;
  while (!open && end > at &&
         std::string_view(".,:;?").find(text[end - 1]) != std::string_view::npos) {
    --end;
  }
  if (text.substr(end, whole - end).starts_with("...")) return std::nullopt;
  if (end == at) return std::nullopt;
  return Place{.begin = at, .end = end, .open = open};
}

std::optional<Place> find_value(std::string_view text, const Label& label, bool last) {
  Cursor c(text, label.end);
  const Link link = take_link(c, text, label);
  if (link == Link::none) return std::nullopt;
  if (link == Link::sign) take_line_end(c);
  while (c.take("&nbsp;")) c.skip_blanks();
  const std::string_view name = text.substr(label.begin, label.end - label.begin);
  std::string_view scheme;
  constexpr std::string_view authorization = "authorization";
  if (name.size() >= authorization.size() &&
      std::ranges::equal(name.substr(name.size() - authorization.size()), authorization, {},
                         to_lower)) {
    if (is_quote(c.peek())) c.skip(1);
    scheme = take_scheme(c);
  }
  std::size_t before = label.begin;
  while (before > 0 && is_blank(text[before - 1])) --before;
  const char parts = before > 0 ? text[before - 1] : '\0';
  const bool parted = std::string_view(";&,").find(parts) != std::string_view::npos;
  const char pair = parts == '?' ? '&' : parted ? parts : '\0';
  std::optional<Place> place;
  if (link == Link::tag) place = read_element(text, c.at());
  if (link == Link::sign && scheme.empty() && pair == '\0') {
    place = read_whole(text, label, c.at(), last);
  }
  if (!place) place = read_value(text, c.at(), last, pair);
  if (!place) return std::nullopt;
  if (names_user_too(text, label)) split_pair(text, *place, last);
  const std::string_view behind = text.substr(place->end);
  if (link == Link::tag && !place->open && !behind.starts_with('<')) return std::nullopt;
  const std::size_t next = behind.find_first_not_of(" \t");
  place->alone = next == behind.npos || next == 0 || !is_letter(behind[next]);
  place->scheme = scheme;
  place->spoken = link == Link::verb || link == Link::sentence || link == Link::beside;
  place->weak = link == Link::sentence || link == Link::beside;
  return place;
}

}  // namespace menshen::detectors::labelled_secret
