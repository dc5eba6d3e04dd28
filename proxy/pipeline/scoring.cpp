#include "proxy/pipeline/scoring.h"

#include "detectors/guarded.h"
#include "detectors/scores.h"

#include <utility>

namespace menshen::pipeline {

core::ScoreKinds not_asked(core::Direction direction, const core::ScoreKinds& asked) {
  core::ScoreKinds out;
  for (const core::ScoreKind* kind : detectors::score_kinds()) {
    const bool applies =
        direction == core::Direction::request ? kind->of_requests : kind->of_answers;
    if (applies && !asked.has(*kind)) out.add(*kind);
  }
  return out;
}

core::Result<core::Scores> score_request(const protocol::Document& request,
                                         const core::ScoreKinds& kinds,
                                         const std::stop_token& stop) {
  core::Scores worst;
  if (kinds.empty()) return worst;
  std::string scratch;
  for (const protocol::Leaf& leaf : request.leaves()) {
    if (stop.stop_requested()) return worst;
    const bool judged = leaf.role == core::Role::user || leaf.role == core::Role::tool;
    const bool is_text =
        leaf.kind == protocol::LeafKind::text || leaf.kind == protocol::LeafKind::token_list;
    if (!judged || !is_text) continue;
    const auto scores = detectors::score_text({.text = request.text(leaf, scratch),
                                               .role = leaf.role,
                                               .direction = core::Direction::request,
                                               .sources = {}},
                                              kinds);
    if (!scores) return scores.error();
    worst.merge_worse(*scores);
  }
  return worst;
}

AnswerTexts::AnswerTexts(const protocol::Document& document) {
  std::string scratch;
  bool owned = false;  // the last one
  for (const protocol::Leaf& leaf : document.leaves()) {
    if (!leaf.answer || leaf.kind != protocol::LeafKind::text) continue;
    const std::string_view text = document.text(leaf, scratch);
    const bool goes_on = leaf.begins_part && !views_.empty();
    if (!goes_on) {
      owned = !stands_in(document, text);
      views_.push_back(owned ? std::string_view(own_.emplace_back(text)) : text);
      continue;
    }
    if (!std::exchange(owned, true)) own_.emplace_back(views_.back());
    views_.back() = own_.back().append(text);
  }
}

core::Result<core::Scores> score_answers(std::span<const std::string_view> answers,
                                         const Grounds& grounds, const core::ScoreKinds& kinds,
                                         const std::stop_token& stop) {
  if (!kinds.any_by_sources()) return detectors::score_answers(answers, {}, kinds, stop);
  return detectors::guarded([&] {
    Sources sources(grounds.request, grounds.marks);
    sources.add_from(grounds.of_answer);
    return detectors::score_answers(answers, sources.views(), kinds, stop);
  });
}

}  // namespace menshen::pipeline
