// The trained part of the scores of injection, toxicity and bias: logistic regressions over the
// n-grams of a text's pieces (ngrams.h), one table for all three.
//
//   const LinearModel& model = LinearModel::instance();
//   const Evidence evidence = model.evidence(ngrams)[index_of(Head::injection)];
//   const float p = model.probability(Head::injection, evidence.logit, by_hand);
//
// A text is as bad as its worst two neighbouring pieces: a long harmless text neither hides a
// sentence nor adds up to one. Made by detectors/training/scores; the file, in little-endian:
//
//   magic "menshen scores 1\n"; the version of the data (u32); for each head its offset, scale and
//   the three numbers of its calibration (f32); 2^bucket_bits rows of four weights (i8), of which
//   the fourth is nothing.
//
// A view of bytes that outlive it; immutable, any thread.
#pragma once

#include "core/error.h"
#include "detectors/scoring/ngrams.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

enum class Head : std::uint8_t { injection, toxicity, bias };
inline constexpr std::size_t head_count = 3;
[[nodiscard]] constexpr std::size_t index_of(Head head) noexcept {
  return static_cast<std::size_t>(head);
}

// How much the strongest pieces say, and where they stand in the view. No pieces: begin == end.
struct Evidence {
  float logit = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

class LinearModel {
 public:
  static constexpr std::size_t columns = 4;
  static constexpr std::uint32_t ngrams_min = 12;  // a text of fewer counts as if it had so many

  struct HeadNumbers {
    float offset = 0;
    float scale = 0;
    // Of the logit, of what the words and forms known by hand say (0..1), and of neither.
    std::array<float, 3> calibration{};
  };
  struct Parts {
    std::uint32_t version = 0;
    std::array<HeadNumbers, head_count> heads{};
    std::vector<std::int8_t> weights;  // 2^bucket_bits rows of `columns`
  };

  // Error "detector_failed": these are no model of this version.
  [[nodiscard]] static core::Result<LinearModel> read(std::string_view bytes);
  [[nodiscard]] static std::string written(const Parts& parts);
  // The one in the program, model.bin.
  [[nodiscard]] static const LinearModel& instance();

  [[nodiscard]] std::uint32_t version() const noexcept { return version_; }
  [[nodiscard]] std::array<Evidence, head_count> evidence(const Ngrams& ngrams) const;
  [[nodiscard]] float probability(Head head, float logit, float by_hand) const noexcept;

 private:
  std::uint32_t version_ = 0;
  std::array<HeadNumbers, head_count> heads_{};
  const char* weights_ = nullptr;
};

// Of the model in the program, for this text.
[[nodiscard]] float probability(Head head, const Reading& reading, float by_hand);

}  // namespace menshen::detectors::scoring
