// Texts that are kept with the evidence that was made under them: the policy, and the configuration
// without its secrets, each in a file of the store that has its SHA-256 as name.
//
//   if (const auto kept = keep_policy(*policy, config.store); !kept) return kept;
//   const auto hash = keep_configuration(config, config.store);       // record.configuration
//
// Start and reload alone. Errors: unavailable, code "evidence_unavailable"; invalid_config, code
// "store_unsafe", where others may write there.
#pragma once

#include "core/error.h"
#include "policies/policy_set.h"
#include "proxy/config/config.h"

#include <filesystem>
#include <string>

namespace menshen::gateway {

// What the two below would be refused for, as far as that can be told without writing: the folders'
// kind and rights, and how long the configuration is. A folder that is not there yet is fine.
[[nodiscard]] core::Result<void> check_kept_texts(const config::Config& config);

// Writes its text, durably, to policies/VERSION.yaml of the store unless it stands there.
[[nodiscard]] core::Result<void> keep_policy(const policies::PolicySet& policy,
                                             const std::filesystem::path& store);
// The same of its canonical form, to configurations/HASH.json. Gives HASH.
[[nodiscard]] core::Result<std::string> keep_configuration(const config::Config& config,
                                                           const std::filesystem::path& store);

}  // namespace menshen::gateway
