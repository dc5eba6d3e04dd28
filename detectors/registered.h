// The detectors, numbers and scorers of this build. CMake writes the definitions from the files
// that it finds, so that none can be forgotten, nor be dropped by the linker, nor depend on the
// order of static initialisation.
#pragma once

#include <vector>

namespace menshen::detectors {

class Detector;
class Scorer;
struct NumberSpec;

[[nodiscard]] std::vector<const Detector*> registered_detectors();
[[nodiscard]] std::vector<const NumberSpec*> registered_numbers();
[[nodiscard]] std::vector<const Scorer*> registered_scorers();

}  // namespace menshen::detectors
