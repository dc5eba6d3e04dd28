#include "proxy/admin/handler.h"

#include <nlohmann/json.hpp>

namespace menshen::admin {
namespace {

struct Reply {
  unsigned status;
  std::string_view type;
  std::string body;
};

std::string status_body(std::string_view status, std::string_view reason) {
  nlohmann::ordered_json body{{"status", status}};
  if (!reason.empty()) body["reason"] = reason;
  body["version"] = MENSHEN_VERSION;
  return body.dump();
}

Reply reply_to(const AdminSources& sources, const pipeline::RequestHead& head) {
  constexpr std::string_view json = "application/json";
  const std::string_view path = std::string_view(head.target).substr(0, head.target.find('?'));
  const bool known = path == "/healthz" || path == "/readyz" || path == "/metrics";
  if (!known)
    return {404, json, status_body("not_found", "There are /healthz, /readyz and /metrics.")};
  if (head.method != "GET") return {405, json, status_body("method_not_allowed", "Use GET.")};
  if (path == "/healthz") return {200, json, status_body("ok", {})};
  if (path == "/metrics")
    return {200, "text/plain; version=0.0.4; charset=utf-8", sources.metrics()};
  const Readiness readiness = sources.ready();
  if (readiness.ready) return {200, json, status_body("ready", {})};
  return {503, json, status_body("not_ready", readiness.reason)};
}

}  // namespace

boost::asio::awaitable<void> handle_admin(const AdminSources& sources, pipeline::Client& client) {
  Reply reply = reply_to(sources, client.head());
  pipeline::ResponseHead head{reply.status, {{"content-type", std::string(reply.type)}}};
  const auto sent = co_await client.send(std::move(head), std::move(reply.body));
  if (!sent) client.abort();
}

}  // namespace menshen::admin
