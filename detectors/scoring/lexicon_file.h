// The words that a score knows, as a file beside its code that is embedded in the program.
//
//   # a comment
//   [insult 0.5]
//   idiot*|moron*
//   白痴
//
// A class and its weight, then its terms, parted by '|' or on lines of their own, up to the next
// class; terms.h says what a term is.
//
//   static const std::vector<TermRow> rows = read_lexicon(toxicity_lexicon(), class_names);
#pragma once

#include "detectors/scoring/terms.h"

#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

// The number of a class is its place in `classes`. The rows point into `file`. Throws
// std::logic_error, with the line, where the file is not as above: it is a part of the program.
[[nodiscard]] std::vector<TermRow> read_lexicon(std::string_view file,
                                                std::span<const std::string_view> classes);

}  // namespace menshen::detectors::scoring
