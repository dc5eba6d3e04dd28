#include "detectors/values/token.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <bitset>

namespace menshen::detectors {

bool in_set(char c, std::uint16_t set) noexcept {
  const auto has = [set](std::uint16_t part) { return (set & part) != 0; };
  if (is_digit(c)) return has(token_set::digits);
  if (is_upper(c)) return has(token_set::upper);
  if (is_lower(c)) return has(token_set::lower) || (c <= 'f' && has(token_set::hex_letters));
  switch (c) {
    case '-': return has(token_set::dash);
    case '_': return has(token_set::underscore);
    case '.': return has(token_set::dot);
    case '~': return has(token_set::tilde);
    case '@': return has(token_set::at);
    case '%': return has(token_set::percent);
    case '+':
    case '/':
    case '=': return has(token_set::base64);
    default: return false;
  }
}

std::size_t token_bytes(std::string_view text, std::size_t at, std::uint16_t set) noexcept {
  std::size_t end = at;
  while (end < text.size() && in_set(text[end], set)) ++end;
  return end - at;
}

Step extend_token(ExtensionState& state, int byte) noexcept {
  if (byte < 0 || !in_set(static_cast<char>(byte), static_cast<std::uint16_t>(state[0])))
    return Step::stop;
  return byte == '.' || byte == '-' ? Step::hold : Step::belongs;
}

bool looks_random(std::string_view token) noexcept {
  std::bitset<256> seen;
  for (const char c : token) seen.set(static_cast<unsigned char>(c));
  return seen.count() >= std::min<std::size_t>(token.size() / 3, 9);
}

}  // namespace menshen::detectors
