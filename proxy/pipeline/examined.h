// The provider's answer, as far as it was read: the stage `examine` fills it, the stages behind it
// get it with each piece. Private to the pipeline.
#pragma once

#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/restore.h"
#include "proxy/pipeline/stage.h"
#include "proxy/pipeline/stream_guard.h"
#include "proxy/protocol/document.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace menshen::pipeline {

struct Examined {
  // `given`: by which the request called values.
  Examined(Judge j, Replacer& replacer, const Pseudonyms& given, Tally& tally, unsigned s)
      : judge(std::move(j)), rules{judge, replacer}, status(s), scores_asked(judge.scores_asked()) {
    if (given.empty()) return;
    makers[0] = restorer.emplace(given, tally).maker();
    rules.transforms = makers;
    rules.own = &*restorer;
  }
  Examined(const Examined&) = delete;
  Examined& operator=(const Examined&) = delete;

  // Those for which its text is needed.
  [[nodiscard]] core::ScoreKinds scores() const noexcept {
    core::ScoreKinds all = scores_asked;
    all.add(scores_sampled);
    return all;
  }

  Judge judge;  // of this answer's zone
  TextRules rules;
  std::optional<Restorer> restorer;  // of an exchange with pseudonyms
  std::array<TransformMaker, 1> makers;
  unsigned status;
  core::ScoreKinds scores_asked;               // by rules
  core::ScoreKinds scores_sampled;             // not by rules, but by the sample
  std::optional<StreamGuard> stream;           // of a stream
  std::optional<protocol::Document> document;  // of a whole answer, once it is here
  Inspected found;                             // in it
  bool replaced = false;                       // it stands for one that could not be read
};

// What a guard lets go leaves now, or from the first terminal release on with the last bytes.
inline void add_releases(std::vector<Release>& releases, Piece& piece) {
  for (Release& release : releases) {
    std::string& to = release.terminal || !piece.last.empty() ? piece.last : piece.leaving;
    to.append(release.bytes);
  }
  releases.clear();
}

[[nodiscard]] inline bool is_success(unsigned status) noexcept {
  return status >= 200 && status < 300;
}

}  // namespace menshen::pipeline
