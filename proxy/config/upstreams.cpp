#include "proxy/config/keys.h"
#include "proxy/config/reading.h"

#include <algorithm>
#include <unordered_map>

namespace menshen::config {
namespace {

constexpr std::size_t upstreams_max = 256;
constexpr std::uint32_t hour_ms = 3'600'000;

void read_apis(const core::YamlValue& list, Upstream& out) {
  const auto names = api_names();
  for (const core::YamlValue& item : list.items()) {
    const auto api = item.choice(names);
    if (!api) continue;
    const protocol::Adapter* const adapter = protocol::adapters()[*api];
    if (std::ranges::find(out.apis, adapter) != out.apis.end()) {
      item.error("This API is named twice.");
    } else {
      out.apis.push_back(adapter);
    }
  }
  // The order says nothing.
  std::ranges::sort(out.apis, {}, [](const auto* adapter) { return adapter->facts().name; });
}

void read_health(const core::YamlValue& value, Upstream& out) {
  const core::YamlMap map(value, keys::health);
  if (!map.value().present()) return;
  Health health;
  if (const auto path = map.required("path").text()) {
    const bool plain = std::ranges::all_of(*path, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!path->starts_with('/') || !plain || path->size() > 1024) {
      map["path"].error("Expected a path that begins with a slash, without blanks.");
    }
    health.path = *path;
  }
  read_number(map["interval_ms"], 100, hour_ms, health.interval_ms);
  read_number(map["timeout_ms"], 10, hour_ms, health.timeout_ms);
  if (health.timeout_ms > health.interval_ms) {
    value.error("timeout_ms (" + std::to_string(health.timeout_ms) +
                ") must be at most interval_ms (" + std::to_string(health.interval_ms) + ").");
  }
  out.health = std::move(health);
}

void read_resilience(const core::YamlMap& map, Upstream& out) {
  const core::YamlMap timeouts(map["timeouts"], keys::timeouts);
  read_number(timeouts["connect_ms"], 1, hour_ms, out.timeouts.connect_ms);
  read_number(timeouts["first_byte_ms"], 1, hour_ms, out.timeouts.first_byte_ms);
  read_number(timeouts["idle_ms"], 1, hour_ms, out.timeouts.idle_ms);
  read_number(timeouts["keep_alive_ms"], 1, hour_ms, out.timeouts.keep_alive_ms);
  read_number(map["retries"], 0, 10, out.retries);
  const core::YamlMap breaker(map["breaker"], keys::breaker);
  read_number(breaker["failures"], 1, 1'000'000, out.breaker.failures);
  read_number(breaker["open_ms"], 1, hour_ms, out.breaker.open_ms);
  read_health(map["health"], out);
}

Upstream read_upstream(const Reading& reading, const core::YamlValue& value) {
  const core::YamlMap map(value, keys::upstream);
  Upstream out;
  out.name = read_name(map.required("name")).value_or("");
  out.url = read_url(map.required("url")).value_or(Url{});
  read_apis(map.required("apis"), out);
  out.zone = read_name(map["zone"]).value_or(out.zone);
  read_connection(reading, map, out);
  read_resilience(map, out);
  if (out.zone == "public" && !out.url.tls && !out.url.host.empty()) {
    map["url"].warn("Plain http to zone public: prompts and the credential travel in clear.");
  }
  return out;
}

std::uint32_t upstream_named(const core::YamlValue& at, const std::string& name,
                             std::span<const Upstream> upstreams) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    if (upstreams[i].name == name) return static_cast<std::uint32_t>(i);
    names.emplace_back(upstreams[i].name);
  }
  const std::string_view near = core::nearest_name(name, names);
  at.error("No upstream has the name " + core::quoted_name(name) + "." + core::suggestion_of(near),
           near);
  return 0;
}

std::optional<RouteTarget> read_target(const core::YamlValue& value,
                                       std::span<const Upstream> upstreams) {
  const core::YamlMap map(value, keys::target);
  RouteTarget out;
  const auto name = map.required("name").text();
  if (!name) return std::nullopt;
  out.upstream = upstream_named(map["name"], *name, upstreams);
  read_number(map["weight"], 0, 1'000'000, out.weight);
  if (const auto model = read_model(map["model"])) out.model = *model;
  if (out.model.find_first_of("*?") != std::string::npos) {
    map["model"].error("The name at the upstream cannot have wildcards.");
  }
  return out;
}

Route read_route(const core::YamlValue& value, std::span<const Upstream> upstreams) {
  const core::YamlMap map(value, keys::route);
  Route out;
  for (const core::YamlValue& item : map.required("models").items()) {
    if (auto model = read_model(item)) out.models.push_back(std::move(*model));
  }
  if (const auto retry = map["retry"].choice(keys::retries)) {
    out.retry = static_cast<Retry>(*retry);
  }
  for (const core::YamlValue& item : map["account_headers"].items()) {
    const auto names = protocol::account_headers();
    const auto header = item.choice(names);
    if (!header) continue;
    if (std::ranges::find(out.account_headers, names[*header]) != out.account_headers.end())
      item.error("This header is named twice.");
    out.account_headers.emplace_back(names[*header]);
  }
  if (const auto model = map["answer_model"].choice(keys::answer_models))
    out.answers_as_asked = *model == 1;
  std::uint64_t weights = 0;
  bool whole = true;
  for (const core::YamlValue& item : map.required("upstreams").items()) {
    const auto target = read_target(item, upstreams);
    whole = whole && target;
    if (!target) continue;
    weights += target->weight;
    out.targets.push_back(*target);
  }
  if (whole && !out.targets.empty() && weights == 0) {
    map["upstreams"].error("The weights add up to 0: no upstream would be asked.");
  }
  return out;
}

}  // namespace

std::vector<std::string_view> api_names() {
  std::vector<std::string_view> names;
  for (const protocol::Adapter* adapter : protocol::adapters())
    names.push_back(adapter->facts().name);
  return names;
}

std::vector<Upstream> read_upstreams(const Reading& reading, const core::YamlValue& list) {
  std::vector<Upstream> out;
  const auto items = list.items();
  if (items.size() > upstreams_max) list.error("More than 256 upstreams.");
  for (const core::YamlValue& item : items) {
    Upstream upstream = read_upstream(reading, item);
    const bool twice = !upstream.name.empty() &&
                       std::ranges::find(out, upstream.name, &Upstream::name) != out.end();
    if (twice) item.error("Two upstreams have the name " + core::quoted_name(upstream.name) + ".");
    out.push_back(std::move(upstream));
  }
  return out;
}

void warn_about_unrouted(const core::YamlValue& list, std::span<const Upstream> upstreams,
                         std::span<const Route> routes) {
  std::vector<bool> routed(upstreams.size(), false);
  for (const Route& route : routes) {
    for (const RouteTarget& target : route.targets) routed[target.upstream] = true;
  }
  const auto items = list.items();
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    if (!routed[i]) items[i].warn("No route leads to this upstream.");
  }
}

std::vector<Route> read_routes(const core::YamlValue& list, std::span<const Upstream> upstreams) {
  std::vector<Route> out;
  std::unordered_map<std::string, bool> seen;
  for (const core::YamlValue& item : list.items()) {
    Route route = read_route(item, upstreams);
    for (const std::string& model : route.models) {
      if (!seen.emplace(model, true).second) {
        item.error("The model " + core::quoted_name(model) + " is routed twice.");
      }
    }
    out.push_back(std::move(route));
  }
  return out;
}

}  // namespace menshen::config
