#include "proxy/gateway/snapshot.h"

#include "core/clock.h"

#include <algorithm>

namespace menshen::gateway {

std::vector<std::string> routes_down(const Snapshot& snapshot) {
  const std::int64_t now_ns = core::system_clock().monotonic_ns();
  std::vector<std::string> out;
  for (const config::Route& route : snapshot.config->routes) {
    const bool up = std::ranges::any_of(route.targets, [&](const config::RouteTarget& target) {
      return snapshot.upstreams->upstreams[target.upstream]->available(now_ns);
    });
    if (!up) out.push_back(route.models.front());
  }
  return out;
}

}  // namespace menshen::gateway
