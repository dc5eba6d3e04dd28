// For tests of servers and of calls to upstreams, beside those of proxy/net.
#pragma once

#include "proxy/config/config.h"
#include "proxy/net/testing.h"
#include "proxy/transport/server.h"
#include "proxy/transport/upstream_set.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::transport::testing {

using namespace net::testing;  // NOLINT(google-build-using-namespace): one set of helpers

// Requests of GET and POST on "/", with further header fields.
std::string get(std::string_view fields);
std::string put_body(std::string_view fields, std::string_view body);
std::string chunked(std::string_view body);
std::string post(std::string_view path, std::string_view body, std::string_view more_headers = {});

// "127.0.0.1" and a port, timeouts that no test meets by accident.
config::Upstream upstream_at(std::uint16_t port, std::string name = "core");
config::Route route_to(std::vector<std::string> models, std::vector<config::RouteTarget> targets);

Server::Options options();
std::unique_ptr<Server> serve(Server::Handler handler, const core::Limits& limits = {});

// A turn that the test gives a handler when it has seen something. Thread-safe.
class Turn {
 public:
  // False: the exchange was cancelled before, also while the handler awaited nothing: cancelling is
  // told once, to what is awaited then.
  asio::awaitable<bool> wait();
  void give() noexcept { given_ = true; }

 private:
  std::atomic<bool> given_{false};
};

http::ResponseHead answer_head(unsigned status);
// A handler that answers with what it was asked: method, target, body.
asio::awaitable<void> echo(http::Transaction& client);

}  // namespace menshen::transport::testing
