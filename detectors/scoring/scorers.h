// The scorers of this build, and what follows from them alone. Made once; any thread.
#pragma once

#include "core/score.h"
#include "detectors/scorer.h"

#include <span>
#include <string>
#include <vector>

namespace menshen::detectors::scoring {

class Scorers {
 public:
  // By name. Aborts when two have one name or one lexicon, or there are more than
  // core::Scores::kinds_max.
  explicit Scorers(std::vector<const Scorer*> scorers);

  // All that is linked in.
  [[nodiscard]] static const Scorers& instance();

  [[nodiscard]] std::span<const Scorer* const> all() const noexcept { return scorers_; }
  [[nodiscard]] std::span<const core::ScoreKind* const> kinds() const noexcept { return kinds_; }
  [[nodiscard]] const core::ScoreKinds& as_set() const noexcept { return set_; }
  [[nodiscard]] const std::string& versions() const noexcept { return versions_; }

 private:
  std::vector<const Scorer*> scorers_;
  std::vector<const core::ScoreKind*> kinds_;
  core::ScoreKinds set_;
  std::string versions_;
};

}  // namespace menshen::detectors::scoring
