// The scores of a whole text by all scorers of this build. Each score's folder has a README with
// its method, its measured quality and its known errors.
//
//   auto s = score_text({.text = answer, .role = core::Role::assistant,
//                        .direction = core::Direction::response, .sources = sources});
//   for (const core::Score& score : s->all()) ...   // {bias, 0.02}, {grounding, 0.93}, ...
//
// Where few kinds are asked for, the others cost nothing, nor do sources that none of them reads.
// Pure functions of their arguments; any thread. Cost is linear in text plus sources. Errors:
// "detector_failed", "out_of_memory".
#pragma once

#include "core/error.h"
#include "core/score.h"
#include "detectors/scorer.h"

#include <span>
#include <stop_token>
#include <string_view>

namespace menshen::detectors {

// Of this build. all_scores() are the same.
[[nodiscard]] std::span<const core::ScoreKind* const> score_kinds() noexcept;  // by name
[[nodiscard]] const core::ScoreKinds& all_scores() noexcept;

// Of these kinds, by the scorers that apply. Texts of system and definition roles get none: an
// application's own words are no attack on it.
core::Result<core::Scores> score_text(const ScoreInput& input,
                                      const core::ScoreKinds& kinds = all_scores());

// The worse of the scores of several answers to one request; empty ones have none. Their sources
// are read once, so the cost is linear in answers plus sources. Ends early, with an error or with
// scores that are not to be used, once `stop` is requested.
core::Result<core::Scores> score_answers(std::span<const std::string_view> answers,
                                         std::span<const std::string_view> sources,
                                         const core::ScoreKinds& kinds = all_scores(),
                                         const std::stop_token& stop = {});

// null: there is none of this name.
[[nodiscard]] const core::ScoreKind* score_kind(std::string_view name) noexcept;

// "grounding/1 injection/1 ...": goes into each record.
[[nodiscard]] std::string_view score_versions() noexcept;

}  // namespace menshen::detectors
