#include "detectors/scores.h"

#include "detectors/bias/bias.h"
#include "detectors/grounding/grounding.h"
#include "detectors/injection/injection.h"
#include "detectors/scoring/reading.h"
#include "detectors/toxicity/toxicity.h"

#include <utility>

namespace menshen::detectors {
namespace {

using scoring::Grounding;
using scoring::Reading;
using scoring::SignatureSet;

// Texts of the application itself, and fields that are no prose, are not judged.
bool judged(core::Role role) noexcept {
  return role == core::Role::user || role == core::Role::assistant || role == core::Role::tool;
}

bool injection_applies(const ScoreInput& input) noexcept {
  return input.direction == core::Direction::request &&
         (input.role == core::Role::user || input.role == core::Role::tool);
}

bool grounding_applies(const ScoreInput& input) noexcept {
  return input.direction == core::Direction::response && !input.sources.empty();
}

core::Result<void> score_words(const ScoreInput& input, core::Scores& scores) {
  thread_local Reading reading;
  if (auto read = reading.assign(input.text); !read) return read.error();
  if (injection_applies(input)) {
    auto score = scoring::injection_score(reading, SignatureSet::instance(), input.role);
    if (!score) return score.error();
    scores.set(core::ScoreKind::injection, *score);
  }
  const float bias = scoring::bias_score(reading);
  scores.set(core::ScoreKind::toxicity, scoring::toxicity_score(reading, bias));
  scores.set(core::ScoreKind::bias, bias);
  reading.trim();
  return {};
}

Grounding& thread_grounding() {
  thread_local Grounding grounding;
  return grounding;
}

core::Result<void> score_grounding(std::string_view answer, core::Scores& scores) {
  auto score = thread_grounding().score(answer);
  if (!score) return score.error();
  scores.set(core::ScoreKind::grounding, *score);
  return {};
}

}  // namespace

core::Result<core::Scores> score_text(const ScoreInput& input) {
  core::Scores scores;
  if (!judged(input.role)) return scores;
  if (auto done = score_words(input, scores); !done) return done.error();
  if (!grounding_applies(input)) return scores;
  if (auto read = thread_grounding().read(input.sources, {}); !read) return read.error();
  if (auto done = score_grounding(input.text, scores); !done) return done.error();
  thread_grounding().trim();
  return scores;
}

core::Result<core::Scores> score_answers(std::span<const std::string> answers,
                                         std::span<const std::string_view> sources,
                                         const std::stop_token& stop) {
  core::Scores worst;
  bool read = false;
  for (const std::string& answer : answers) {
    if (stop.stop_requested()) break;
    if (answer.empty()) continue;
    core::Scores scores;
    const ScoreInput input{.text = answer,
                           .role = core::Role::assistant,
                           .direction = core::Direction::response,
                           .sources = sources};
    if (auto done = score_words(input, scores); !done) return done.error();
    if (grounding_applies(input)) {
      if (!std::exchange(read, true)) {
        if (auto made = thread_grounding().read(sources, stop); !made) return made.error();
      }
      if (auto done = score_grounding(answer, scores); !done) return done.error();
    }
    worst.merge_worse(scores);
  }
  if (read) thread_grounding().trim();
  return worst;
}

std::string_view score_versions() noexcept { return "bias/1 grounding/1 injection/1 toxicity/1"; }

}  // namespace menshen::detectors
