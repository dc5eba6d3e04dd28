#include "proxy/config/routes.h"

#include "core/wildcard.h"

#include <algorithm>
#include <tuple>

namespace menshen::config {
namespace {

std::size_t literal_count(std::string_view pattern) {
  return static_cast<std::size_t>(
      std::ranges::count_if(pattern, [](char c) { return c != '*' && c != '?'; }));
}

}  // namespace

Router::Router(std::span<const Route> routes) {
  for (const Route& route : routes) {
    for (const std::string& model : route.models) {
      if (core::has_wildcard(model)) {
        patterns_.push_back({model, &route});
      } else {
        exact_.emplace(model, &route);
      }
    }
  }
  std::ranges::sort(patterns_, [](const Match& a, const Match& b) {
    return std::tuple(core::literal_prefix(b.name).size(), literal_count(b.name), a.name) <
           std::tuple(core::literal_prefix(a.name).size(), literal_count(a.name), b.name);
  });
}

Router::Match Router::match(std::string_view model) const noexcept {
  if (model.size() > core::model_name_bytes_max) return {};
  if (const auto exact = exact_.find(model); exact != exact_.end()) {
    return {exact->first, exact->second};
  }
  const auto found = std::ranges::find_if(
      patterns_, [&](const Match& p) { return core::matches_wildcard(p.name, model); });
  return found == patterns_.end() ? Match{} : *found;
}

}  // namespace menshen::config
