#include "core/score.h"

#include <algorithm>
#include <cstdlib>

namespace menshen::core {

std::optional<float> Scores::get(const ScoreKind& kind) const noexcept {
  const auto found = std::ranges::find(all(), &kind, &Score::kind);
  if (found == all().end()) return std::nullopt;
  return found->value;
}

void Scores::set(const ScoreKind& kind, float value) noexcept {
  const auto known =
      std::ranges::find(scores_.begin(), scores_.begin() + count_, &kind, &Score::kind);
  if (known != scores_.begin() + count_) {
    known->value = value;
    return;
  }
  if (count_ == kinds_max) std::abort();  // the registry of scores has no more
  std::size_t at = count_++;
  for (; at > 0 && scores_[at - 1].kind->name > kind.name; --at) scores_[at] = scores_[at - 1];
  scores_[at] = {&kind, value};
}

void Scores::merge_worse(const Scores& other) noexcept {
  for (const Score& theirs : other.all()) {
    const auto ours = get(*theirs.kind);
    const bool lower_is_worse = theirs.kind->better == Better::higher;
    const bool worse = !ours || (lower_is_worse ? theirs.value < *ours : theirs.value > *ours);
    if (worse) set(*theirs.kind, theirs.value);
  }
}

}  // namespace menshen::core
