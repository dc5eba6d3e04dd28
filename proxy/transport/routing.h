// Which upstreams serve a model, per API, and in which order to try them.
//
//   RouteTable routes(config.upstreams, config.routes);
//   const auto* route = routes.find("qwen3-32b", adapter);   // null: unknown
//   model balance.order(*route, usable, targets);
//
// RouteTable is immutable, any thread. Balance holds the state of smooth weighted round robin
// (nginx, ngx_http_upstream_round_robin.c, describes it) for one thread.
#pragma once

#include "proxy/config/config.h"
#include "proxy/config/routes.h"
#include "proxy/protocol/adapter.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace menshen::transport {

class RouteTable {
 public:
  RouteTable() = default;
  RouteTable(const std::vector<config::Upstream>& upstreams,
             const std::vector<config::Route>& routes);

  // The most specific route that has an upstream of this API; its targets are those that speak
  // it.
  [[nodiscard]] config::Router::Match match(std::string_view model,
                                            const protocol::Adapter& adapter) const noexcept;
  [[nodiscard]] const config::Route* find(std::string_view model,
                                          const protocol::Adapter& adapter) const noexcept {
    return match(model, adapter).route;
  }
  [[nodiscard]] const std::vector<config::Route>& routes(
      const protocol::Adapter& adapter) const noexcept;

 private:
  struct Side {
    const protocol::Adapter* adapter;
    std::vector<config::Route> routes;
    std::unique_ptr<const config::Router> router;
  };
  [[nodiscard]] const Side* side(const protocol::Adapter& adapter) const noexcept;
  std::vector<Side> sides_;
};

class Balance {
 public:
  // Appends the indices of the targets to try: the pick of the round robin among those that
  // `usable(index)` accepts, then the other usable ones by weight, those of weight 0 last.
  template <class Usable>
  void order(const config::Route& route, Usable usable, std::vector<std::uint32_t>& out);

  // Forgets all state; routes are known by their address.
  void clear() { current_.clear(); }

 private:
  std::unordered_map<const config::Route*, std::vector<std::int64_t>> current_;
};

template <class Usable>
void Balance::order(const config::Route& route, Usable usable, std::vector<std::uint32_t>& out) {
  auto& current = current_[&route];
  current.resize(route.targets.size());
  std::int64_t total = 0;
  const std::size_t begin = out.size();
  for (std::uint32_t i = 0; i < route.targets.size(); ++i) {
    if (!usable(i)) continue;
    out.push_back(i);
    current[i] += route.targets[i].weight;
    total += route.targets[i].weight;
  }
  if (out.size() == begin) return;
  const auto first = out.begin() + static_cast<std::ptrdiff_t>(begin);
  std::stable_sort(first, out.end(), [&](std::uint32_t a, std::uint32_t b) {
    const bool spare_a = route.targets[a].weight == 0;
    const bool spare_b = route.targets[b].weight == 0;
    return spare_a != spare_b ? spare_b : current[a] > current[b];
  });
  current[*first] -= total;
}

}  // namespace menshen::transport
