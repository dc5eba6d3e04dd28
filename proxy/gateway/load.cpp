#include "proxy/gateway/load.h"

#include "proxy/config/reload.h"
#include "proxy/gateway/policy_file.h"
#include "proxy/transport/server.h"
#include "proxy/transport/upstream_set.h"

#include <iterator>
#include <utility>

namespace menshen::gateway {

Loaded load_files(const std::filesystem::path& path, const LoadOptions& options) {
  config::Options reading{.for_serving = options.credentials,
                          .check_certificates = transport::check_certificates};
  // A gateway that runs has its own in use, and tries what stands there now when all else is good.
  if (options.running == nullptr)
    reading.check_own_certificate = transport::Server::check_certificate;
  config::Loaded file = config::load(path, reading);
  Loaded out;
  out.problems = std::move(file.problems);
  out.config = std::move(file.config);
  if (out.config == nullptr) return out;
  if (options.running != nullptr) {
    out.waiting = config::needs_restart(*options.read, *out.config);
    out.config =
        std::make_shared<const config::Config>(config::reloaded(*options.running, *out.config));
  }
  policies::PolicySet::Loaded policy =
      load_policy(out.config->policy, {.config = out.config.get(), .strict = options.strict});
  out.problems.insert(out.problems.end(), std::make_move_iterator(policy.diagnostics.begin()),
                      std::make_move_iterator(policy.diagnostics.end()));
  out.policy = std::move(policy.set);
  return out;
}

}  // namespace menshen::gateway
