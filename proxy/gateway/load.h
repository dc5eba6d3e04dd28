// The files that a gateway runs by, configuration and policy, as they stand now: read at the start,
// at a reload, and by `menshen config check`, which so all say the same.
//
//   const Loaded loaded = load_files("menshen.yaml", {});
//   for (const core::Problem& p : loaded.problems) print(p.where(), p.message);
//   if (!loaded.policy) return 1;
#pragma once

#include "core/problem.h"
#include "policies/policy_set.h"
#include "proxy/config/config.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace menshen::gateway {

struct LoadOptions {
  bool credentials = true;  // false: they are not read, and certificates need not be there
  bool strict = false;      // names of the policy that nothing has are errors
  // Of a gateway that runs: the configuration that it holds to, and the one that its file had then.
  const config::Config* running = nullptr;
  const config::Config* read = nullptr;
};

struct Loaded {
  // As the file has it; while a gateway runs, what of it can come into force. Null: a problem is an
  // error, and there is no policy either.
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const policies::PolicySet> policy;  // null: a problem is an error
  std::vector<core::Problem> problems;                // without content, without credentials
  std::vector<std::string> waiting;                   // keys that need a restart
};

[[nodiscard]] Loaded load_files(const std::filesystem::path& path, const LoadOptions& options);

}  // namespace menshen::gateway
