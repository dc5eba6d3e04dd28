// A cell of a table with a column of passwords, read byte by byte: which bytes of it are the value.
// Pure functions over the words of an ExtensionState.
#pragma once

#include "detectors/detector.h"

#include <cstdint>

namespace menshen::detectors::labelled_secret {

// Words of an ExtensionState. The last two are of the kind of table.
struct Slot {
  enum : std::uint8_t { delimiter, column, at_column, cell_bytes, holds, reading, tag, place };
};

// Begins the cell `number` of a line.
void next_cell(ExtensionState& state, std::uint32_t number) noexcept;

// A byte of the cell that is looked for: its value is its first word, in quotes or not.
[[nodiscard]] Step read_cell(ExtensionState& state, char c) noexcept;

// Ends the value of the cell: all before this byte is one, or it is none.
[[nodiscard]] Step end_value(ExtensionState& state) noexcept;

// Whether the next byte may be the first of a value.
[[nodiscard]] bool awaits_value(const ExtensionState& state) noexcept;

}  // namespace menshen::detectors::labelled_secret
