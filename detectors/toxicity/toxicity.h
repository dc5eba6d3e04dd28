// Toxicity as far as words tell: insults, slurs, threats and degrading talk, in context.
//
// Terms of a lexicon count by class; being aimed at the reader or at a group of people raises them,
// negation, quotation and talk about words lower them. The worst sentence carries the score. See
// README.md.
//
//   const float by_hand = toxicity_by_hand(reading);   // 0..1
//
// Any thread; linear in the hits of the reading.
#pragma once

#include "detectors/scoring/reading.h"
#include "detectors/scoring/terms.h"

#include <cstdint>
#include <span>

namespace menshen::detectors::scoring {

namespace toxicity {
inline constexpr Scope terms = scope("toxicity");
enum Class : std::uint8_t {
  slur,        // a word that exists to degrade a group
  insult,      // idiot, 白痴
  profanity,   // vulgar, not by itself aimed at anybody
  aimed,       // complete attacks: "fuck you", 滚蛋, 他妈的你
  threat,      // "i will kill you", 弄死你
  dehumanise,  // vermin, 畜生: grave when said of people
  vulgar,      // crude sexual words
  you,         // the reader: you, 你们
  disgust,     // 恶心, disgusting
};
}  // namespace toxicity

[[nodiscard]] float toxicity_by_hand(const Reading& reading);

}  // namespace menshen::detectors::scoring
