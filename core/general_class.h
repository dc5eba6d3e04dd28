// The General_Category of a code point, as coarsely as tokenisers of language models ask for it.
#pragma once

#include <cstdint>

namespace menshen::core {

enum class GeneralClass : std::uint8_t {
  other,   // punctuation, symbols, separators, controls, what is not assigned
  upper,   // Lu, Lt
  lower,   // Ll
  letter,  // Lm, Lo: neither upper nor lower
  mark,    // M
  number,  // N
};

// Of any code point; other past U+10FFFF. A pure function of constant sorted rows (core/unicode.h),
// a dozen steps.
[[nodiscard]] GeneralClass general_class(char32_t c) noexcept;

}  // namespace menshen::core
