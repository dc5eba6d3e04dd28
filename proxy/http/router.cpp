#include "proxy/http/router.h"

#include "proxy/http/problem.h"

#include <optional>
#include <utility>

namespace menshen::http {
namespace {

Reply unauthenticated() {
  Reply reply = problem(core::client_error(
      core::ErrorKind::unauthenticated, "invalid_admin_token",
      "This needs the token of the configuration's `admin`: send `authorization: Bearer TOKEN`."));
  reply.head.headers.emplace_back("www-authenticate", "Bearer");
  return reply;
}

// What the resource leaves open of the path; absent: it is not its path.
std::optional<std::string_view> rest_of(std::string_view path, const Resource& resource) {
  std::string_view own = resource.path;
  if (!own.ends_with('*'))
    return path == own ? std::optional(path.substr(own.size())) : std::nullopt;
  own.remove_suffix(1);
  return path.starts_with(own) ? std::optional(path.substr(own.size())) : std::nullopt;
}

}  // namespace

Router::Router(std::vector<Resource> resources, Trusts trusts)
    : resources_(std::move(resources)), trusts_(std::move(trusts)) {}

Reply Router::route(const RequestHead& head) const {
  const std::string_view path = std::string_view(head.target).substr(0, head.target.find('?'));
  const std::string_view wanted = head.method == "HEAD" ? "GET" : std::string_view(head.method);
  for (const Resource& resource : resources_) {
    const auto rest = rest_of(path, resource);
    if (!rest || resource.method != wanted) continue;
    const bool trusted = !trusts_ || trusts_(head);
    return trusted || !resource.guarded ? resource.handler({trusted, *rest}) : unauthenticated();
  }
  return refuse(path);
}

Reply Router::refuse(std::string_view path) const {
  std::string allowed;
  std::string paths;
  for (const Resource& resource : resources_) {
    paths.append(paths.empty() ? "" : ", ").append(resource.path);
    if (!rest_of(path, resource)) continue;
    allowed.append(allowed.empty() ? "" : ", ").append(resource.method);
    if (resource.method == "GET") allowed += ", HEAD";
  }
  if (allowed.empty()) {
    return problem(core::client_error(core::ErrorKind::not_found, "unknown_path",
                                      "There is no such path; there are: " + paths + "."));
  }
  Reply reply =
      problem(core::client_error(core::ErrorKind::method_not_allowed, "method_not_allowed",
                                 "This path takes: " + allowed + "."));
  reply.head.headers.emplace_back("allow", allowed);
  return reply;
}

asio::awaitable<void> Router::serve(Transaction& transaction) const {
  Reply reply = route(transaction.head());
  const auto sent = co_await transaction.send(std::move(reply.head), std::move(reply.body));
  if (!sent) transaction.abort();
}

}  // namespace menshen::http
