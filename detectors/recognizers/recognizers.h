// Recognizers that are data: what a policy's own types are found by.
//
//   RecognizersBuilder builder;
//   const std::uint32_t staff = builder.add({.name = "employee_no", ...});
//   if (const std::string fault = builder.add_pattern(staff, "EMP-\\d{6}"); !fault.empty()) ...
//   if (const std::string fault = builder.build(); !fault.empty()) ...
//   const auto catalog = Catalog::extended(Catalog::built_in(), builder.take());
//
// A match of a pattern or a word is a finding of the recognizer's type, unless its validator says
// no, or a context word is required and none stands in the 64 bytes before it. The types live as
// long as the detector, and that as long as its catalog.
//
// The builder is used by one thread; what it makes is immutable, any thread.
#pragma once

#include "core/finding.h"
#include "detectors/line_detector.h"
#include "detectors/recognizers/validators.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::detectors {

inline constexpr std::size_t recognizers_max = 1'000;
inline constexpr std::size_t context_words_max = 100;  // of one

struct RecognizerSpec {
  std::string name;  // lower snake case; the type's
  core::Category category = core::Category::pii;
  std::string summary;
  float confidence = 0;
  Validator validator = nullptr;  // null: none
  // Beside a context word: the confidence, or, without one, no finding at all elsewhere.
  std::optional<float> context_confidence{};
  bool context_required = false;
};

class Recognizers;

class RecognizersBuilder {
 public:
  RecognizersBuilder();
  ~RecognizersBuilder();
  RecognizersBuilder(const RecognizersBuilder&) = delete;
  RecognizersBuilder& operator=(const RecognizersBuilder&) = delete;

  // Returns its number. At most recognizers_max are added.
  std::uint32_t add(RecognizerSpec spec);
  // Each adds to the recognizer of this number, or says why it cannot be added: a sentence.
  [[nodiscard]] std::string add_pattern(std::uint32_t recognizer, std::string_view pattern);
  [[nodiscard]] std::string add_word(std::uint32_t recognizer, std::string_view word);
  [[nodiscard]] std::string add_context(std::uint32_t recognizer, std::string_view word);
  // Says why they cannot be looked for together, or nothing.
  [[nodiscard]] std::string build();
  // Once, after build(). Null: nothing was added.
  [[nodiscard]] std::shared_ptr<const LineDetector> take();

 private:
  std::shared_ptr<Recognizers> made_;
};

}  // namespace menshen::detectors
