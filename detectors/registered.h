// The detectors, numbers, scorers and taggers of this build. CMake writes the definitions from the
// files that it finds, so that none can be forgotten, nor be dropped by the linker, nor depend on
// the order of static initialisation.
#pragma once

#include <vector>

namespace menshen::detectors {

class Detector;
class Scorer;
class Tagger;
struct NumberSpec;

[[nodiscard]] std::vector<const Detector*> registered_detectors();
[[nodiscard]] std::vector<const NumberSpec*> registered_numbers();
[[nodiscard]] std::vector<const Scorer*> registered_scorers();
[[nodiscard]] std::vector<const Tagger*> registered_taggers();

}  // namespace menshen::detectors
