#include "core/version.h"

namespace menshen::core {

std::string_view version() noexcept { return MENSHEN_VERSION; }

std::string_view user_agent() noexcept { return "menshen/" MENSHEN_VERSION; }

}  // namespace menshen::core
