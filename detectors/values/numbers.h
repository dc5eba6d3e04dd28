// Numbers as people write them: digits in groups.
//
// Candidates for a value of so many digits are tried from each group on, the longest reading before
// the shorter ones that end at a separator, so that what follows a value does not hide it.
//
//   for_each_number(window, 11, 11, [&](const Number& n) { return is_mobile(n.digits()); });
#pragma once

#include "detectors/detector.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace menshen::detectors {

class Number {
 public:
  [[nodiscard]] std::string_view digits() const noexcept {
    const std::size_t from = group(first_).offset;
    return window_->digits.substr(from, group(last_).offset + group(last_).size() - from);
  }
  [[nodiscard]] std::size_t begin() const noexcept { return group(first_).begin; }
  [[nodiscard]] std::size_t end() const noexcept { return group(last_).end; }
  // Of the window: in its `groups`.
  [[nodiscard]] std::size_t first_group() const noexcept { return first_; }
  [[nodiscard]] std::size_t last_group() const noexcept { return last_; }
  [[nodiscard]] std::size_t groups() const noexcept { return last_ - first_ + 1; }
  [[nodiscard]] std::size_t group_size(std::size_t i) const noexcept {
    return group(first_ + i).size();
  }
  [[nodiscard]] bool contiguous() const noexcept { return first_ == last_; }
  // All the digits that stand together here: no further group before or behind.
  [[nodiscard]] bool whole() const noexcept {
    return group(first_).separators == 0 &&
           (last_ + 1 == window_->groups.size() || group(last_ + 1).separators == 0);
  }
  // Whole, or parted from the digits around it by something else than what parts its own groups:
  // "415-555-0123 2024", but not "4111 1111 1111 1111 2024".
  [[nodiscard]] bool isolated() const noexcept;
  // A decimal of five places and more, or among such: "0.132812 1.5625"; or with a minus sign of a
  // formula or a column: "= -5", "1 -5". Looks at four groups on either side.
  [[nodiscard]] bool in_decimals() const noexcept;
  // Cut out of a longer series of groups of one size, parted alike: 2221 of 2221 2300 2410 2500
  // 2610.
  [[nodiscard]] bool in_series() const noexcept;
  // One dash between any two groups, and nothing else.
  [[nodiscard]] bool dashed() const noexcept;
  // Grouped just so, as in {3, 4, 4}.
  [[nodiscard]] bool grouped(std::initializer_list<std::uint8_t> sizes) const noexcept;

 private:
  template <class Accept>
  friend void for_each_number(const Window& window, std::size_t digits_min, std::size_t digits_max,
                              Accept&& accept);
  template <class Visit>
  friend void for_each_reading(const Window& window, std::size_t digits_max, Visit&& visit);

  explicit Number(const Window& window) : window_(&window) {}
  // The longest number of at most so many digits that begins with a group; false when there is
  // none.
  [[nodiscard]] bool begin_at(std::size_t first, std::size_t digits_at_most) noexcept;
  // Without its last group; false when it has but one.
  [[nodiscard]] bool shorten() noexcept;

  [[nodiscard]] const DigitGroup& group(std::size_t i) const noexcept { return window_->groups[i]; }
  // The group is what stands behind the point of a decimal.
  [[nodiscard]] bool is_fraction(std::size_t i) const noexcept;
  [[nodiscard]] bool is_negative() const noexcept;
  // What stands before a group, within its sequence; empty at the start of one.
  [[nodiscard]] std::string_view separator(std::size_t i) const noexcept;

  const Window* window_;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
};

// `accept(number)` says whether it took the candidate; reading goes on behind one that it took.
template <class Accept>
void for_each_number(const Window& window, std::size_t digits_min, std::size_t digits_max,
                     Accept&& accept) {
  Number number(window);
  for (std::size_t first = 0; first < window.groups.size();) {
    std::size_t next = first + 1;
    if (window.owns(window.groups[first].begin) && number.begin_at(first, digits_max)) {
      do {
        if (number.digits().size() < digits_min) break;
        if (accept(number)) {
          next = number.last_ + 1;
          break;
        }
      } while (number.shorten());
    }
    first = next;
  }
}

// All candidates, for several kinds of number at once.
template <class Visit>
void for_each_reading(const Window& window, std::size_t digits_max, Visit&& visit) {
  Number number(window);
  for (std::size_t first = 0; first < window.groups.size(); ++first) {
    if (!window.owns(window.groups[first].begin) || !number.begin_at(first, digits_max)) continue;
    do visit(number);
    while (number.shorten());
  }
}

}  // namespace menshen::detectors
