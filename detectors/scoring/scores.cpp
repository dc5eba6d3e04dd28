#include "detectors/scores.h"

#include "detectors/guarded.h"
#include "detectors/scoring/reading.h"
#include "detectors/scoring/scorers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace menshen::detectors {
namespace {

using scoring::Scorers;

// Texts of the application itself, and fields that are no prose, are not judged.
bool judged(core::Role role) noexcept {
  return role == core::Role::user || role == core::Role::assistant || role == core::Role::tool;
}

// Texts that have the same sources, one after another.
class Scoring {
 public:
  Scoring(const core::ScoreKinds& kinds, const std::stop_token& stop)
      : kinds_(kinds), stop_(stop) {}
  ~Scoring() {
    const auto scorers = Scorers::instance().all();
    for (std::size_t i = 0; i < scorers.size(); ++i) {
      if (used_[i]) scorers[i]->trim();
    }
  }
  Scoring(const Scoring&) = delete;
  Scoring& operator=(const Scoring&) = delete;

  core::Result<void> score(const ScoreInput& input, core::Scores& scores) {
    thread_local scoring::Reading reading;
    const auto scorers = Scorers::instance().all();
    bool is_read = false;
    for (std::size_t i = 0; i < scorers.size(); ++i) {
      if (!kinds_.has(scorers[i]->kind()) || !scorers[i]->applies(input)) continue;
      if (scorers[i]->reads() && !std::exchange(is_read, true)) reading.assign(input.text);
      if (!input.sources.empty() && !std::exchange(used_[i], true)) {
        if (auto read = scorers[i]->read_sources(input.sources, stop_); !read) return read.error();
      }
      const auto score = scorers[i]->score(input, reading);
      if (!score) return score.error();
      scores.set(scorers[i]->kind(), *score);
    }
    if (is_read) reading.trim();
    return {};
  }

 private:
  const core::ScoreKinds& kinds_;
  const std::stop_token& stop_;
  std::array<bool, core::Scores::kinds_max> used_{};  // they have read the sources
};

core::Result<core::Scores> worst_of(std::span<const std::string_view> answers,
                                    std::span<const std::string_view> sources,
                                    const core::ScoreKinds& kinds, const std::stop_token& stop) {
  core::Scores worst;
  Scoring scoring(kinds, stop);
  for (const std::string_view answer : answers) {
    if (stop.stop_requested()) break;
    if (answer.empty()) continue;
    core::Scores scores;
    const ScoreInput input{.text = answer,
                           .role = core::Role::assistant,
                           .direction = core::Direction::response,
                           .sources = sources};
    if (auto done = scoring.score(input, scores); !done) return done.error();
    worst.merge_worse(scores);
  }
  return worst;
}

}  // namespace

core::Result<core::Scores> score_text(const ScoreInput& input, const core::ScoreKinds& kinds) {
  return guarded([&]() -> core::Result<core::Scores> {
    core::Scores scores;
    if (!judged(input.role)) return scores;
    if (auto done = Scoring(kinds, {}).score(input, scores); !done) return done.error();
    return scores;
  });
}

core::Result<core::Scores> score_answers(std::span<const std::string_view> answers,
                                         std::span<const std::string_view> sources,
                                         const core::ScoreKinds& kinds,
                                         const std::stop_token& stop) {
  return guarded([&] { return worst_of(answers, sources, kinds, stop); });
}

std::span<const core::ScoreKind* const> score_kinds() noexcept {
  return Scorers::instance().kinds();
}

const core::ScoreKinds& all_scores() noexcept { return Scorers::instance().as_set(); }

const core::ScoreKind* score_kind(std::string_view name) noexcept {
  const auto found = std::ranges::find(score_kinds(), name, &core::ScoreKind::name);
  return found == score_kinds().end() ? nullptr : *found;
}

std::string_view score_versions() noexcept { return Scorers::instance().versions(); }

}  // namespace menshen::detectors
