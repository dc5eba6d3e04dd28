// The version of this build.
#pragma once

#include <string_view>

namespace menshen::core {

// "0.1.0".
[[nodiscard]] std::string_view version() noexcept;

}  // namespace menshen::core
