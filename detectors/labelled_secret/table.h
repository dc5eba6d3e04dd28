// Tables with a column of passwords: Markdown, CSV, TSV.
//
//   | user  | password  |         user,password
//   |-------|-----------|         admin,Xy12ab34
//   | admin | Xy12ab34  |
//
// The header is what stands in the anchor's line; rows are read byte by byte, in the window and on
// behind it, so a table may be as long as it likes. It ends with a line that lacks the column.
#pragma once

#include "detectors/detector.h"

#include <optional>

namespace menshen::detectors::labelled_secret {

// The state with which the line behind the header is read; nothing where the anchor's line is no
// header of a table.
[[nodiscard]] std::optional<ExtensionState> read_header(const AnchorWindow& window);

// Extension: the cells of the column that look like passwords belong, each a value of its own.
[[nodiscard]] Step read_table(ExtensionState& state, int byte) noexcept;

}  // namespace menshen::detectors::labelled_secret
