// A pattern and a word, each a line, then a text. Whatever RE2 finds in a line of the text is found
// (the filter before it leaves nothing out), is as long as its shape says and costs no more than
// the table says, and the findings do not depend on cuts.
#include "core/fuzz_canary.h"
#include "core/limits.h"
#include "core/utf8.h"
#include "detectors/catalog.h"
#include "detectors/engine/lines.h"
#include "detectors/recognizers/normal_pattern.h"
#include "detectors/recognizers/pattern_shape.h"
#include "detectors/recognizers/pattern_table.h"
#include "detectors/recognizers/recognizers.h"
#include "detectors/testing/feeding.h"

#include <re2/re2.h>

#include <cstdint>
#include <cstdlib>
#include <random>

namespace menshen::detectors {
namespace {

void hold(bool held) {
  if (!held) std::abort();
}

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

void compare_with_re2(std::string_view pattern, std::string_view text) {
  if (!core::valid_utf8(text)) return;  // a view is
  PatternTable table;
  if (!table.add(pattern, 0).empty() || !table.build().empty()) return;
  const std::string normal = normal_pattern(pattern).text;
  PatternShape shape = shape_of(normal);
  if (core::fuzz_canary) --shape.bytes_max;  // the planted bug
  const Window window{.text = text, .owned_end = text.size()};
  std::vector<PatternTable::Found> found;
  hold(table.find(window, found) <= text.size() * table.work_max());
  const re2::RE2 expression(normal, re2::RE2::Quiet);
  std::size_t number = 0;
  re2::StringPiece match;
  for (std::size_t from = 0; from < text.size();) {
    if (!expression.Match(text, from, text.size(), re2::RE2::UNANCHORED, &match, 1)) break;
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    hold(match.size() >= shape.bytes_min && match.size() <= shape.bytes_max);
    for (std::size_t i = 0; i < shape.prefix.size() && begin + i < text.size(); ++i) {
      hold(shape.prefix[i][static_cast<unsigned char>(text[begin + i])]);
    }
    hold(number < found.size() && found[number].begin == begin &&
         found[number].end == begin + match.size());
    ++number;
    from = std::max(begin + match.size(), begin + 1);
  }
  hold(number == found.size());
}

void compare_cuts(std::string_view pattern, std::string_view word, std::string_view text,
                  std::mt19937& random) {
  RecognizersBuilder builder;
  const std::uint32_t by_pattern = builder.add({.name = "a", .summary = "a", .confidence = 0.5F});
  const std::uint32_t by_word = builder.add({.name = "b", .summary = "b", .confidence = 0.5F});
  const bool patterns = builder.add_pattern(by_pattern, pattern).empty();
  if (!builder.add_word(by_word, word).empty() && !patterns) return;
  if (!builder.build().empty()) return;
  Scanner scanner(Catalog::extended(nullptr, builder.take()));
  const auto whole = testing::feed(scanner, text, {});
  hold(whole.broken.empty() || whole.refused);
  std::vector<std::size_t> cuts;
  for (int way = 0; way < 3; ++way) {
    cuts.clear();
    for (std::size_t at = random() % 8; at < text.size(); at += 1 + random() % (1U << (4 * way))) {
      cuts.push_back(at);
    }
    const auto cut = testing::feed(scanner, text, cuts);
    hold(cut.refused == whole.refused && (cut.broken.empty() || cut.refused));
    hold(testing::same(whole.findings, cut.findings));
  }
}

}  // namespace
}  // namespace menshen::detectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace menshen::detectors;
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::mt19937 random(data[0]);
  const std::string_view pattern = next_line(rest);
  const std::string_view word = next_line(rest);
  compare_cuts(pattern, word, rest, random);
  compare_with_re2(pattern, next_line(rest).substr(0, menshen::core::match_bytes_max));
  return 0;
}
