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
// automaton (RE2::Set). Of one expression matches are the leftmost ones, one behind the other.
//
// Cost is linear in the text, whatever that is. Each expression is asked at one place at a time,
// anchored: for those whose automaton is small (PatternShape::branches is false) that is a step for
// each byte of a possible match. Of the others a byte may cost as many steps as the expression has
// instructions; so after anchored_asks_max places of a window without a match the rest of it is
// asked at once, and build() bounds what that can come to: pattern_work_max for each expression,
// patterns_work_max for all. They take no part in the automaton of many.
//
// add() and build() by one thread; immutable afterwards, any thread. Memory: pattern_compiled_max
// for each expression at most, for one that branches a KiB for each instruction up to
// pattern_memory_max, and set_memory_max for those that are tried together.
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
inline constexpr std::size_t pattern_compiled_max = 128 * 1024;
inline constexpr std::size_t pattern_memory_max = 1024 * 1024;
inline constexpr std::size_t set_memory_max = 16 * 1024 * 1024;
// Of the expressions that are tried together: their instructions, and the bytes of their longest
// matches.
inline constexpr std::size_t set_instructions_max = 20'000;
inline constexpr std::size_t set_reach_max = 40'000;
// Instructions times bytes that are asked for each byte of a text, at the most.
inline constexpr std::size_t pattern_work_max = 10'000;
inline constexpr std::size_t patterns_work_max = 50'000;
inline constexpr std::size_t anchored_asks_max = 4;

class PatternTable {
 public:
  struct Found {
    std::size_t begin;
    std::size_t end;
    std::uint32_t owner;
    // What may follow behind the window and belong to it, this table's; null: nothing.
    const PatternShape::Bytes* tail;
  };

  PatternTable();
  ~PatternTable();
  PatternTable(const PatternTable&) = delete;
  PatternTable& operator=(const PatternTable&) = delete;

  // Adds an expression, or says why it cannot be asked for (a sentence): RE2 refuses it or finds it
  // too large; it matches the empty text, or parts of characters; it has anchors of a whole text;
  // a text made for it could make it cost too much; it has characters that no text shows. It is
  // asked for in normal form (normal_pattern.h).
  [[nodiscard]] std::string add(std::string_view pattern, std::uint32_t owner);
  // Says why these cannot be asked for together, or nothing.
  [[nodiscard]] std::string build();

  [[nodiscard]] bool empty() const noexcept { return expressions_.empty(); }
  // No match takes more bytes, together with the character behind it; but for those whose length
  // has no bound, of which so much is seen.
  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }

  // Of each byte of a text, at the most: instructions of expressions that branch, times bytes.
  [[nodiscard]] std::size_t work_max() const noexcept { return work_max_; }

  // Appends what begins where the window owns it. Returns the work that this was at most.
  std::size_t find(const Window& window, std::vector<Found>& found) const;

 private:
  using Bytes = PatternShape::Bytes;
  struct Expression {
    std::uint32_t owner = 0;
    Bytes tail{};             // see PatternShape
    bool everywhere = false;  // is tried in every window
    bool together = false;    // with others
    bool branches = false;
    std::size_t instructions = 0;
    std::size_t reach = 0;        // a match and the character behind it, as far as a window shows
    std::size_t bytes_ahead = 0;  // that may be read in vain behind a match
    std::array<Bytes, PatternShape::prefix_bytes> prefix{};
  };
  struct Everywhere;
  struct Asking;

  [[nodiscard]] static bool may_begin(const Expression& expression, std::string_view text,
                                      std::size_t at) noexcept;
  [[nodiscard]] static bool may_go_on(const Expression& expression,
                                      std::string_view behind) noexcept;
  // The first match from `at` on, or at `at` alone; adds it and returns its end; else 0.
  std::size_t ask(std::size_t index, std::size_t at, bool anchored, Asking& asking) const;
  void find_one(std::size_t index, Asking& asking) const;
  void find_everywhere(Asking& asking) const;
  void find_together(Asking& asking) const;
  [[nodiscard]] std::string build_together(const std::vector<int>& together);

  std::unique_ptr<re2::FilteredRE2> compiled_;
  std::vector<Expression> expressions_;  // by the number that they have there
  std::size_t bytes_max_ = 0;
  std::size_t work_max_ = 0;
  LiteralFilter literals_;
  std::unique_ptr<Everywhere> everywhere_;  // null: there are none
};

}  // namespace menshen::detectors
