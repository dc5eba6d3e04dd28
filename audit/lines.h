// Lines of the texts that heads and proofs are made of.
//
//   std::string_view text = note;
//   while (const auto line = take_line(text)) ...
//
// Pure functions for any thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace menshen::audit {

// Takes the next line off the text, without its end; absent when none is whole.
[[nodiscard]] inline std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

// A decimal number without sign or leading zeros.
[[nodiscard]] inline std::optional<std::uint64_t> parse_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  return number;
}

}  // namespace menshen::audit
