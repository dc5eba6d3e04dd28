// The scores of a whole text by all scorers of this build. Each score's folder has a README with
// its method, its measured quality and its known errors.
//
//   auto s = score_text({.text = answer, .role = core::Role::assistant,
//                        .direction = core::Direction::response, .sources = sources});
//   for (const core::Score& score : s->all()) ...   // {bias, 0.02}, {grounding, 0.93}, ...
//
// Pure functions of their arguments; any thread. Cost is linear in text plus sources. Errors:
// "detector_failed", "out_of_memory".
#pragma once

#include "core/error.h"
#include "core/score.h"
#include "detectors/scorer.h"

#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace menshen::detectors {

// Of the scorers that apply. Texts of system and definition roles get none: an application's own
// words are no attack on it.
core::Result<core::Scores> score_text(const ScoreInput& input);

// The worse of the scores of several answers to one request; empty ones have none. Their sources
// are read once, so the cost is linear in answers plus sources. Ends early, with an error or with
// scores that are not to be used, once `stop` is requested.
core::Result<core::Scores> score_answers(std::span<const std::string> answers,
                                         std::span<const std::string_view> sources,
                                         const std::stop_token& stop = {});

// All kinds of this build, by name.
[[nodiscard]] std::span<const core::ScoreKind* const> score_kinds() noexcept;
// null: there is none of this name.
[[nodiscard]] const core::ScoreKind* score_kind(std::string_view name) noexcept;

// "grounding/1 injection/1 ...": goes into each record.
[[nodiscard]] std::string_view score_versions() noexcept;

}  // namespace menshen::detectors
