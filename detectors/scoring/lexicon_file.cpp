#include "detectors/scoring/lexicon_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>

namespace menshen::detectors::scoring {
namespace {

// "[insult 0.5]", without terms.
std::optional<TermRow> heading(std::string_view line, std::span<const std::string_view> classes) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos || !line.ends_with(']')) return std::nullopt;
  const auto cls = std::ranges::find(classes, line.substr(1, blank - 1));
  const std::string_view weight = line.substr(blank + 1, line.size() - blank - 2);
  float value = 0;
  const auto [end, error] = std::from_chars(weight.data(), weight.data() + weight.size(), value);
  const bool number = error == std::errc{} && end == weight.data() + weight.size();
  if (cls == classes.end() || !number || value < 0 || value > 1) return std::nullopt;
  return TermRow{static_cast<std::uint8_t>(cls - classes.begin()), value, {}};
}

}  // namespace

std::vector<TermRow> read_lexicon(std::string_view file,
                                  std::span<const std::string_view> classes) {
  std::vector<TermRow> rows;
  std::optional<TermRow> row;
  for (int number = 1; !file.empty(); ++number) {
    const std::string_view line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(file.size(), line.size() + 1));
    if (line.empty() || line.front() == '#') continue;
    const bool is_heading = line.front() == '[';
    if (is_heading) row = heading(line, classes);
    if (!row) {
      throw std::logic_error("line " + std::to_string(number) + " of a lexicon is none of it");
    }
    if (is_heading) continue;
    row->terms = line;
    rows.push_back(*row);
  }
  return rows;
}

}  // namespace menshen::detectors::scoring
