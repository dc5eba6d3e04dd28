// What is in force: one immutable whole, which SIGHUP replaces. An exchange takes from one snapshot
// alone, so none is judged by one policy and routed by the configuration of another; a former one
// lives as long as its last exchange.
#pragma once

#include "policies/policy_set.h"
#include "proxy/config/config.h"
#include "proxy/transport/upstream_set.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace menshen::gateway {

struct Snapshot {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const policies::PolicySet> policy;
  std::shared_ptr<const transport::UpstreamTable> upstreams;
  std::string configuration;  // its name in the store (kept_text.h)
  // Since when files of these bytes are in force.
  std::int64_t config_since_ns = 0;
  std::int64_t policy_since_ns = 0;
};

// Routes none of whose upstreams may be called now, each by the first model that it names.
[[nodiscard]] std::vector<std::string> routes_down(const Snapshot& snapshot);

}  // namespace menshen::gateway
