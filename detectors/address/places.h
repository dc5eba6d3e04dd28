// Names of Chinese divisions (places.txt, made by detectors/training/address_places.py).
#pragma once

#include "detectors/address/text.h"

#include <cstddef>
#include <cstdint>

namespace menshen::detectors::address {

enum class Level : std::uint8_t { none, province, city, district, short_district };

struct Place {
  Level level = Level::none;
  std::size_t end = 0;
};

// The longest name that stands at `i`, in characters before `until`.
[[nodiscard]] Place place_at(const Text& text, std::size_t i, std::size_t until);

}  // namespace menshen::detectors::address
