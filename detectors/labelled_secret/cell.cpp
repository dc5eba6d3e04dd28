#include "detectors/labelled_secret/cell.h"

#include "detectors/values/boundary.h"

#include <string_view>

namespace menshen::detectors::labelled_secret {
namespace {

namespace cell {
inline constexpr std::uint32_t letter = 1;
inline constexpr std::uint32_t digit = 2;
inline constexpr std::uint32_t symbol = 4;  // no join, no mask
inline constexpr std::uint32_t other = 8;   // not ASCII, too long, or a tag, a template, a variable
inline constexpr std::uint32_t quoted = 16;
inline constexpr std::uint32_t join = 32;
}  // namespace cell
constexpr std::uint32_t cell_bytes_max = 128;

bool is_password(const ExtensionState& state) {
  constexpr std::uint32_t bytes_min = 4;
  const std::uint32_t has = state[Slot::holds];
  if (state[Slot::cell_bytes] < bytes_min || (has & cell::other) != 0) return false;
  // 2024-01-01, 12:30 and 99.9% are none.
  if ((has & cell::letter) == 0) return (has & cell::digit) != 0 && (has & cell::join) == 0;
  return (has & (cell::digit | cell::symbol)) != 0;
}

}  // namespace

void next_cell(ExtensionState& state, std::uint32_t number) noexcept {
  state[Slot::at_column] = number;
  state[Slot::cell_bytes] = 0;
  state[Slot::holds] = 0;
  state[Slot::reading] = 0;
}

Step end_value(ExtensionState& state) noexcept {
  const Step step =
      state[Slot::reading] == 1 && is_password(state) ? Step::split_after : Step::split;
  state[Slot::reading] = 2;
  return step;
}

Step read_cell(ExtensionState& state, char c) noexcept {
  const bool blank = c == ' ' || c == '\r' || c == '*' || c == '`';
  if (state[Slot::reading] == 2) return Step::split;
  if (state[Slot::reading] == 0) {
    if (c == '"' && state[Slot::cell_bytes] == 0) state[Slot::holds] |= cell::quoted;
    if (blank || c == '"') return Step::split;
    state[Slot::reading] = 1;
  } else if (blank || (c == '"' && (state[Slot::holds] & cell::quoted) != 0)) {
    return end_value(state);
  }
  ++state[Slot::cell_bytes];
  const bool placeholder = c == '{' || (state[Slot::cell_bytes] == 1 && (c == '[' || c == '<'));
  if (static_cast<unsigned char>(c) >= 0x80 || placeholder ||
      state[Slot::cell_bytes] > cell_bytes_max) {
    state[Slot::holds] |= cell::other;
  } else if (is_letter(c)) {
    state[Slot::holds] |= cell::letter;
  } else if (is_digit(c)) {
    state[Slot::holds] |= cell::digit;
  } else if (std::string_view("-_./:*,%").find(c) != std::string_view::npos) {
    state[Slot::holds] |= cell::join;
  } else if (c != '$' || state[Slot::cell_bytes] > 1) {  // $NAME
    state[Slot::holds] |= cell::symbol;
  }
  return Step::hold;
}

bool awaits_value(const ExtensionState& state) noexcept {
  return state[Slot::at_column] == state[Slot::column] && state[Slot::reading] == 0;
}

}  // namespace menshen::detectors::labelled_secret
