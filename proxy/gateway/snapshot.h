// What is in force: one immutable whole, which SIGHUP replaces. An exchange takes from one snapshot
// alone, so none is judged by one policy and routed by the configuration of another; a former one
// lives as long as its last exchange.
#pragma once

#include "policies/policy_set.h"
#include "proxy/config/config.h"
#include "proxy/config/routes.h"
#include "proxy/transport/upstream_set.h"

#include <memory>
#include <string>
#include <vector>

namespace menshen::gateway {

struct Snapshot {
  Snapshot(std::shared_ptr<const config::Config> configuration,
           std::shared_ptr<const policies::PolicySet> policy_set,
           std::shared_ptr<const transport::UpstreamTable> table)
      : config(std::move(configuration)),
        policy(std::move(policy_set)),
        upstreams(std::move(table)),
        names(config->routes) {}

  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const policies::PolicySet> policy;
  std::shared_ptr<const transport::UpstreamTable> upstreams;
  config::Router names;  // of config->routes: as which route a model is counted
};

// Routes none of whose upstreams may be called now, each by the first model that it names.
[[nodiscard]] std::vector<std::string> routes_down(const Snapshot& snapshot);

}  // namespace menshen::gateway
