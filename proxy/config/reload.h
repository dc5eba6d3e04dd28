// Which part of a changed configuration can come into force while the gateway runs: upstreams,
// routes and the path of the policy. The rest holds sockets, files and threads and needs a restart.
//
//   const auto kept = config::needs_restart(*running, *wanted);   // "listen",
//   "limits.idle_timeout_ms" const auto next = config::reloaded(*running, *wanted);
#pragma once

#include "proxy/config/config.h"

#include <string>
#include <vector>

namespace menshen::config {

// Keys whose values differ and that reloaded() takes from `running`.
[[nodiscard]] std::vector<std::string> needs_restart(const Config& running, const Config& wanted);

// `running` with what can be reloaded of `wanted`.
[[nodiscard]] Config reloaded(const Config& running, const Config& wanted);

}  // namespace menshen::config
