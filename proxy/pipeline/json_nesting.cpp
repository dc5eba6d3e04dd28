#include "proxy/pipeline/json_nesting.h"

#include "proxy/protocol/json_string.h"

#include <algorithm>
#include <bit>

namespace menshen::pipeline {
namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What may follow an opening bracket of JSON.
bool goes_on(char bracket, char c) noexcept {
  if (c == '"') return true;
  if (bracket == '{') return c == '}';
  return std::string_view("]{[-0123456789tfn").find(c) != std::string_view::npos;
}

bool is_of_json(char c) noexcept {
  return is_blank(c) ||
         std::string_view("{}[]:,-+.0123456789eEtrufalsn").find(c) != std::string_view::npos;
}

constexpr std::uint32_t backslashes_of_quote(unsigned depth) noexcept {
  return (std::uint32_t{1} << (depth - 1)) - 1;
}

}  // namespace

void JsonNesting::add(char c) noexcept {
  if (c == '\\') {
    ++backslashes_;
    return;
  }
  const std::uint32_t before = backslashes_;
  backslashes_ = 0;
  if (c == '"') return quote(before);
  // A string has no line break of its own: what looked like JSON was none.
  if (c == '\n' && before == 0 && depth_ > 0) {
    depth_ = 0;
    levels_[0] = {is_json_ ? State::json : State::prose};
    return;
  }
  // An escape is a part of a string; that of a blank may stand between the tokens in it.
  const bool escaped_blank = c == 'n' || c == 't' || c == 'r';
  if (before > 0) {
    if (!escaped_blank) return;
    c = ' ';
  }
  outside_of_strings(levels_[depth_], c);
}

void JsonNesting::quote(std::uint32_t backslashes) noexcept {
  // At each depth two backslashes are one of the string, and one that is left escapes the quote.
  const auto depth = static_cast<unsigned>(std::countr_one(backslashes)) + 1;
  if (depth <= depth_) {
    depth_ = depth - 1;
    return;
  }
  if (depth_ == depth_max || backslashes != backslashes_of_quote(depth_ + 1)) return;
  Level& level = levels_[depth_];
  if (level.state == State::prose) return;
  if (level.state == State::opened) {
    level.state = State::json;
    level.open = 1;
  }
  levels_[++depth_] = {};
}

void JsonNesting::outside_of_strings(Level& level, char c) noexcept {
  const bool all_json = is_json_ && &level == levels_.data();
  if (all_json) return;
  if (level.state == State::opened) {
    if (is_blank(c)) return;
    level = goes_on(level.bracket, c) ? Level{State::json, 0, 1} : Level{};
  }
  if (level.state == State::json) {
    if (c == '{' || c == '[') ++level.open;
    if (c == '}' || c == ']') --level.open;
    if (level.open == 0 || !is_of_json(c)) level = {};
    return;
  }
  if (c == '{' || c == '[') level = {State::opened, c, 0};
}

std::string escaped_at(unsigned depth, std::string_view text) {
  std::string out(text);
  for (; depth > 0; --depth) {
    std::string once;
    protocol::append_escaped(once, out);
    out = std::move(once);
  }
  return out;
}

std::string decoded_at(unsigned depth, std::string_view raw) {
  std::string out(raw);
  for (; depth > 0; --depth) {
    const bool is_string = !protocol::check_escapes(out) && std::ranges::none_of(out, [](char c) {
      return static_cast<unsigned char>(c) < 0x20;
    });
    if (!is_string) break;
    std::string once;
    protocol::append_decoded(once, out);
    out = std::move(once);
  }
  return out;
}

}  // namespace menshen::pipeline
