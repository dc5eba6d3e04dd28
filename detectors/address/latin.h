// Addresses in Latin letters: a number before or behind a street, boxes at post offices, and what
// follows (locality.h).
#pragma once

#include "detectors/address/text.h"

namespace menshen::detectors::address {

// The address whose first number is the window's.
[[nodiscard]] Found read_latin(const Text& text);

}  // namespace menshen::detectors::address
