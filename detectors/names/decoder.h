// The best labels of tokens that stand in a row, by scores of each label at each token and of each
// label behind another (Viterbi).
//
// Labels say where in a name a token stands (begin, inside, end, single; BIOES), and what is named.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace menshen::detectors::names {

enum class Named : std::uint8_t { person, organisation, location };
inline constexpr std::size_t named_count = 3;

// outside, then begin, inside, end and single of each.
using Label = std::uint8_t;
inline constexpr Label outside = 0;
inline constexpr std::size_t label_count = 1 + named_count * 4;
enum class Part : std::uint8_t { begin, inside, end, single };

[[nodiscard]] constexpr Label label_of(Named named, Part part) noexcept {
  return static_cast<Label>(1U + static_cast<unsigned>(named) * 4U + static_cast<unsigned>(part));
}
[[nodiscard]] constexpr Named named_of(Label label) noexcept {
  return static_cast<Named>((label - 1U) / 4U);
}
[[nodiscard]] constexpr Part part_of(Label label) noexcept {
  return static_cast<Part>((label - 1U) % 4U);
}
// Of the token `at` in a name of the tokens [begin, end).
[[nodiscard]] constexpr Part part_at(std::size_t at, std::size_t begin, std::size_t end) noexcept {
  if (end - begin == 1) return Part::single;
  return at == begin ? Part::begin : at + 1 == end ? Part::end : Part::inside;
}
// A name goes on behind it.
[[nodiscard]] constexpr bool is_open(Label label) noexcept {
  return label != outside && (part_of(label) == Part::begin || part_of(label) == Part::inside);
}
[[nodiscard]] constexpr bool may_follow(Label before, Label label) noexcept {
  const bool goes_on =
      label != outside && (part_of(label) == Part::inside || part_of(label) == Part::end);
  if (!is_open(before)) return !goes_on;
  return goes_on && named_of(before) == named_of(label);
}

// Padded to a power of two.
inline constexpr std::size_t label_columns = 16;
using Scores = std::array<std::int32_t, label_columns>;
using Transitions = std::array<Scores, label_columns>;  // [before][label]

class Decoder {
 public:
  // The best labels of the tokens with these scores, behind a token with the label `before`, which
  // is not open. The last one may be open only where `goes_on`.
  std::span<const Label> best(std::span<const Scores> tokens, const Transitions& transitions,
                              Label before, bool goes_on);

 private:
  std::vector<std::array<Label, label_columns>> from_;
  std::vector<Label> labels_;
};

}  // namespace menshen::detectors::names
