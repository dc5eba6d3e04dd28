// Which of many short texts stand somewhere in a window: the filter before regular expressions.
//
//   LiteralFilter filter;
//   filter.build({"emp-", "kunde"});          // as FilteredRE2 gives them: in lower case
//   filter.find("an EMP-1", hits);            // hits: {0}
//
// Compared without regard to the case of ASCII letters; so a text that has other letters of two
// cases cannot be told: it counts as always there, as one of fewer than literal_bytes_min bytes
// does. Immutable after build(), any thread; cost linear in the window but for texts that stand
// there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

inline constexpr std::size_t literal_bytes_min = 3;

class LiteralFilter {
 public:
  void build(std::span<const std::string> literals);

  [[nodiscard]] bool empty() const noexcept { return literals_.empty(); }
  // Those that are always there.
  [[nodiscard]] std::span<const int> always() const noexcept { return always_; }
  // Sets `hits` to the indices of those that stand in the text, each once; the ones that always do
  // not among them.
  void find(std::string_view text, std::vector<int>& hits) const;

 private:
  struct Literal {
    std::uint32_t key;  // its three bytes from `offset` on, folded
    std::uint8_t offset;
    int index;
    std::string text;
  };
  static constexpr unsigned filter_bits = 17;
  [[nodiscard]] static std::uint32_t slot(std::uint32_t key) noexcept {
    return (key * 0x9E3779B1U) >> (32U - filter_bits);
  }
  void look_up(std::string_view text, std::size_t at, std::uint32_t key,
               std::vector<int>& hits) const;

  std::size_t stride_ = 1;
  std::vector<std::uint64_t> filter_;
  std::vector<Literal> literals_;  // sorted by key
  std::vector<int> always_;
};

}  // namespace menshen::detectors
