#include "proxy/admin/resources.h"

#include "core/clock.h"
#include "core/version.h"
#include "proxy/http/problem.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace menshen::admin {
namespace {

http::Reply answer(std::string_view type, std::string body) {
  return {{200, {{"content-type", std::string(type)}, {"cache-control", "no-store"}}},
          std::move(body)};
}

using Json = nlohmann::ordered_json;

http::Reply state(std::string_view status) {
  return answer("application/json", Json{{"status", status}, {"version", core::version()}}.dump());
}

Json members_of(const Readiness& readiness) {
  const Reload& last = readiness.reload;
  Json reload{{"applied", last.applied}, {"time", core::format_rfc3339(last.wall_ns)}};
  if (!last.problem.empty()) reload["problem"] = last.problem;
  if (!last.waiting.empty()) reload["restart_needed"] = last.waiting;
  Json out{{"reload", std::move(reload)}};
  if (!readiness.routes_down.empty()) out["routes_down"] = readiness.routes_down;
  if (!readiness.statistics.empty()) out["statistics"] = {{"problem", readiness.statistics}};
  return out;
}

http::Reply with_members(http::Reply reply, const Json& members) {
  Json body = Json::parse(reply.body);
  body.update(members);
  // A path need not be UTF-8.
  reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return reply;
}

}  // namespace

std::vector<http::Resource> resources(AdminSources sources) {
  const auto ready = [ready = std::move(sources.ready)] {
    const Readiness readiness = ready();
    auto reply = readiness.ready
                     ? state("ready")
                     : http::problem(core::gateway_error(core::ErrorKind::unavailable, "not_ready",
                                                         readiness.reason));
    return with_members(std::move(reply), members_of(readiness));
  };
  const auto metrics = [metrics = std::move(sources.metrics)] {
    return answer("text/plain; version=0.0.4; charset=utf-8", metrics());
  };
  return {{"GET", "/healthz", [] { return state("ok"); }},
          {"GET", "/readyz", ready},
          {"GET", "/metrics", metrics}};
}

}  // namespace menshen::admin
