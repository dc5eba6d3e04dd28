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

// What is seen behind a match: the character that \b asks for.
inline constexpr std::size_t next_character_bytes = 4;

struct PatternShape {
  static constexpr std::size_t unbounded = 1U << 20U;

  // Which bytes may stand at the first places of a match; behind its end, any.
  static constexpr std::size_t prefix_bytes = 4;
  using Bytes = std::bitset<256>;

  std::array<Bytes, prefix_bytes> prefix{};
  std::size_t bytes_min = 0;  // no match has fewer: of UTF-8
  std::size_t bytes_max = 0;  // no match has more
  // A byte can mean more than one place of the pattern at once, where a repetition may go on as
  // well as end: [A-Z]{2,9}[0-9A-F], but not [A-Z]{2,9}[0-9]. An automaton of such a pattern may
  // have as many states as sets of places; of another one, about as many as places. True where not
  // known.
  bool branches = false;
  std::size_t bytes_ahead = 0;  // so many behind the end of a match may be read to know it
  // What a match that takes more than match_bytes_max may go on with there; empty: none does.
  Bytes tail{};
  bool anchored = false;  // asks for the begin or the end of a text or a line: ^ $ \A \z
  bool splits = false;    // matches bytes of characters: \C
};

[[nodiscard]] PatternShape shape_of(std::string_view pattern);

}  // namespace menshen::detectors
