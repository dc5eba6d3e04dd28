// The trained weights, as they stand in a model file (detectors/training/ makes one).
//
//   magic "menshen names 1\n", then little-endian: the version of the data, the number of the
//   lexicon's and of the groups' slots (u32 each); transitions (i32, 16 x 16); of each thing named
//   a slope and an offset (f32) from margins to confidences; the slots of both (u32 each);
//   2^bucket_bits rows of 16 weights (i8), one for each label.
//
// A view of bytes that outlive it; immutable, any thread.
#pragma once

#include "core/error.h"
#include "detectors/names/decoder.h"
#include "detectors/names/features.h"
#include "detectors/names/lexicon.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors::names {

struct Calibration {
  float slope = 0;
  float offset = 0;
};

class Model {
 public:
  // Error "detector_failed": these are no model of this version.
  [[nodiscard]] static core::Result<Model> read(std::string_view bytes);

  [[nodiscard]] unsigned version() const noexcept { return version_; }
  [[nodiscard]] const Knowledge& knowledge() const noexcept { return knowledge_; }
  [[nodiscard]] const Transitions& transitions() const noexcept { return transitions_; }
  [[nodiscard]] Scores scores_of(const Features& features) const noexcept;
  // How sure a name is whose labels score so much more a token than none would.
  [[nodiscard]] float confidence(Named named, float margin) const noexcept;

  // What a file is made of.
  struct Parts {
    unsigned version = 0;
    Transitions transitions{};
    std::array<Calibration, named_count> calibration{};
    std::vector<std::uint32_t> lexicon;
    std::vector<std::uint32_t> groups;
    std::vector<std::int8_t> weights;  // 2^bucket_bits rows of label_columns
  };
  [[nodiscard]] static std::string written(const Parts& parts);

 private:
  unsigned version_ = 0;
  Transitions transitions_{};
  std::array<Calibration, named_count> calibration_{};
  Knowledge knowledge_;
  const char* weights_ = nullptr;
};

}  // namespace menshen::detectors::names
