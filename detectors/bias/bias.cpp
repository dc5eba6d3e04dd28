#include "detectors/bias/bias.h"

#include "detectors/scoring/sentence_damp.h"
#include "detectors/toxicity/toxicity.h"

#include <algorithm>

namespace menshen::detectors::scoring {
namespace {

using namespace bias;

struct BiasEvidence {
  float group = 0;
  bool general = false;
  float trait = 0;
  float exclusion = 0;
  float role = 0;
  float hierarchy = 0;
  float hostile = 0;  // insults, disgust, dehumanising words, threats
  float slur = 0;
};

void keep(float& best, float weight) { best = std::max(best, weight); }

void note_bias(BiasEvidence& e, const Hit& hit, float factor) {
  switch (hit.cls) {
    case group: return keep(e.group, hit.weight);
    case generaliser: e.general = true; return;
    case trait: return keep(e.trait, hit.weight * factor);
    case exclusion: return keep(e.exclusion, hit.weight * factor);
    case role: return keep(e.role, hit.weight * factor);
    case hierarchy: return keep(e.hierarchy, hit.weight * factor);
    default: return;
  }
}

void note_toxicity(BiasEvidence& e, const Hit& hit, float factor) {
  switch (hit.cls) {
    case toxicity::slur: return keep(e.slur, hit.weight * factor);
    case toxicity::insult: return keep(e.hostile, 0.6F * factor);
    case toxicity::disgust: return keep(e.hostile, 0.55F * factor);
    case toxicity::dehumanise: return keep(e.hostile, 0.7F * factor);
    case toxicity::threat: return keep(e.hostile, 0.8F * factor);
    case toxicity::aimed: return keep(e.hostile, 0.6F * factor);
    case toxicity::profanity: return keep(e.hostile, 0.35F * factor);
    case toxicity::vulgar: return keep(e.hostile, 0.3F * factor);
    default: return;
  }
}

BiasEvidence gather(const Reading& reading, const Sentence& sentence) {
  BiasEvidence e;
  Damping damping(sentence);
  for (const Hit& hit : sentence.hits) {
    if (hit.scope == shared_scope) damping.note(hit);
    if (hit.scope == bias::terms) note_bias(e, hit, damping.predicate_factor(reading, hit));
    if (hit.scope == toxicity::terms) note_toxicity(e, hit, damping.predicate_factor(reading, hit));
  }
  return e;
}

float judge(const BiasEvidence& e) {
  float said = 0;
  for (const float part : {e.trait, e.exclusion, e.role, e.hierarchy, e.hostile}) {
    said = noisy_or(said, 0.95F * part);
  }
  // "all X are ..." is worse than "an X was ...", and worth nothing without something bad after it.
  if (e.general) said = noisy_or(said, 0.35F * said);
  return noisy_or(said * e.group, 0.85F * e.slur);
}

}  // namespace

float bias_by_hand(const Reading& reading) {
  Worst worst;
  for (const Sentence& s : reading.sentences()) worst.add(judge(gather(reading, s)));
  return worst.total();
}

}  // namespace menshen::detectors::scoring
