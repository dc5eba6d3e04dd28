// The version of this build.
#pragma once

#include <string_view>

namespace menshen::core {

// "0.1.0".
[[nodiscard]] std::string_view version() noexcept;
// "menshen/0.1.0": the product in a field user-agent (RFC 9110, section 10.1.5).
[[nodiscard]] std::string_view user_agent() noexcept;

}  // namespace menshen::core
