// The detectors and the numbers of this build. CMake writes the definitions from the files that it
// finds, so that none can be forgotten, nor be dropped by the linker, nor depend on the order of
// static initialisation.
#pragma once

#include <vector>

namespace menshen::detectors {

class Detector;
struct NumberSpec;

[[nodiscard]] std::vector<const Detector*> registered_detectors();
[[nodiscard]] std::vector<const NumberSpec*> registered_numbers();

}  // namespace menshen::detectors
