// Which handler serves a path and a method.
//
//   const Router router({{"GET", "/healthz", healthz}, {"GET", "/metrics", metrics}});
//   co_await router.serve(transaction);
//
// A path that no resource has is 404, a method that its path does not take is 405 with `allow`;
// HEAD is answered as GET is. Who is not trusted gets 401 for what is guarded; a handler that is
// not is told whether its caller is. Errors are problem details (problem.h). Immutable once made:
// all threads, as far as its handlers are.
#pragma once

#include "proxy/http/message.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::http {

struct Asked {
  bool trusted = false;
  std::string_view rest;  // of the path, where the resource's ends in *
};

struct Resource {
  std::string method;
  std::string path;                            // "/log/*": each path that begins so
  std::function<Reply(const Asked&)> handler;  // must not throw
  bool guarded = false;
};

class Router {
 public:
  using Trusts = std::function<bool(const RequestHead&)>;  // must not throw

  explicit Router(std::vector<Resource> resources, Trusts trusts = {});  // none: everybody

  [[nodiscard]] Reply route(const RequestHead& head) const;
  asio::awaitable<void> serve(Transaction& transaction) const;

 private:
  [[nodiscard]] Reply refuse(std::string_view path) const;

  std::vector<Resource> resources_;
  Trusts trusts_;
};

}  // namespace menshen::http
