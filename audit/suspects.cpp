#include "audit/suspects.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {

std::string records_named(std::uint64_t first, std::uint64_t last) {
  const std::string begin = std::to_string(first);
  return first == last ? "Record " + begin : "Records " + begin + " to " + std::to_string(last);
}

void Suspects::add(Suspect suspect) {
  const bool known = std::ranges::any_of(suspects_, [&](const Suspect& other) {
    return other.first >= suspect.first && other.last <= suspect.last;
  });
  if (!known && suspects_.size() < problems_listed_max) suspects_.push_back(std::move(suspect));
}

std::vector<Problem> Suspects::settle(Settled how) {
  std::vector<Problem> out;
  for (const Suspect& suspect : std::exchange(suspects_, {})) {
    std::string which = records_named(suspect.first, suspect.last);
    if (how == Settled::records_hold) {
      which[0] = 'r';
      out.push_back({ProblemKind::stored_hash, suspect.first, suspect.last, suspect.exchange,
                     "What is stored with " + which +
                         " was altered; the records themselves are those that were signed."});
    } else if (!suspect.named) {
      const bool one = suspect.first == suspect.last;
      which += one ? " was altered" : ": one of them was altered, together with its stored hash";
      which += how == Settled::never ? ", or its stored hash was; no head signed it yet." : ".";
      out.push_back(
          {ProblemKind::altered, suspect.first, suspect.last, suspect.exchange, std::move(which)});
    }
  }
  return out;
}

}  // namespace menshen::audit
