// Character classes of HTTP (RFC 9110, section 5.6) and ASCII case. Pure functions, no allocation.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace menshen::http {

namespace detail {
constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
inline constexpr auto token_table = make_token_table();
}  // namespace detail

constexpr bool is_token(char c) noexcept {
  return detail::token_table[static_cast<unsigned char>(c)];
}
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_visible(char c) noexcept {
  return c > 0x20 && c < 0x7f;
}  // ASCII without the space
constexpr bool is_control(char c) noexcept {  // not allowed in a field's value; the tab is
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}
constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

constexpr std::string_view trim_blanks(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Calls `use` with every non-empty member of a comma-separated list.
template <class Use>
constexpr void for_each_member(std::string_view list, Use use) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (const auto member = trim_blanks(list.substr(0, comma)); !member.empty()) use(member);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

}  // namespace menshen::http
