// What a scorer is: a pure function from a whole text to a number 0..1.
//
// A scorer is one folder NAME/ (see docs/CODING.md) with a file NAME_scorer.cpp that defines
//
//   const Scorer& menshen::detectors::NAME_scorer();
//
// and returns an object with static storage. It is shared by all threads; what it keeps between
// calls is scratch memory of a thread. A file lexicon.txt or model.bin in the folder is embedded in
// the program: NAME_lexicon(), NAME_model(). The words of a lexicon are found in one pass for all
// scorers (scoring/reading.h); policies, records and headers take the score's name from its kind.
//
//   class Shouting final : public Scorer {
//     const core::ScoreKind& kind() const noexcept override { return kind_; }
//     unsigned version() const noexcept override { return 1; }
//     core::Result<float> score(const ScoreInput& input, const scoring::Reading&) const override {
//       return share_of_capitals(input.text);
//     }
//     ...
//   };
#pragma once

#include "core/error.h"
#include "core/score.h"
#include "core/segment.h"
#include "detectors/scoring/terms.h"

#include <span>
#include <stop_token>
#include <string_view>

namespace menshen::detectors {

namespace scoring {
class Reading;
}

struct ScoreInput {
  std::string_view text;
  core::Role role = core::Role::user;
  core::Direction direction = core::Direction::request;
  // The texts that an answer may rest on. Empty: nothing to hold it against.
  std::span<const std::string_view> sources;
};

class Scorer {
 public:
  virtual ~Scorer() = default;

  // The kind's name is the folder's.
  [[nodiscard]] virtual const core::ScoreKind& kind() const noexcept = 0;
  // Of the algorithm and its data; goes into each record.
  [[nodiscard]] virtual unsigned version() const noexcept = 0;
  // The terms that the reading shall find for it. Called once.
  [[nodiscard]] virtual scoring::Lexicon lexicon() const { return {}; }

  // Whether score() looks at the reading, which is not made where nobody does.
  [[nodiscard]] virtual bool reads() const noexcept { return true; }
  // Asked only for texts of people, models and tools: an application's own words are not judged.
  [[nodiscard]] virtual bool applies(const ScoreInput& input) const noexcept {
    if (kind().by_sources && input.sources.empty()) return false;
    return input.direction == core::Direction::request ? kind().of_requests : kind().of_answers;
  }
  // Before the texts that are held against these sources, once, on the same thread; not where there
  // are none. May stop early when `stop` is requested: the scores are then not used.
  virtual core::Result<void> read_sources(std::span<const std::string_view> /*sources*/,
                                          const std::stop_token& /*stop*/) const {
    return {};
  }
  // 0..1. Any error ends the scoring: "could not tell" is never a number.
  virtual core::Result<float> score(const ScoreInput& input,
                                    const scoring::Reading& reading) const = 0;
  // Gives memory of this thread back that unusually long sources took.
  virtual void trim() const noexcept {}
};

}  // namespace menshen::detectors
