#include "core/score.h"

#include <algorithm>
#include <cstdlib>

namespace menshen::core {

bool ScoreKinds::has(const ScoreKind& kind) const noexcept {
  return std::ranges::find(all(), &kind) != all().end();
}

void ScoreKinds::add(const ScoreKind& kind) noexcept {
  if (has(kind)) return;
  if (count_ == max) std::abort();  // the registry of scores has no more
  kinds_[count_++] = &kind;
}

void ScoreKinds::add(const ScoreKinds& others) noexcept {
  for (const ScoreKind* kind : others.all()) add(*kind);
}

bool ScoreKinds::any_by_sources() const noexcept {
  return std::ranges::any_of(all(), [](const ScoreKind* kind) { return kind->by_sources; });
}

bool operator==(const ScoreKinds& a, const ScoreKinds& b) noexcept {
  return a.count_ == b.count_ &&
         std::ranges::all_of(a.all(), [&](const ScoreKind* kind) { return b.has(*kind); });
}

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
