// What can be said of a regular expression of RE2's syntax without running it: how long its matches
// are, which bytes they begin with, and what it asks of the text around them.
//
//   shape_of("EMP-\\d{6}")     {.bytes_min = 10, .bytes_max = 10}
//   shape_of("a+|b?")          {.bytes_min = 0, .bytes_max = unbounded}
//   shape_of("^a")             {.anchored = true, ...}
//
// Pure function, linear in the pattern. The pattern is one that RE2 takes; of anything else the
// answer is some shape.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string_view>

namespace menshen::detectors {

struct PatternShape {
  static constexpr std::size_t unbounded = 1U << 20U;

  // Which bytes may stand at the first places of a match; behind its end, any.
  static constexpr std::size_t prefix_bytes = 4;
  using Bytes = std::bitset<256>;

  std::array<Bytes, prefix_bytes> prefix{};
  std::size_t bytes_min = 0;  // no match has fewer: of UTF-8
  std::size_t bytes_max = 0;  // no match has more
  bool anchored = false;      // asks for the begin or the end of a text or a line: ^ $ \A \z
  bool splits = false;        // matches bytes of characters: \C
};

[[nodiscard]] PatternShape shape_of(std::string_view pattern);

}  // namespace menshen::detectors
