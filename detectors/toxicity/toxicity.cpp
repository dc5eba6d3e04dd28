#include "detectors/toxicity/toxicity.h"

#include "detectors/bias/bias.h"
#include "detectors/scoring/sentence_damp.h"

#include <algorithm>
#include <array>

namespace menshen::detectors::scoring {
namespace {

using namespace toxicity;

constexpr std::uint32_t aimed_bytes = 28;
constexpr std::size_t class_count = 9;

// What the sentence is about is known before its terms are weighed.
struct Targets {
  bool people = false;  // a group named for sure
  bool reader = false;
};

Targets targets_of(const Sentence& sentence) {
  Targets targets;
  for (const Hit& hit : sentence.hits) {
    if (hit.scope == bias::terms && hit.cls == bias::group && hit.weight >= 1.0F)
      targets.people = true;
    if (hit.scope == toxicity::terms && hit.cls == you) targets.reader = true;
  }
  return targets;
}

float weight_of(const Hit& hit, const Targets& targets, const Trail& trail) {
  const bool aimed_here = trail.near(you, hit.begin, aimed_bytes);
  switch (hit.cls) {
    case insult: return targets.people || aimed_here ? hit.weight + 0.2F : hit.weight;
    case dehumanise: return targets.people ? 0.7F : aimed_here ? 0.5F : 0.1F;
    case disgust: return targets.people ? 0.6F : aimed_here ? 0.5F : hit.weight * 0.7F;
    case threat:
      return targets.people || aimed_here ? std::max(hit.weight, 0.6F) : hit.weight * 0.8F;
    case profanity: return aimed_here ? 0.5F : targets.people ? 0.45F : hit.weight;
    case you: return 0;
    default: return hit.weight;
  }
}

float sentence_score(const Reading& reading, const Sentence& sentence) {
  const Targets targets = targets_of(sentence);
  std::array<float, class_count> worst{};
  Trail trail;
  Damping damping(sentence);
  for (const Hit& hit : sentence.hits) {
    if (hit.scope == shared_scope) damping.note(hit);
    if (hit.scope != toxicity::terms) continue;
    const bool predicate = hit.cls == insult || hit.cls == dehumanise || hit.cls == disgust;
    const float damp =
        predicate ? damping.predicate_factor(reading, hit) : damping.factor(reading, hit);
    const float weight = weight_of(hit, targets, trail) * damp;
    worst[hit.cls] = std::max(worst[hit.cls], weight);
    trail.note(hit.cls, hit);
  }
  float score = 0;
  for (const float weight : worst) score = noisy_or(score, weight);
  return score;
}

}  // namespace

float toxicity_by_hand(const Reading& reading) {
  Worst worst;
  for (const Sentence& s : reading.sentences()) worst.add(sentence_score(reading, s));
  // Contempt for a group is toxic without a single rude word.
  return std::max(worst.total(), 0.85F * reading.once(bias_by_hand));
}

}  // namespace menshen::detectors::scoring
