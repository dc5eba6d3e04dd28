#include "detectors/labelled_secret/table.h"

#include "detectors/labelled_secret/cell.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <cstdint>

namespace menshen::detectors::labelled_secret {
namespace {

// Without blanks, quotes, emphasis and invalid bytes (0x1A) around it.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view around = " *\"`\r\x1A";
  const std::size_t begin = std::min(text.find_first_not_of(around), text.size());
  return text.substr(begin, text.find_last_not_of(around) + 1 - begin);
}

// A name of a column: few words, no values; between commas one word, else it were a sentence.
bool is_column_name(std::string_view text, char parts) {
  constexpr std::size_t bytes_max = 32;
  text = trimmed(text);
  const int blanks_max = parts == ',' ? 0 : 2;
  return text.size() <= bytes_max && std::ranges::count(text, ' ') <= blanks_max &&
         std::ranges::all_of(text, [](char c) {
           return is_alnum(c) || c == '_' || c == '-' || c == ' ' || c == '/' ||
                  static_cast<unsigned char>(c) >= 0x80;
         });
}

// What names a column of passwords, with at most a word before: 登录密码, "db_password".
bool names_passwords(std::string_view text, std::string_view anchor) {
  text = trimmed(text);
  constexpr std::size_t more_max = 12;
  return text.ends_with(anchor) && text.size() <= anchor.size() + more_max;
}

// How many columns stand before position `at` of the line; nothing where it is no header.
std::optional<std::uint32_t> column_of(std::string_view line, char parts, std::size_t at,
                                       std::string_view anchor) {
  std::uint32_t number = 0;
  std::optional<std::uint32_t> found;
  for (std::size_t from = 0; from <= line.size(); ++number) {
    const std::size_t to = std::min(line.find(parts, from), line.size());
    const std::string_view text = line.substr(from, to - from);
    if (!is_column_name(text, parts)) return std::nullopt;
    if (at >= from && at < to) {
      if (!names_passwords(text, anchor)) return std::nullopt;
      found = number;
    }
    from = to + 1;
  }
  return number > 1 ? found : std::nullopt;
}

}  // namespace

std::optional<ExtensionState> read_header(const AnchorWindow& window) {
  const std::string_view text = window.text;
  const std::size_t before = text.substr(0, window.begin).rfind('\n');
  const std::size_t begin = before == text.npos ? 0 : before + 1;
  const std::size_t end = text.find('\n', window.end);
  if (end == text.npos || (begin == 0 && window.begin >= core::context_bytes_max)) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(begin, end - begin);
  const std::string_view anchor = text.substr(window.begin, window.end - window.begin);
  // What passed stands in tables of tests; and lines of programs begin with tabs.
  if (equal_ignoring_case(anchor, "pass") || line.starts_with('\t')) return std::nullopt;
  for (const char parts : {'|', '\t', ','}) {
    if (line.find(parts) == line.npos) continue;
    const auto number = column_of(line, parts, window.begin - begin, anchor);
    if (!number) return std::nullopt;
    ExtensionState state{};
    state[Slot::delimiter] = static_cast<unsigned char>(parts);
    state[Slot::column] = *number;
    return state;
  }
  return std::nullopt;
}

Step read_table(ExtensionState& state, int byte) noexcept {
  const char c = byte < 0 ? '\n' : static_cast<char>(byte);
  const bool mine = state[Slot::at_column] == state[Slot::column];
  std::uint32_t& in_quotes = state[Slot::place];  // a comma parts no cells there
  if (c == '"' && state[Slot::delimiter] == ',') in_quotes ^= 1U;
  if (c == '\n') {
    const bool complete = state[Slot::at_column] >= state[Slot::column] &&
                          state[Slot::column] + state[Slot::at_column] > 0;
    const Step step = mine ? end_value(state) : Step::split;
    // A line that lacks the column is none of the table.
    if (!complete) return Step::stop;
    next_cell(state, 0);
    in_quotes = 0;
    return step;
  }
  if (static_cast<unsigned char>(c) == state[Slot::delimiter] && in_quotes == 0) {
    const Step step = mine ? end_value(state) : Step::split;
    next_cell(state, state[Slot::at_column] + 1);
    return step;
  }
  return mine ? read_cell(state, c) : Step::split;
}

}  // namespace menshen::detectors::labelled_secret
