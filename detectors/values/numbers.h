// Numbers as people write them: digits in groups.
//
// Candidates for a value of so many digits are tried from each group on, the longest reading before
// the shorter ones that end at a separator, so that what follows a value does not hide it.
//
//   for_each_number(window, 11, 11, [&](const Number& n) { return is_mobile(n.digits()); });
#pragma once

#include "detectors/detector.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace menshen::detectors {

class Number {
 public:
  static constexpr std::size_t digits_max = 40;

  [[nodiscard]] std::string_view digits() const noexcept { return {digits_.data(), count_}; }
  [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
  [[nodiscard]] std::size_t end() const noexcept { return end_; }
  [[nodiscard]] std::size_t groups() const noexcept { return group_count_; }
  [[nodiscard]] std::size_t group_size(std::size_t i) const noexcept { return sizes_[i]; }
  [[nodiscard]] bool contiguous() const noexcept { return group_count_ == 1; }
  // All the digits that stand together here: no further group before or behind.
  [[nodiscard]] bool whole() const noexcept { return whole_; }
  // Whole, or parted from the digits around it by something else than what parts its own groups:
  // "415-555-0123 2024", but not "4111 1111 1111 1111 2024".
  [[nodiscard]] bool isolated() const noexcept { return isolated_; }
  // Grouped just so, as in {3, 4, 4}.
  [[nodiscard]] bool grouped(std::initializer_list<std::uint8_t> sizes) const noexcept;

 private:
  friend class NumberReader;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, digits_max> digits_{};
  std::array<std::uint8_t, digits_max> sizes_{};
  std::size_t count_ = 0;
  std::size_t group_count_ = 0;
  bool whole_ = false;
  bool isolated_ = false;
};

class NumberReader {
 public:
  explicit NumberReader(const Window& window) : window_(&window) {}
  // Reads groups[first..last]; false when they have too many digits.
  [[nodiscard]] bool read(std::size_t first, std::size_t last, Number& out) const noexcept;

 private:
  // What stands before a group, within its sequence; empty at the start of one.
  [[nodiscard]] std::string_view separator(std::size_t group) const noexcept;
  [[nodiscard]] bool isolated(std::size_t first, std::size_t last) const noexcept;

  const Window* window_;
};

// `accept(number)` says whether it took the candidate; reading goes on behind one that it took.
template <class Accept>
void for_each_number(const Window& window, std::size_t digits_min, std::size_t digits_max,
                     Accept&& accept) {
  const NumberReader reader(window);
  const auto& groups = window.groups;
  std::size_t first = 0;
  while (first < groups.size()) {
    std::size_t next = first + 1;
    if (window.owns(groups[first].begin)) {
      std::size_t last = first;
      std::size_t digits = groups[first].size();
      while (last + 1 < groups.size() && groups[last + 1].separators > 0 &&
             digits + groups[last + 1].size() <= digits_max) {
        ++last;
        digits += groups[last].size();
      }
      for (Number number; digits >= digits_min && digits <= digits_max;
           digits -= groups[last].size(), --last) {
        if (reader.read(first, last, number) && accept(number)) {
          next = last + 1;
          break;
        }
        if (last == first) break;
      }
    }
    first = next;
  }
}

}  // namespace menshen::detectors
