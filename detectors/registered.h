// The detectors of this build. CMake writes the definition from the folders that it finds, so that
// none can be forgotten, nor be dropped by the linker, nor depend on the order of static
// initialisation.
#pragma once

#include <vector>

namespace menshen::detectors {

class Detector;

[[nodiscard]] std::vector<const Detector*> registered_detectors();

}  // namespace menshen::detectors
