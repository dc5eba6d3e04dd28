// How much a sentence's hits count when they are denied or only talked about.
#pragma once

#include "detectors/scoring/reading.h"

#include <cstdint>

namespace menshen::detectors::scoring {

// Fed with the shared hits of one sentence in order.
class Damping {
 public:
  explicit Damping(const Sentence& sentence) {
    for (const Hit& hit : sentence.hits) {
      mentioned_ = mentioned_ || (hit.scope == shared_scope && hit.cls == mention);
    }
  }

  void note(const Hit& hit) noexcept {
    if (hit.cls == negation) negation_end_ = hit.end;
  }

  // "not stupid", "并不是坏人": a negation shortly before. For predicates; a slur or a curse stays
  // one.
  [[nodiscard]] bool denied(const Hit& hit) const noexcept {
    return negation_end_ != Trail::never && negation_end_ <= hit.begin &&
           negation_end_ + window_bytes >= hit.begin;
  }

  [[nodiscard]] float predicate_factor(const Reading& reading, const Hit& hit) const noexcept {
    return factor(reading, hit) * (denied(hit) ? 0.45F : 1.0F);
  }

  [[nodiscard]] float factor(const Reading& reading, const Hit& hit) const noexcept {
    float factor = 1.0F;
    if (reading.quoted(hit)) factor *= 0.7F;
    if (mentioned_) factor *= 0.6F;
    return factor;
  }

 private:
  static constexpr std::uint32_t window_bytes = 16;
  std::uint32_t negation_end_ = Trail::never;
  bool mentioned_ = false;
};

// The worst two sentences of a text: a long harmless text does not add up to a harmful one.
class Worst {
 public:
  void add(float score) noexcept {
    if (score > first_) {
      second_ = first_;
      first_ = score;
    } else if (score > second_) {
      second_ = score;
    }
  }
  [[nodiscard]] float total() const noexcept { return noisy_or(first_, 0.3F * second_); }

 private:
  float first_ = 0;
  float second_ = 0;
};

}  // namespace menshen::detectors::scoring
