// What follows a street in Latin letters: units, places, states, postal codes, countries, on the
// same line or the next ones.
#pragma once

#include "detectors/address/text.h"

#include <cstddef>

namespace menshen::detectors::address {

struct Locality {
  std::size_t end = 0;  // where what belongs to the address ends
  bool unit = false;
  bool city = false;
  bool state = false;
  bool postal_code = false;
  bool country = false;
};

// `any_case`: places need no capitals.
[[nodiscard]] Locality read_locality(const Text& text, std::size_t from, bool any_case);

// Apt 4B, # 12, 2nd floor, Suite 100 at `i`; where it ends, or `i`.
[[nodiscard]] std::size_t unit_end(const Text& text, std::size_t i);
// 12, 12B, 12-14, 12/3, where it ends, or `i`.
[[nodiscard]] std::size_t house_number_end(const Text& text, std::size_t i);
// A box at a post office: P.O. Box 12
[[nodiscard]] std::size_t box_end(const Text& text, std::size_t i);

}  // namespace menshen::detectors::address
