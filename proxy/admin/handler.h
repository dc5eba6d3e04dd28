// The admin port: /healthz (the process lives), /readyz (it can take exchanges), /metrics.
//
// Served without authentication on the admin address, which is loopback by default: nothing here
// names a user or holds content. Any other path is 404, any other method 405.
#pragma once

#include "proxy/pipeline/client.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>

namespace menshen::admin {

struct Readiness {
  bool ready = false;
  std::string reason;  // why not
};

struct AdminSources {
  std::function<Readiness()> ready;
  std::function<std::string()> metrics;
};

// One request. Thread-safe as far as its sources are.
boost::asio::awaitable<void> handle_admin(const AdminSources& sources, pipeline::Client& client);

}  // namespace menshen::admin
