#include "core/version.h"

namespace menshen::core {

std::string_view version() noexcept { return MENSHEN_VERSION; }

}  // namespace menshen::core
