// The four scores of a whole text: injection, toxicity, bias, grounding. First, simple versions;
// each score's folder has a README with its method, its measured quality and its known errors.
//
//   const core::Scores s = score_text({.text = answer, .role = core::Role::assistant,
//                                      .direction = core::Direction::response, .sources =
//                                      sources});
//
// Pure functions of their arguments; any thread. Cost is linear in text plus sources.
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "core/segment.h"

#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace menshen::detectors {

struct ScoreInput {
  std::string_view text;
  core::Role role = core::Role::user;
  core::Direction direction = core::Direction::request;
  // Grounding: the texts that an answer may rest on. Empty: no grounding score.
  std::span<const std::string_view> sources;
};

// Which apply: injection to requests (user and tool roles: what people and fetched documents say);
// toxicity to both directions; bias to both; grounding to answers with sources. The others are
// absent. Texts of system and definition roles get none: an application's own words are no attack
// on it.
core::Result<core::Scores> score_text(const ScoreInput& input);

// The worse of the scores of several answers to one request; empty ones have none. Their sources
// are read once, so the cost is linear in answers plus sources. Ends early, with an error or with
// scores that are not to be used, once `stop` is requested.
core::Result<core::Scores> score_answers(std::span<const std::string> answers,
                                         std::span<const std::string_view> sources,
                                         const std::stop_token& stop = {});

// "grounding/1 injection/1 ...": goes into each record.
[[nodiscard]] std::string_view score_versions() noexcept;

}  // namespace menshen::detectors
