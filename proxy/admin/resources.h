// The admin port: /healthz (the process lives), /readyz (it can take exchanges), /metrics.
//
//   const http::Router router(admin::resources(sources));
//
// Served without authentication on the admin address, which is loopback by default: nothing here
// names a user or holds content.
#pragma once

#include "proxy/http/router.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace menshen::admin {

// How the last reload ended; the start is the first.
struct Reload {
  bool applied = true;
  std::int64_t wall_ns = 0;
  std::string problem{};               // the place of the first: "policy.yaml:7:5 access[0].effect"
  std::vector<std::string> waiting{};  // keys of the configuration that need a restart
};

struct Readiness {
  bool ready = false;
  std::string reason{};  // why not
  Reload reload{};
  std::vector<std::string> routes_down{};  // by a model: routes whose upstreams may not be called
  std::string statistics{};  // code of what keeps statistics from their release; empty: nothing
};

struct AdminSources {
  std::function<Readiness()> ready;
  std::function<std::string()> metrics;
};

// Thread-safe as far as the sources are.
[[nodiscard]] std::vector<http::Resource> resources(AdminSources sources);

}  // namespace menshen::admin
