// Many regular expressions over one window of a line.
//
//   PatternTable patterns;
//   if (const std::string fault = patterns.add("EMP-\\d{6}", 0); !fault.empty()) ...
//   if (const std::string fault = patterns.build(); !fault.empty()) ...
//   patterns.find(window, found);
//
// Expressions are asked only where a text of three bytes or more stands in the window that every
// match of theirs has (RE2's FilteredRE2, literal_filter.h), and there where a match may begin by
// its first bytes (pattern_shape.h). Those without such a text are tried together first, as one
// automaton (RE2::Set). Each is asked at one place at a time, anchored: where an automaton looks
// for all beginnings at once, a text that is made for it costs thousands of times as much. Of one
// expression matches are the leftmost ones, one behind the other.
//
// add() and build() by one thread; immutable afterwards, any thread. Memory: pattern_memory_max for
// each expression at most, and as much as set_memory_max for those that are tried together.
#pragma once

#include "detectors/detector.h"
#include "detectors/recognizers/literal_filter.h"
#include "detectors/recognizers/pattern_shape.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class FilteredRE2;
class RE2;
}  // namespace re2

namespace menshen::detectors {

inline constexpr std::size_t patterns_max = 2'000;
inline constexpr std::size_t pattern_text_bytes_max = 1'000;
inline constexpr std::size_t pattern_memory_max = 128 * 1024;
inline constexpr std::size_t set_memory_max = 16 * 1024 * 1024;
// Instructions of the expressions that are tried everywhere.
inline constexpr std::size_t set_instructions_max = 20'000;

class PatternTable {
 public:
  struct Found {
    std::size_t begin;
    std::size_t end;
    std::uint32_t owner;
    bool open;  // more of it may follow behind the window
  };

  PatternTable();
  ~PatternTable();
  PatternTable(const PatternTable&) = delete;
  PatternTable& operator=(const PatternTable&) = delete;

  // Adds an expression, or says why it cannot be asked for (a sentence): RE2 refuses it or finds it
  // too large; it matches the empty text, or parts of characters; it has anchors of a whole text.
  [[nodiscard]] std::string add(std::string_view pattern, std::uint32_t owner);
  // Says why these cannot be asked for together, or nothing.
  [[nodiscard]] std::string build();

  [[nodiscard]] bool empty() const noexcept { return expressions_.empty(); }
  // No match takes more bytes, together with the character behind it; but for those whose length
  // has no bound, of which so much is seen.
  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }

  // Appends what begins where the window owns it.
  void find(const Window& window, std::vector<Found>& found) const;

 private:
  using Bytes = PatternShape::Bytes;
  struct Expression {
    std::uint32_t owner = 0;
    bool unbounded = false;
    bool everywhere = false;  // has no text that can be looked for
    std::array<Bytes, PatternShape::prefix_bytes> prefix{};
  };
  struct Everywhere;

  // Where a match begins at `at`, adds it and returns its end; else 0.
  std::size_t match_at(std::size_t index, const Window& window, std::size_t at,
                       std::vector<Found>& found) const;
  void find_one(std::size_t index, const Window& window, std::vector<Found>& found) const;
  void find_everywhere(const Window& window, std::vector<Found>& found) const;

  std::unique_ptr<re2::FilteredRE2> compiled_;
  std::vector<Expression> expressions_;  // by the number that they have there
  std::size_t bytes_max_ = 0;
  LiteralFilter literals_;
  std::unique_ptr<Everywhere> everywhere_;  // null: there are none
};

}  // namespace menshen::detectors
