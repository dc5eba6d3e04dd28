// Numbers that count something are no identifiers: 13800138000元, $13800138000, 13800138000%.
#pragma once

#include "detectors/detector.h"
#include "detectors/values/numbers.h"

#include <cstddef>

namespace menshen::detectors {

[[nodiscard]] bool is_quantity(const Window& window, std::size_t begin, std::size_t end) noexcept;

// "1.13800138000" at the start of a line: the 1. numbers a list.
[[nodiscard]] bool follows_list_number(const Window& window, const Number& number) noexcept;

}  // namespace menshen::detectors
