// Is a candidate of so many digits what a form describes, and how surely?
#pragma once

#include "detectors/detector.h"
#include "detectors/numbers/label_index.h"
#include "detectors/numbers/number_spec.h"
#include "detectors/values/numbers.h"

#include <cstddef>

namespace menshen::detectors {

struct NumberFound {
  std::size_t begin = 0;
  std::size_t end = 0;
  float confidence = 0;  // 0: it is not
};

// The number has a length of the form's. `row_number`: the row's in the index of labels.
[[nodiscard]] NumberFound read_digits(const NumberSpec& row, std::size_t row_number,
                                      const DigitForm& form, const Window& window,
                                      const Number& number, Around& around);

}  // namespace menshen::detectors
