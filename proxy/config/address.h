// Addresses to listen on, as texts that stand in no file.
//
//   const auto address = parse_address("127.0.0.1:8181");      // "[::1]:8181"
//
// Pure; any thread.
#pragma once

#include "proxy/config/config.h"

#include <optional>
#include <string_view>

namespace menshen::config {

// Absent: it is no IP address with a port.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

}  // namespace menshen::config
