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
  std::ranges::sort(patterns_, [](const Pattern& a, const Pattern& b) {
    return std::tuple(core::literal_prefix(b.text).size(), literal_count(b.text), a.text) <
           std::tuple(core::literal_prefix(a.text).size(), literal_count(a.text), b.text);
  });
}

const Route* Router::find(std::string_view model) const noexcept {
  if (model.size() > core::model_name_bytes_max) return nullptr;
  if (const auto exact = exact_.find(model); exact != exact_.end()) return exact->second;
  const Pattern* pattern = pattern_for(model);
  return pattern == nullptr ? nullptr : pattern->route;
}

std::string_view Router::name_of(std::string_view model) const noexcept {
  if (model.size() > core::model_name_bytes_max) return {};
  if (const auto exact = exact_.find(model); exact != exact_.end()) return exact->first;
  const Pattern* pattern = pattern_for(model);
  return pattern == nullptr ? std::string_view() : pattern->text;
}

const Router::Pattern* Router::pattern_for(std::string_view model) const noexcept {
  const auto found = std::ranges::find_if(
      patterns_, [&](const Pattern& p) { return core::matches_wildcard(p.text, model); });
  return found == patterns_.end() ? nullptr : &*found;
}

}  // namespace menshen::config
