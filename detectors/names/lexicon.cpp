#include "detectors/names/lexicon.h"

#include <bit>

namespace menshen::detectors::names {

std::vector<std::uint32_t> Lexicon::slots_of(const std::vector<Entry>& entries) {
  std::vector<std::uint32_t> slots(std::bit_ceil(entries.size() * 2 + 2));
  const std::size_t mask = slots.size() - 1;
  for (const Entry& entry : entries) {
    std::size_t at = entry.hash & mask;
    const std::uint32_t mark = mark_of(entry.hash);
    while (slots[at] != 0 && slots[at] >> class_bits != mark) at = (at + 1) & mask;
    slots[at] |= mark << class_bits | entry.classes;
  }
  return slots;
}

}  // namespace menshen::detectors::names
