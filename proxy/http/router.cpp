#include "proxy/http/router.h"

#include "proxy/http/problem.h"

#include <utility>

namespace menshen::http {

Router::Router(std::vector<Resource> resources) : resources_(std::move(resources)) {}

Reply Router::route(std::string_view method, std::string_view target) const {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Resource& resource : resources_) {
    if (resource.path == path && resource.method == wanted) return resource.handler();
  }
  return refuse(path);
}

Reply Router::refuse(std::string_view path) const {
  std::string allowed;
  std::string paths;
  for (const Resource& resource : resources_) {
    paths.append(paths.empty() ? "" : ", ").append(resource.path);
    if (resource.path != path) continue;
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
  const RequestHead& head = transaction.head();
  Reply reply = route(head.method, head.target);
  const auto sent = co_await transaction.send(std::move(reply.head), std::move(reply.body));
  if (!sent) transaction.abort();
}

}  // namespace menshen::http
