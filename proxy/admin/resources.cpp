#include "proxy/admin/resources.h"

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

http::Reply state(std::string_view status) {
  return answer("application/json",
                nlohmann::ordered_json{{"status", status}, {"version", core::version()}}.dump());
}

}  // namespace

std::vector<http::Resource> resources(AdminSources sources) {
  const auto ready = [ready = std::move(sources.ready)] {
    const Readiness readiness = ready();
    if (readiness.ready) return state("ready");
    return http::problem(
        core::gateway_error(core::ErrorKind::unavailable, "not_ready", readiness.reason));
  };
  const auto metrics = [metrics = std::move(sources.metrics)] {
    return answer("text/plain; version=0.0.4; charset=utf-8", metrics());
  };
  return {{"GET", "/healthz", [] { return state("ok"); }},
          {"GET", "/readyz", ready},
          {"GET", "/metrics", metrics}};
}

}  // namespace menshen::admin
