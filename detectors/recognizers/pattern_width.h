// How long a part of a regular expression is and what it begins with, and how parts make up a
// longer one: what pattern_shape.h is read with.
//
//   repeated(PatternWidth::of(digits, false), 2, 4)     {.min = 2, .max = 4, .more = digits, ...}
//
// Pure functions of values; any thread. Internal to recognizers.
#pragma once

#include "detectors/recognizers/pattern_shape.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace menshen::detectors {

// How long a part of a pattern is, and its first bytes; all that is not known is any byte.
struct PatternWidth {
  using Bytes = PatternShape::Bytes;
  static constexpr std::size_t prefix_bytes = PatternShape::prefix_bytes;

  std::size_t min = 0;
  std::size_t max = 0;
  std::array<Bytes, prefix_bytes> prefix = any_prefix();
  Bytes first{};          // it may begin with, where it is not empty
  Bytes more{};           // with which it may go on where it might as well end
  Bytes all{};            // it may have anywhere
  Bytes tail{};           // see PatternShape
  bool branches = false;  // the same
  std::size_t ahead = 0;

  static std::array<Bytes, prefix_bytes> any_prefix() {
    std::array<Bytes, prefix_bytes> out;
    for (Bytes& bytes : out) bytes.set();
    return out;
  }
  // One byte of these; or, where `wide`, a character of up to four whose first one it is.
  static PatternWidth of(const Bytes& bytes, bool wide) {
    PatternWidth out{.min = 1, .max = wide ? std::size_t{4} : 1};
    out.prefix[0] = bytes;
    out.first = bytes;
    out.all = bytes;
    return out;
  }
  static PatternWidth any(std::size_t min, std::size_t max) {
    PatternWidth out{.min = min, .max = max};
    out.first.set();
    out.all.set();
    return out;
  }
  [[nodiscard]] std::size_t spare() const noexcept { return max - min; }
};

[[nodiscard]] inline std::size_t capped_bytes(std::size_t bytes) noexcept {
  return std::min(bytes, PatternShape::unbounded);
}
// One behind the other, one or the other, and one `least` to `most` times (unbounded: any).
[[nodiscard]] PatternWidth followed(const PatternWidth& a, const PatternWidth& b);
[[nodiscard]] PatternWidth either(const PatternWidth& a, const PatternWidth& b);
[[nodiscard]] PatternWidth repeated(const PatternWidth& piece, std::size_t least, std::size_t most);

}  // namespace menshen::detectors
