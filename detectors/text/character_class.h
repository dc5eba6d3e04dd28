// What the character at a place of a view is to the segmenter (run_class of characters.h), and how
// many bytes it has. Pure functions over valid UTF-8.
#pragma once

#include "core/utf8.h"
#include "detectors/text/characters.h"

#include <cstddef>
#include <cstdint>

namespace menshen::detectors {

struct CharacterClass {
  std::uint8_t value;
  std::size_t bytes;
};

// Of one that is not ASCII: in the loop that reads all of Chinese prose.
[[nodiscard, gnu::always_inline]] inline CharacterClass wide_class_at(const Characters& characters,
                                                                      const char* p) noexcept {
  const core::ValidUtf8 c = core::valid_utf8_at(p);
  return {characters.run_class_of(c.point), c.bytes};
}

[[nodiscard]] inline CharacterClass class_at(const char* p) noexcept {
  const auto byte = static_cast<unsigned char>(*p);
  if (byte < 0x80) return {Characters::ascii_classes[byte], 1};
  return wide_class_at(Characters::instance(), p);
}

}  // namespace menshen::detectors
