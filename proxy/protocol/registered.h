// The APIs of this build. CMake writes the definition from the folders that it finds, so that none
// can be forgotten, nor depend on the order of static initialisation.
#pragma once

#include <vector>

namespace menshen::protocol {

class Adapter;

[[nodiscard]] std::vector<const Adapter*> registered_adapters();

}  // namespace menshen::protocol
