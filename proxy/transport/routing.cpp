#include "proxy/transport/routing.h"

#include <algorithm>

namespace menshen::transport {

RouteTable::RouteTable(const std::vector<config::Upstream>& upstreams,
                       const std::vector<config::Route>& routes) {
  for (const protocol::Adapter* adapter : protocol::adapters()) {
    Side side{adapter, {}, nullptr};
    for (const auto& route : routes) {
      config::Route kept{
          route.models, {}, route.retry, route.account_headers, route.answers_as_asked};
      for (const auto& target : route.targets) {
        const auto& apis = upstreams.at(target.upstream).apis;
        if (std::ranges::find(apis, adapter) != apis.end()) kept.targets.push_back(target);
      }
      if (!kept.targets.empty()) side.routes.push_back(std::move(kept));
    }
    side.router = std::make_unique<config::Router>(side.routes);
    sides_.push_back(std::move(side));
  }
}

const RouteTable::Side* RouteTable::side(const protocol::Adapter& adapter) const noexcept {
  const auto found = std::ranges::find(sides_, &adapter, &Side::adapter);
  return found == sides_.end() ? nullptr : &*found;
}

config::Router::Match RouteTable::match(std::string_view model,
                                        const protocol::Adapter& adapter) const noexcept {
  const Side* const known = side(adapter);
  return known == nullptr ? config::Router::Match{} : known->router->match(model);
}

const std::vector<config::Route>& RouteTable::routes(
    const protocol::Adapter& adapter) const noexcept {
  static const std::vector<config::Route> none;
  const Side* const known = side(adapter);
  return known == nullptr ? none : known->routes;
}

}  // namespace menshen::transport
