// What is asked of every number and of every piece of a stream: is the number worth a closer look,
// and where may an address begin that holds a number to come.
#pragma once

#include "detectors/detector.h"

#include <cstddef>
#include <string_view>

namespace menshen::detectors::address {

// May an address hold a number between these? See Detector::worth_around.
[[nodiscard]] Detector::Worth worth_of_number(std::string_view before, std::string_view behind,
                                              bool last) noexcept;

// The earliest place of `text` where an address may begin that holds a number behind it: of Han,
// the sentence's part; else the last words that may belong to it. Each step asks only for what
// stands before, so that the place never goes back when `text` goes on.
[[nodiscard]] std::size_t earliest_begin(std::string_view text) noexcept;

}  // namespace menshen::detectors::address
