// What the commands share: the configuration and the policy, with their problems on standard error.
#pragma once

#include "policies/policy_set.h"
#include "proxy/config/config.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace menshen::cli {

// Null, with every problem on standard error, when it does not load. Warnings are shown too.
enum class Purpose { serving, store_alone };  // the latter reads no credential and needs no policy
[[nodiscard]] std::shared_ptr<const config::Config> load_config(const std::filesystem::path& path,
                                                                Purpose purpose);
// Says on standard error what went wrong; the exit code.
[[nodiscard]] int fail(const core::Error& error);
void show(const std::vector<policies::Diagnostic>& diagnostics);

// Raises the limit of descriptors, and fits the bounds of connections to it. What the file asks for
// and cannot have is refused, the default is lowered; standard error says so. null: refused.
[[nodiscard]] std::shared_ptr<const config::Config> fit_descriptors(
    const std::shared_ptr<const config::Config>& config);

}  // namespace menshen::cli
