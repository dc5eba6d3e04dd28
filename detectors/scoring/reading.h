// What the scores read of a text, computed once: the normalised view, the hits of every lexicon,
// the quoted spans, and what the trained model says.
//
//   Reading reading;
//   reading.assign(text);
//   for (const Sentence& s : reading.sentences()) ...
//
// One thread at a time; assign() keeps the memory.
#pragma once

#include "detectors/scoring/terms.h"
#include "detectors/scoring/view.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

// Classes of shared_scope (shared.txt).
enum Shared : std::uint8_t {
  exempt,    // hides the hits inside it: an innocent compound of a listed term
  negation,  // "not", "不是"
  mention,   // talk about words and prejudice: "the word", "stereotype", "偏见"
  teaching,  // talk about attacks: "explain", "how to prevent", "什么是"
};

struct Sentence {
  std::uint32_t begin;
  std::uint32_t end;
  std::span<const Hit> hits;
};

[[nodiscard]] const TermMatcher& all_terms();

enum class Head : std::uint8_t;  // linear_model.h
struct Evidence;

class Reading {
 public:
  Reading();
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void assign(std::string_view raw);

  [[nodiscard]] const View& view() const noexcept { return view_; }
  [[nodiscard]] std::span<const Hit> hits() const noexcept { return hits_; }

  // Words that hold a listed term and are another word (class exempt), by their ends.
  struct Span {
    std::uint32_t begin;
    std::uint32_t end;
  };
  [[nodiscard]] std::span<const Span> compounds() const noexcept { return exempt_; }

  // Those with at least one hit, each from its earliest hit to its end.
  [[nodiscard]] std::span<const Sentence> sentences() const noexcept { return sentences_; }

  // The cues of a lexicon that stand in the text, a bit for each class.
  [[nodiscard]] std::uint8_t cues(Scope scope) const noexcept {
    return all_terms().cues_of(cues_, scope);
  }

  [[nodiscard]] bool quoted(const Hit& hit) const noexcept;

  // What the trained model says, computed where it is asked for.
  [[nodiscard]] const Evidence& evidence(Head head) const;

  // What `measure` says of this text, computed once: for what several scorers build upon.
  using Measure = float (*)(const Reading& reading);
  [[nodiscard]] float once(Measure measure) const;

  void trim();

 private:
  void find_quotes();
  void drop_exempt();
  void find_sentences();

  View view_;
  std::uint64_t cues_ = 0;
  std::vector<Hit> hits_;
  std::vector<Sentence> sentences_;  // views of hits_
  std::vector<Span> quotes_;         // disjoint, ascending
  std::vector<Span> exempt_;         // by end
  struct Measured {
    Measure measure;
    float value;
  };
  mutable std::vector<Measured> measured_;
  struct Learned;
  std::unique_ptr<Learned> learned_;
};

// Position and weight of the latest hit of each class while a scorer walks over hits in order.
class Trail {
 public:
  static constexpr std::uint32_t never = 0xFFFFFFFF;
  static constexpr std::size_t classes_max = 32;

  Trail() { end_.fill(never); }
  void note(std::uint8_t cls, const Hit& hit) noexcept {
    end_[cls] = hit.end;
    weight_[cls] = hit.weight;
  }
  // The class was seen, and ended at most `bytes` before `at`.
  [[nodiscard]] bool near(std::uint8_t cls, std::uint32_t at, std::uint32_t bytes) const noexcept {
    return end_[cls] != never && end_[cls] + bytes >= at;
  }
  [[nodiscard]] bool seen(std::uint8_t cls) const noexcept { return end_[cls] != never; }
  [[nodiscard]] float weight(std::uint8_t cls) const noexcept { return weight_[cls]; }
  [[nodiscard]] std::uint32_t end(std::uint8_t cls) const noexcept { return end_[cls]; }

 private:
  std::array<std::uint32_t, classes_max> end_{};
  std::array<float, classes_max> weight_{};
};

// 1 - product of (1 - each): independent pieces of evidence for one thing.
[[nodiscard]] inline float noisy_or(float a, float b) noexcept {
  return 1.0F - (1.0F - a) * (1.0F - b);
}

}  // namespace menshen::detectors::scoring
