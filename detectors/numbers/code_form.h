// Does a code of letters and digits that a form describes begin here?
#pragma once

#include "detectors/detector.h"
#include "detectors/numbers/number_spec.h"

#include <cstddef>

namespace menshen::detectors {

struct CodeFound {
  std::size_t end = 0;
  float confidence = 0;  // 0: none begins here
};

// `at` lies in the window.
[[nodiscard]] CodeFound read_code(const NumberSpec& row, const CodeForm& form, const Window& window,
                                  std::size_t at);

// Whether a code of the form can begin with this character.
[[nodiscard]] bool may_begin(const CodeForm& form, char c) noexcept;

}  // namespace menshen::detectors
