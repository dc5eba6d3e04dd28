#include "detectors/names/decoder.h"

#include <algorithm>
#include <limits>

namespace menshen::detectors::names {
namespace {

constexpr std::int32_t never = std::numeric_limits<std::int32_t>::min() / 2;

struct Followers {
  std::array<std::array<Label, label_count>, label_count> before{};  // that a label may follow
  std::array<std::size_t, label_count> size{};
};

constexpr Followers followers() {
  Followers out;
  for (Label label = 0; label < label_count; ++label) {
    for (Label before = 0; before < label_count; ++before) {
      if (may_follow(before, label)) out.before[label][out.size[label]++] = before;
    }
  }
  return out;
}
constexpr Followers allowed = followers();

}  // namespace

std::span<const Label> Decoder::best(std::span<const Scores> tokens, const Transitions& transitions,
                                     Label before, bool goes_on) {
  labels_.resize(tokens.size());
  from_.resize(tokens.size());
  if (tokens.empty()) return labels_;
  Scores last;
  last.fill(never);
  last[before] = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    Scores next;
    next.fill(never);
    for (Label label = 0; label < label_count; ++label) {
      for (std::size_t k = 0; k < allowed.size[label]; ++k) {
        const Label from = allowed.before[label][k];
        const std::int32_t score = last[from] + transitions[from][label];
        if (score <= next[label]) continue;
        next[label] = score;
        from_[i][label] = from;
      }
      next[label] = std::max(never, next[label] + tokens[i][label]);
    }
    last = next;
  }
  Label best = outside;
  for (Label label = 0; label < label_count; ++label) {
    if (last[label] > last[best] && (goes_on || !is_open(label))) best = label;
  }
  for (std::size_t i = tokens.size(); i-- > 0;) {
    labels_[i] = best;
    best = from_[i][best];
  }
  return labels_;
}

}  // namespace menshen::detectors::names
