// What the commands share: the configuration, and problems as people and programs read them.
#pragma once

#include "core/problem.h"
#include "proxy/config/config.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace menshen::cli {

// For commands that need the store alone: no credential is read, and the policy need not be there.
// Null, with every problem on standard error, when it does not load. Warnings are shown too.
[[nodiscard]] std::shared_ptr<const config::Config> load_config(const std::filesystem::path& path);
// The store's folder that is named, or else that of the configuration. Absent: that does not load.
[[nodiscard]] std::optional<std::filesystem::path> store_folder(
    const std::filesystem::path& named, const std::filesystem::path& config);
// "where: error: message" on standard error, a line each.
void show(const std::vector<core::Problem>& problems);
// The same for programs: level, file, line, column, pointer (RFC 6901), message, suggestion. What a
// problem does not have is left out.
[[nodiscard]] nlohmann::ordered_json problems_as_json(const std::vector<core::Problem>& problems);
// Says on standard error what went wrong; the exit code.
[[nodiscard]] int fail(const core::Error& error);

// Raises the limit of descriptors, and fits the bounds of connections to it. What the file asks for
// and cannot have is refused, the default is lowered; standard error says so. null: refused.
[[nodiscard]] std::shared_ptr<const config::Config> fit_descriptors(
    const std::shared_ptr<const config::Config>& config);

}  // namespace menshen::cli
