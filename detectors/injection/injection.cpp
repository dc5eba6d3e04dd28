#include "detectors/injection/injection.h"

#include "detectors/injection/families.h"
#include "detectors/injection/lexicon.h"

#include <algorithm>
#include <array>

namespace menshen::detectors::scoring {
namespace {

using namespace injection;

// Windows in bytes of the normalised view: about a dozen English words or twenty Han characters.
constexpr std::uint32_t near_bytes = 64;
constexpr std::uint32_t phrase_bytes = 32;
constexpr std::uint32_t negated_bytes = 3;
constexpr std::uint32_t taught_bytes = 120;
constexpr std::uint32_t asked_bytes = 6;  // "what is developer mode"
constexpr std::size_t tag_characters_min = 4;
// People send passwords and conversations about; a document has no business to ask for it.
constexpr float asked_to_send = 0.6F;
constexpr int weak_counted_max = 8;
constexpr int weak_with_role = 4;

class Judge {
 public:
  Judge(const Reading& reading, core::Role role) : reading_(reading), role_(role) {}

  void walk() {
    for (const Hit& hit : reading_.hits()) {
      if (hit.scope == shared_scope) note_shared(hit);
      if (hit.scope != injection::terms) continue;
      weigh(hit);
      if (hit.cls == override_verb) {
        if (negated(hit)) continue;
        verb_ = hit;
      }
      trail_.note(hit.cls, hit);
    }
  }

  void raise(std::uint8_t family, float weight) {
    families_[family] = std::max(families_[family], weight);
  }

  [[nodiscard]] float total() const {
    float score = 0;
    for (const float family : families_) score = noisy_or(score, family);
    return score;
  }

 private:
  void note_shared(const Hit& hit) {
    if (hit.cls == negation) negation_end_ = hit.end;
    if (hit.cls == teaching) teaching_end_ = hit.end;
  }

  [[nodiscard]] bool negated(const Hit& hit) const {
    return negation_end_ != Trail::never && negation_end_ <= hit.begin &&
           negation_end_ + negated_bytes >= hit.begin;
  }

  // Somebody who asks about an attack quotes it. What a tool fetched asks nobody anything.
  [[nodiscard]] float damped(const Hit& hit, float weight) const {
    if (role_ != core::Role::user) return weight;
    if (teaching_end_ == Trail::never || teaching_end_ > hit.begin) return weight;
    if (teaching_end_ + asked_bytes >= hit.begin && hit.cls != secret_object) return weight * 0.4F;
    const bool taught = teaching_end_ + taught_bytes >= hit.begin;
    return taught && reading_.quoted(hit) ? weight * 0.35F : weight;
  }

  void weigh(const Hit& hit) {
    switch (hit.cls) {
      case object: return weigh_object(hit);
      case override_all:
        if (!negated(hit)) raise(overriding, damped(hit, hit.weight));
        return;
      case voided:
        if (trail_.near(object, hit.begin, near_bytes) &&
            trail_.near(prior, hit.begin, near_bytes)) {
          raise(overriding, damped(hit, hit.weight));
        }
        return;
      case secret_object: return weigh_secret(hit);
      case reveal_verb:
        if (trail_.near(secret_object, hit.begin, phrase_bytes))
          raise(extraction, damped(hit, 0.6F));
        return;
      case guard_object:
        if (trail_.near(disable_verb, hit.begin, phrase_bytes))
          raise(disabling, damped(hit, 0.75F));
        return;
      case disable_verb:
        if (trail_.near(guard_object, hit.begin, 8)) raise(disabling, damped(hit, 0.6F));
        return;
      default: return weigh_role(hit);
    }
  }

  void weigh_object(const Hit& hit) {
    if (!trail_.near(override_verb, hit.begin, near_bytes)) return;
    const bool close = trail_.near(override_verb, hit.begin, phrase_bytes);
    const bool before = trail_.seen(prior) && trail_.end(prior) > trail_.end(override_verb) &&
                        trail_.near(prior, hit.begin, phrase_bytes);
    if (before)
      raise(overriding, damped(verb_, close ? 0.9F : 0.7F));
    else if (close)
      raise(overriding, damped(verb_, 0.35F));
  }

  void weigh_secret(const Hit& hit) {
    if (trail_.near(reveal_verb, hit.begin, near_bytes)) {
      raise(extraction,
            damped(hit, trail_.near(reveal_verb, hit.begin, phrase_bytes) ? 0.8F : 0.55F));
    }
  }

  void weigh_role(const Hit& hit) {
    switch (hit.cls) {
      case persona: return raise(role_change, damped(hit, hit.weight));
      case act_verb: return raise(role_change, hit.weight);
      case unrestricted:
        acted_ = acted_ || trail_.seen(act_verb) || trail_.seen(persona);
        return raise(role_change, damped(hit, acted_ ? 0.8F : hit.weight));
      case authority: return raise(authority_claim, damped(hit, hit.weight));
      case new_task: return raise(task_change, damped(hit, hit.weight));
      case force_output: return raise(dictated, damped(hit, hit.weight));
      case in_answer:
        if (role_ == core::Role::tool) raise(task_change, 0.55F);
        return;
      case to_model:
        if (role_ == core::Role::tool) raise(authority_claim, hit.weight);
        return;
      case weak:
        if (++weak_count_ <= weak_counted_max) {
          families_[vocabulary] = noisy_or(families_[vocabulary], hit.weight * 0.5F);
        }
        // A part to play that comes with so much talk of rules and harm is no ordinary part.
        if (weak_count_ == weak_with_role && trail_.seen(act_verb)) raise(role_change, 0.45F);
        return;
      default: return;
    }
  }

  const Reading& reading_;
  core::Role role_;
  Trail trail_;
  Hit verb_{};  // the latest verb of overriding
  std::array<float, family_count> families_{};
  std::uint32_t negation_end_ = Trail::never;
  std::uint32_t teaching_end_ = Trail::never;
  int weak_count_ = 0;
  bool acted_ = false;
};

}  // namespace

core::Result<InjectionByHand> injection_by_hand(const Reading& reading,
                                                const SignatureSet& signatures, core::Role role) {
  thread_local std::vector<int> found;
  found.clear();
  if (may_have_signature(reading)) {
    auto matched = signatures.match(reading.view().text, found);
    if (!matched) return matched.error();
  }
  Judge judge(reading, role);
  for (const int index : found) {
    const Signature& signature = signatures.at(index);
    const bool asked = signature.family == exfiltration && role == core::Role::user;
    judge.raise(signature.family, asked ? signature.weight * asked_to_send : signature.weight);
  }
  if (reading.view().tag_characters >= tag_characters_min) judge.raise(invisible, 0.9F);
  const float forms = judge.total();
  judge.walk();
  return InjectionByHand{.all = judge.total(), .forms = forms};
}

}  // namespace menshen::detectors::scoring
