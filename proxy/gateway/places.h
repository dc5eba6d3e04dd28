// Where a gateway writes: its log, its store, the file of published heads. Looked at for `menshen
// config check`, which makes and changes nothing, as the user who would run the gateway.
#pragma once

#include "core/problem.h"
#include "proxy/config/config.h"

#include <filesystem>
#include <vector>

namespace menshen::gateway {

// What a start would be refused for there; `file` is the configuration's.
[[nodiscard]] std::vector<core::Problem> check_places(const config::Config& config,
                                                      const std::filesystem::path& file);

}  // namespace menshen::gateway
