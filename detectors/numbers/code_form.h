// Does a code of letters and digits that a form describes begin here?
#pragma once

#include "detectors/detector.h"
#include "detectors/numbers/label_index.h"
#include "detectors/numbers/number_spec.h"

#include <cstddef>
#include <cstdint>

namespace menshen::detectors {

struct CodeFound {
  std::size_t begin = 0;
  std::size_t end = 0;
  float confidence = 0;  // 0: none begins here
  bool closed = false;   // the character behind `end`, which ends the run, belongs to it
};

// `at` lies in the window. `row_number`: the row's in the index of labels.
[[nodiscard]] CodeFound read_code(const NumberSpec& row, std::size_t row_number,
                                  const CodeForm& form, const Window& window, std::size_t at,
                                  Around& around);

// Whether a code of the form can begin with this character.
[[nodiscard]] bool may_begin(const CodeForm& form, char c) noexcept;

// With how many letters and digits that touch each other a code of the form may begin: bit n for n,
// the last bit for that many and more.
inline constexpr std::size_t token_length_max = 63;
[[nodiscard]] std::uint64_t token_lengths(const CodeForm& form) noexcept;

}  // namespace menshen::detectors
