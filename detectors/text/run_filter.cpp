#include "detectors/text/segmenter.h"

#include <algorithm>

namespace menshen::detectors {

void RunFilter::add(const RunClause& clause) {
  if (clause.next != 0) {
    around_.push_back(clause);
    return;
  }
  clauses_.push_back(clause);
  if (clause.digits > 0) return;
  for (std::size_t content = 0; content < bytes_without_digits_.size(); ++content) {
    if ((content & clause.content) != clause.content) continue;
    bytes_without_digits_[content] = std::min(bytes_without_digits_[content], clause.bytes);
  }
}

bool RunFilter::passes_between(const RunWindow& run, std::string_view before,
                               char32_t next) const noexcept {
  return std::ranges::any_of(around_, [&](const RunClause& clause) {
    return clause.next == next && clause.holds(run.end - run.run_begin, run.digits, run.content) &&
           before.find(clause.before) != std::string_view::npos;
  });
}

}  // namespace menshen::detectors
