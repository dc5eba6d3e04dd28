// Parts of Chinese addresses: numbers with what they count, and what stands before the first.
#pragma once

#include "detectors/address/text.h"

#include <cstddef>
#include <cstdint>

namespace menshen::detectors::address {

// What a number of an address counts.
enum class Counts : std::uint8_t {
  nothing,  // no number
  plain,    // it does not say
  house,    // 号, 弄, 巷, 号院
  building,
  unit,
  floor,
  room,
  group,    // of a village
  section,  // of a road, a phase of an estate
};

struct Number {
  Counts counts = Counts::nothing;
  std::size_t end = 0;
};

// 88号, 3-2-502, 45之1号, 12楼, 三单元, B座, B1层 at `i`.
[[nodiscard]] Number number_at(const Text& text, std::size_t i);

// What ends before `i`, directly.
enum class Before : std::uint8_t { nothing, road, estate, village, building };
[[nodiscard]] Before what_ends(const Text& text, std::size_t i);

// A road's name that is none: 电路, 通道.
[[nodiscard]] bool is_no_road(const Text& text, std::size_t i);

// Words of the sentence around, never within a name.
[[nodiscard]] bool is_function_word(char32_t c) noexcept;
// The same before a name, where the rest is long enough to be one.
[[nodiscard]] bool may_be_function_word(char32_t c) noexcept;

// Does 地址, 住在, 寄到 or the like end at `i`?
[[nodiscard]] bool announces(const Text& text, std::size_t i);
// The same, with a colon, 是, 为 and the like behind it.
[[nodiscard]] bool is_announced(const Text& text, std::size_t i);

}  // namespace menshen::detectors::address
