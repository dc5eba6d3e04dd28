// The policy file that a configuration names, loaded against the types that this program detects.
#pragma once

#include "policies/policy_set.h"

#include <filesystem>

namespace menshen::gateway {

// A file that cannot be read is a problem like those in it.
[[nodiscard]] policies::PolicySet::Loaded load_policy(const std::filesystem::path& path);

}  // namespace menshen::gateway
