// Chinese addresses, simplified and traditional: divisions, a road or an estate, numbers.
#pragma once

#include "detectors/address/text.h"

namespace menshen::detectors::address {

// The address whose first number is the window's.
[[nodiscard]] Found read_chinese(const Text& text);

}  // namespace menshen::detectors::address
