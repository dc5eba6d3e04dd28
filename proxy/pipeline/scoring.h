// The scores of an exchange's texts: of its request, and of its answers. Private to the pipeline.
#pragma once

#include "core/error.h"
#include "core/score.h"
#include "core/segment.h"
#include "policies/source_marks.h"
#include "proxy/pipeline/sources.h"
#include "proxy/protocol/document.h"

#include <list>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

// Of the scores that texts of this direction can have, those that are not `asked` for.
[[nodiscard]] core::ScoreKinds not_asked(core::Direction direction, const core::ScoreKinds& asked);

// What people and tools said. Errors, here and below, as of detectors::score_text(); once `stop` is
// requested the scores are not to be used.
[[nodiscard]] core::Result<core::Scores> score_request(const protocol::Document& request,
                                                       const core::ScoreKinds& kinds,
                                                       const std::stop_token& stop);

// What the model says in a whole answer; the parts of one text are one. Views of the document,
// which outlives them, where a text stands there so.
class AnswerTexts {
 public:
  explicit AnswerTexts(const protocol::Document& document);
  [[nodiscard]] std::span<const std::string_view> views() const noexcept { return views_; }

 private:
  std::vector<std::string_view> views_;
  std::list<std::string> own_;
};

// What an answer may rest on beside what came with it.
struct Grounds {
  const protocol::Document& request;
  const policies::SourceMarks& marks;
  const Sources& of_answer;
};
[[nodiscard]] core::Result<core::Scores> score_answers(std::span<const std::string_view> answers,
                                                       const Grounds& grounds,
                                                       const core::ScoreKinds& kinds,
                                                       const std::stop_token& stop);

}  // namespace menshen::pipeline
