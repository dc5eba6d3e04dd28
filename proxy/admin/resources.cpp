#include "proxy/admin/resources.h"

#include "core/clock.h"
#include "core/digest.h"
#include "core/version.h"
#include "proxy/http/characters.h"
#include "proxy/http/problem.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace menshen::admin {
namespace {

http::Reply answer(std::string_view type, std::string body) {
  return {{200, {{"content-type", std::string(type)}, {"cache-control", "no-store"}}},
          std::move(body)};
}

using Json = nlohmann::ordered_json;

http::Reply state(std::string_view status, bool trusted) {
  Json body{{"status", status}};
  if (trusted) body["version"] = core::version();
  return answer("application/json", body.dump());
}

Json members_of(const Readiness& readiness) {
  const Reload& last = readiness.reload;
  Json reload{{"applied", last.applied}, {"time", core::format_rfc3339(last.wall_ns)}};
  if (!last.problem.empty()) reload["problem"] = last.problem;
  if (!last.waiting.empty()) reload["restart_needed"] = last.waiting;
  Json out{{"reload", std::move(reload)}};
  if (!readiness.routes_down.empty()) out["routes_down"] = readiness.routes_down;
  if (!readiness.publishing.empty()) out["publishing_failed"] = readiness.publishing;
  if (!readiness.damage.empty()) out["evidence_damaged"] = readiness.damage;
  if (!readiness.witnesses_failing.empty()) out["witnesses_failing"] = readiness.witnesses_failing;
  if (!readiness.statistics.empty()) out["statistics"] = {{"problem", readiness.statistics}};
  return out;
}

http::Reply log_file(core::Result<std::optional<audit::ServedFile>> file) {
  if (!file) return http::problem(file.error());
  if (!*file)
    return http::problem(core::client_error(core::ErrorKind::not_found, "no_such_log_file",
                                            "The log has no such file, or not yet."));
  const char* type = (*file)->changes ? "text/plain; charset=utf-8" : "application/octet-stream";
  const char* kept = (*file)->changes ? "no-cache" : "private, max-age=31536000, immutable";
  return {{200, {{"content-type", type}, {"cache-control", kept}}}, std::move((*file)->bytes)};
}

http::Reply with_members(http::Reply reply, const Json& members) {
  Json body = Json::parse(reply.body);
  body.update(members);
  // A path need not be UTF-8.
  reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return reply;
}

}  // namespace

bool shows_token(const http::RequestHead& head, std::string_view token) {
  constexpr std::string_view scheme = "bearer ";
  const std::string_view value = http::find_header(head.headers, "authorization").value_or("");
  const bool bearer = std::ranges::equal(value.substr(0, scheme.size()), scheme, {}, http::lower);
  if (!bearer) return false;
  // Digests are of one length, whatever was sent.
  const core::Digest shown = core::sha256(http::trim_blanks(value.substr(scheme.size())));
  const core::Digest wanted = core::sha256(token);
  return core::equal_constant_time(core::as_text(shown), core::as_text(wanted));
}

std::vector<http::Resource> resources(AdminSources sources) {
  const auto ready = [ready = std::move(sources.ready)](const http::Asked& asked) {
    const bool trusted = asked.trusted;
    const Readiness readiness = ready();
    const std::string reason = trusted ? readiness.reason : "The gateway is not ready.";
    auto reply =
        readiness.ready
            ? state("ready", trusted)
            : http::problem(core::gateway_error(core::ErrorKind::unavailable, "not_ready", reason));
    if (!trusted) return reply;
    return with_members(std::move(reply), members_of(readiness));
  };
  const auto metrics = [metrics = std::move(sources.metrics)](const http::Asked&) {
    return answer("text/plain; version=0.0.4; charset=utf-8", metrics());
  };
  std::vector<http::Resource> out{
      {"GET", "/healthz", [](const http::Asked& asked) { return state("ok", asked.trusted); }},
      {"GET", "/readyz", ready},
      {"GET", "/metrics", metrics, true}};
  if (!sources.log) return out;
  const auto log = [log = std::move(sources.log)](const http::Asked& asked) {
    return log_file(log(asked.rest));
  };
  out.push_back({"GET", "/log/*", log, true});
  return out;
}

}  // namespace menshen::admin
