#include "proxy/transport/routing.h"

namespace menshen::transport {
namespace {

bool speaks(const config::Upstream& upstream, protocol::Family family) noexcept {
  return family == protocol::Family::openai ? upstream.openai : upstream.anthropic;
}

}  // namespace

RouteTable::RouteTable(const std::vector<config::Upstream>& upstreams,
                       const std::vector<config::Route>& routes) {
  for (const auto family : {protocol::Family::openai, protocol::Family::anthropic}) {
    Side& side = sides_[static_cast<std::size_t>(family)];
    for (const auto& route : routes) {
      config::Route kept{route.models, {}, route.retry};
      for (const auto& target : route.targets) {
        if (speaks(upstreams.at(target.upstream), family)) kept.targets.push_back(target);
      }
      if (!kept.targets.empty()) side.routes.push_back(std::move(kept));
    }
    side.router = std::make_unique<config::Router>(side.routes);
  }
}

const RouteTable::Side& RouteTable::side(protocol::Family family) const noexcept {
  return sides_[static_cast<std::size_t>(family)];
}

const config::Route* RouteTable::find(std::string_view model,
                                      protocol::Family family) const noexcept {
  const auto& router = side(family).router;
  return router == nullptr ? nullptr : router->find(model);
}

const std::vector<config::Route>& RouteTable::routes(protocol::Family family) const noexcept {
  return side(family).routes;
}

}  // namespace menshen::transport
