// What the commands share: reading a file, loading the configuration and the policy with their
// problems shown.
#pragma once

#include "policies/policy_set.h"
#include "proxy/config/config.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace menshen::cli {

// Bounded; nullopt and a message on standard error when it cannot be read.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);

// Null, with every problem on standard error, when it does not load. Warnings are shown too.
enum class Purpose { serving, store_alone };  // the latter reads no credential and needs no policy
[[nodiscard]] std::shared_ptr<const config::Config> load_config(const std::filesystem::path& path,
                                                                Purpose purpose);
[[nodiscard]] policies::PolicySet::Loaded load_policy(const std::filesystem::path& path);
// Says on standard error what went wrong; the exit code.
[[nodiscard]] int fail(const core::Error& error);
void show(const std::vector<policies::Diagnostic>& diagnostics);

// Raises the limit of descriptors, and fits the bounds of connections to it. What the file asks for
// and cannot have is refused, the default is lowered; standard error says so. null: refused.
[[nodiscard]] std::shared_ptr<const config::Config> fit_descriptors(
    const std::shared_ptr<const config::Config>& config);

}  // namespace menshen::cli
