// Which part of a changed configuration can come into force while the gateway runs: upstreams,
// routes, the path of the policy, privacy and the level of the log. The rest holds sockets, files
// and threads and needs a restart.
//
//   const auto kept = config::needs_restart(*running, *wanted);   // {"limits.idle_timeout_ms"}
//   const auto next = config::reloaded(*running, *wanted);
#pragma once

#include "proxy/config/config.h"

#include <string>
#include <vector>

namespace menshen::config {

// Keys, as the file spells them, whose values differ and that reloaded() takes from `running`.
[[nodiscard]] std::vector<std::string> needs_restart(const Config& running, const Config& wanted);

// `running` with what can be reloaded of `wanted`.
[[nodiscard]] Config reloaded(const Config& running, const Config& wanted);

}  // namespace menshen::config
