// Which of many literals begin at a place of a text: by their first two bytes, so that the cost
// does not grow with their number.
//
//   PrefixIndex index(std::array<std::string_view, 2>{"ghp_", "glpat-"});
//   index.for_each_at(text, at, [](std::size_t number) { ... return true to go on; });
//
// Immutable, any thread; the literals outlive it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::detectors {

class PrefixIndex {
 public:
  PrefixIndex() = default;
  // Throws std::length_error for a literal of less than two bytes.
  explicit PrefixIndex(std::span<const std::string_view> literals) {
    for (std::size_t i = 0; i < literals.size(); ++i) {
      if (literals[i].size() < 2) throw std::length_error("a literal of one byte");
      entries_.push_back({literals[i], i, literals[i].size() > 2 ? literals[i][2] : '\0'});
    }
    // The longer of two that begin alike before the shorter.
    std::ranges::stable_sort(entries_, [](const Entry& a, const Entry& b) {
      return std::pair(slot_of(a.literal.data()), b.literal.size()) <
             std::pair(slot_of(b.literal.data()), a.literal.size());
    });
    for (std::size_t i = entries_.size(); i-- > 0;) {
      auto& [from, to] = slots_[slot_of(entries_[i].literal.data())];
      if (to == 0) to = static_cast<std::uint16_t>(i + 1);
      from = static_cast<std::uint16_t>(i);
    }
  }

  // Calls visit(number) for each literal at text[at], the longest first, while it returns true.
  template <class Visit>
  void for_each_at(std::string_view text, std::size_t at, Visit&& visit) const {
    if (at + 2 > text.size()) return;
    const auto [from, to] = slots_[slot_of(text.data() + at)];
    const char third = at + 2 < text.size() ? text[at + 2] : '\0';
    for (std::size_t i = from; i < to; ++i) {
      if (entries_[i].third != '\0' && entries_[i].third != third) continue;
      if (text.substr(at).starts_with(entries_[i].literal) && !visit(entries_[i].number)) return;
    }
  }

 private:
  struct Entry {
    std::string_view literal;
    std::size_t number;
    char third;  // 0: there is none
  };
  static constexpr std::size_t slots = 2048;
  static std::size_t slot_of(const char* two) noexcept {
    return (static_cast<unsigned char>(two[0]) * 61U + static_cast<unsigned char>(two[1])) % slots;
  }

  std::vector<Entry> entries_;                                          // by slot
  std::array<std::pair<std::uint16_t, std::uint16_t>, slots> slots_{};  // [from, to)
};

}  // namespace menshen::detectors
