// Score of grounding: how far do the sources of an answer support what it says?
//
// Sentence by sentence: are its numbers, names and content words (Han: character pairs) in the
// sources? A number that no source has is held against the whole answer. See README.md.
//
//   Grounding grounding;
//   auto score = grounding.score(answer, sources);   // 1: all of it supported, or nothing claimed
//
// One thread at a time; keeps its memory. Linear in answer plus sources. Error: "detector_failed".
#pragma once

#include "core/error.h"
#include "detectors/grounding/index.h"
#include "detectors/grounding/tokens.h"

#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

class Grounding {
 public:
  core::Result<float> score(std::string_view answer, std::span<const std::string_view> sources);
  void trim();

 private:
  struct Tally;
  void judge_sentence(bool question, Tally& tally) const;

  SourceIndex index_;
  Tokenizer tokens_;
  std::vector<Token> sentence_;
};

}  // namespace menshen::detectors::scoring
