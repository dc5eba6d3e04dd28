// The admin port: /healthz (the process lives), /readyz (it can take exchanges), /metrics.
//
//   const http::Router router(admin::resources(sources));
//
// Served without authentication on the admin address, which is loopback by default: nothing here
// names a user or holds content.
#pragma once

#include "proxy/http/router.h"

#include <functional>
#include <string>
#include <vector>

namespace menshen::admin {

struct Readiness {
  bool ready = false;
  std::string reason;  // why not
};

struct AdminSources {
  std::function<Readiness()> ready;
  std::function<std::string()> metrics;
};

// Thread-safe as far as the sources are.
[[nodiscard]] std::vector<http::Resource> resources(AdminSources sources);

}  // namespace menshen::admin
