// The policy file that a configuration names, loaded against the types that this program detects.
#pragma once

#include "policies/policy_set.h"
#include "proxy/config/config.h"

#include <filesystem>

namespace menshen::gateway {

// What names of rules are held against, beside what this program knows.
struct PolicyCheck {
  const config::Config* config = nullptr;  // its routes, upstreams and API keys; null: nothing
  bool strict = false;                     // a name that nothing has is an error
};

// A file that cannot be read is a problem like those in it. Keys that cannot be read are one too:
// then groups and users were held against nothing. While there is no key at all they are not
// either, and users are not where a service may name any person.
[[nodiscard]] policies::PolicySet::Loaded load_policy(const std::filesystem::path& path,
                                                      const PolicyCheck& check);

}  // namespace menshen::gateway
