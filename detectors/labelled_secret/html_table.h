// Tables of HTML with a column of passwords.
//
//   <table><tr><th>user</th><th>password</th></tr>
//          <tr><td>admin</td><td>Xy12ab34</td></tr></table>
//
// Read byte by byte from <table on: the first row of two cells and more names the columns, and the
// reading ends there where none is of passwords; else at the table's end, at a table inside, or
// where no tag of a table comes for long.
#pragma once

#include "detectors/detector.h"

#include <string_view>

namespace menshen::detectors::labelled_secret {

// Whether the anchor is where such a table begins.
[[nodiscard]] bool is_html_table(std::string_view anchor) noexcept;

// The state directly behind the anchor.
[[nodiscard]] ExtensionState begin_html_table() noexcept;

// Extension: the cells of the column that look like passwords belong, each a value of its own.
[[nodiscard]] Step read_html_table(ExtensionState& state, int byte) noexcept;

}  // namespace menshen::detectors::labelled_secret
