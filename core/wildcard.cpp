#include "core/wildcard.h"

#include <vector>

namespace menshen::core {
namespace {

std::size_t character_end(std::string_view text, std::size_t at) noexcept {
  do {
    ++at;
  } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
  return at;
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = character_end(text, at);
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

}  // namespace

bool has_wildcard(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

std::string_view literal_prefix(std::string_view pattern) noexcept {
  return pattern.substr(0, pattern.find_first_of("*?"));
}

// Greedy matching that goes back to the latest star alone: an earlier one need never take more.
bool matches_wildcard(std::string_view pattern, std::string_view name) noexcept {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      n = character_end(name, n);
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      star_name = character_end(name, star_name);
      n = star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// From the ends backwards: `row[j]` says whether what is left of `a` meets b[j..].
bool wildcards_meet(std::string_view a, std::string_view b) {
  const auto left = characters_of(a);
  const auto right = characters_of(b);
  std::vector<char> below(right.size() + 1);
  std::vector<char> row(right.size() + 1);
  for (std::size_t i = left.size() + 1; i-- > 0;) {
    const bool more = i < left.size();
    for (std::size_t j = right.size() + 1; j-- > 0;) {
      const bool other = j < right.size();
      if (!more && !other) {
        row[j] = 1;
      } else if ((more && left[i] == "*") || (other && right[j] == "*")) {
        row[j] = static_cast<char>((more && below[j] != 0) || (other && row[j + 1] != 0));
      } else {
        const bool same =
            more && other && (left[i] == right[j] || left[i] == "?" || right[j] == "?");
        row[j] = static_cast<char>(same && below[j + 1] != 0);
      }
    }
    below.swap(row);
  }
  return below[0] != 0;
}

}  // namespace menshen::core
