// Score of grounding: how far do the sources of an answer support what it says?
//
// Sentence by sentence: are its numbers, names and content words (Han: character pairs) in the
// sources? A number that no source has is held against the whole answer. See README.md.
//
//   Grounding grounding;
//   grounding.read(sources, {});
//   float score = grounding.score(answer);   // 1: all of it supported, or nothing claimed
//
// One thread at a time; keeps its memory. Linear in answers plus sources, which are read once, but
// for finding the numbers of the answers in a sorted list.
#pragma once

#include "detectors/grounding/index.h"
#include "detectors/grounding/tokens.h"

#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

class Grounding {
 public:
  // Stops between two sources once `stop` is requested: the scores are then of those before.
  void read(std::span<const std::string_view> sources, const std::stop_token& stop);
  float score(std::string_view answer);
  void trim();

 private:
  struct Tally;
  void judge_sentence(bool question, Tally& tally) const;

  SourceIndex index_;
  Tokenizer tokens_;
  std::vector<Token> sentence_;
};

}  // namespace menshen::detectors::scoring
