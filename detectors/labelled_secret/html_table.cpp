#include "detectors/labelled_secret/html_table.h"

#include "detectors/labelled_secret/cell.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace menshen::detectors::labelled_secret {
namespace {

// Bits of state[Slot::place].
constexpr std::uint32_t in_tag = 1;
constexpr std::uint32_t in_name = 2;  // of the tag
constexpr std::uint32_t in_cell = 4;
constexpr std::uint32_t in_rows = 8;  // the columns are known

// While columns are named, words of the state that cells need later: the last eight bytes of the
// name, and how many there are. state[Slot::delimiter] counts bytes since a tag of the table.
constexpr std::uint8_t name_low = Slot::cell_bytes;
constexpr std::uint8_t name_high = Slot::holds;
constexpr std::uint8_t name_bytes = Slot::reading;
constexpr std::uint32_t no_column = 0xFFFF;
constexpr std::uint32_t apart_max = 2048;

// Of tags, four characters tell them apart.
constexpr std::uint32_t tag_name(std::string_view name) noexcept {
  std::uint32_t packed = 0;
  for (const char c : name) packed = packed << 8 | static_cast<unsigned char>(c);
  return packed;
}

bool heads_passwords(const ExtensionState& state) {
  constexpr std::size_t more_max = 12;
  static constexpr std::array<std::string_view, 9> names{
      "password", "passwd", "pwd", "passcode", "passwort", "kennwort", "密码", "密碼", "口令"};
  const std::uint64_t last = std::uint64_t{state[name_high]} << 32 | state[name_low];
  std::array<char, sizeof last> text{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[text.size() - 1 - i] = static_cast<char>(last >> (8 * i));
  }
  const std::string_view shown(text.data(), text.size());
  return std::ranges::any_of(names, [&](std::string_view name) {
    return shown.ends_with(name) && state[name_bytes] <= name.size() + more_max;
  });
}

void read_column_name(ExtensionState& state, char c) {
  const bool around = static_cast<unsigned char>(c) <= ' ' || c == '*' || c == ':' || c == '\x1A';
  if (around) return;
  state[name_high] = state[name_high] << 8 | state[name_low] >> 24;
  state[name_low] = state[name_low] << 8 | static_cast<unsigned char>(to_lower(c));
  ++state[name_bytes];
}

void end_table_cell(ExtensionState& state) {
  const bool named = (state[Slot::place] & (in_rows | in_cell)) == in_cell;
  if (named && heads_passwords(state)) state[Slot::column] = state[Slot::at_column];
  state[Slot::place] &= ~in_cell;
}

bool is_in_column(const ExtensionState& state) {
  return (state[Slot::place] & (in_rows | in_cell)) == (in_rows | in_cell) &&
         state[Slot::at_column] == state[Slot::column];
}

// False: the table has no column of passwords.
bool end_table_row(ExtensionState& state) {
  end_table_cell(state);
  const std::uint32_t cells = state[Slot::at_column];
  next_cell(state, 0);
  if ((state[Slot::place] & in_rows) != 0 || cells < 2) {  // a title
    if ((state[Slot::place] & in_rows) == 0) state[Slot::column] = no_column;
    return true;
  }
  state[Slot::place] |= in_rows;
  return state[Slot::column] != no_column;
}

// A tag whose name is read. False: the table ends.
bool take_table_tag(ExtensionState& state) {
  state[Slot::place] &= ~in_name;
  switch (state[Slot::tag]) {
    case tag_name("tr"):
    case tag_name("/tr"): state[Slot::delimiter] = 0; return end_table_row(state);
    case tag_name("td"):
    case tag_name("th"):
      state[Slot::delimiter] = 0;
      end_table_cell(state);
      next_cell(state, state[Slot::at_column] + 1);
      state[Slot::place] |= in_cell;
      return true;
    case tag_name("/td"):
    case tag_name("/th"): end_table_cell(state); return true;
    case tag_name("tabl"):
    case tag_name("/tab"): return false;
    default: return true;
  }
}

bool read_table_tag(ExtensionState& state, char c) {
  if ((state[Slot::place] & in_name) != 0) {
    constexpr std::uint32_t full = 0xFF000000;
    const bool ends =
        c == '>' || static_cast<unsigned char>(c) <= ' ' || (state[Slot::tag] & full) != 0;
    if (!ends) {
      state[Slot::tag] = state[Slot::tag] << 8 | static_cast<unsigned char>(to_lower(c));
      // Of a program that writes the cell: <?php, <%=, <!--
      const bool writes = std::string_view("?%!").find(c) != std::string_view::npos;
      if (writes && is_in_column(state)) (void)end_value(state);
      return true;
    }
    if (!take_table_tag(state)) return false;
  }
  if (c == '>') state[Slot::place] &= ~in_tag;
  return true;
}

}  // namespace

bool is_html_table(std::string_view anchor) noexcept {
  return equal_ignoring_case(anchor, "<table");
}

ExtensionState begin_html_table() noexcept {
  ExtensionState state{};
  state[Slot::column] = no_column;
  state[Slot::place] = in_tag;
  return state;
}

Step read_html_table(ExtensionState& state, int byte) noexcept {
  const char c = byte < 0 ? '<' : static_cast<char>(byte);
  if (++state[Slot::delimiter] > apart_max) return Step::stop;
  if ((state[Slot::place] & in_tag) != 0)
    return read_table_tag(state, c) ? Step::split : Step::stop;
  const bool mine = is_in_column(state);
  if (c == '<') {
    state[Slot::place] |= in_tag | in_name;
    state[Slot::tag] = 0;
    return mine && state[Slot::reading] == 1 ? end_value(state) : Step::split;
  }
  if (mine) {
    // Of a template: {{ user.password }}
    if (c == '{' && state[Slot::reading] == 0) return end_value(state);
    return read_cell(state, c == '\n' || c == '\t' ? ' ' : c);
  }
  if ((state[Slot::place] & (in_rows | in_cell)) == in_cell) read_column_name(state, c);
  return Step::split;
}

}  // namespace menshen::detectors::labelled_secret
