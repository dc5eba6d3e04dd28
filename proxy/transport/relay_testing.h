// For tests of calls to upstreams: a server whose handler relays what it gets from them, in pieces
// as they come, and scripts of upstreams.
#pragma once

#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::transport::testing {

inline constexpr const char* ok = "HTTP/1.1 200 OK\r\n";

inline asio::awaitable<void> fail(http::Transaction& client, const core::Error& error) {
  http::ResponseHead head{static_cast<unsigned>(core::http_status(error.kind)), {}};
  std::ignore = co_await client.send(std::move(head), error.code);
}

// Relays to the targets of model "m" in turn; the answer in pieces as they come.
class Relay {
 public:
  Relay(pipeline::Upstreams& upstreams, pipeline::RoutesPtr routes)
      : upstreams_(upstreams), routes_(std::move(routes)) {}

  asio::awaitable<void> operator()(http::Transaction& client) {
    auto body = co_await client.read_body();
    if (!body) co_return;
    std::vector<pipeline::Target> targets;
    upstreams_.route(routes_, "m", protocol::likely_adapter({}), targets);
    core::Error last = core::gateway_error(core::ErrorKind::unavailable, "no_upstream", "");
    for (const auto& target : targets) {
      if (!target.available) break;
      const pipeline::UpstreamRequest request{"POST", "/v1/chat", &client.head().headers, *body,
                                              false};
      auto call = co_await upstreams_.call(target, request);
      if (call) {
        co_await pass(client, std::move(*call));
        co_return;
      }
      last = call.error();
      if (last.kind == core::ErrorKind::cancelled) break;
    }
    co_await fail(client, last);
  }

 private:
  asio::awaitable<void> pass(http::Transaction& client,
                             std::unique_ptr<pipeline::UpstreamCall> call) {
    http::ResponseHead head{call->status(), call->headers()};
    auto begun = co_await client.start(std::move(head));
    while (begun) {
      auto piece = co_await call->read();
      if (!piece) {
        std::ignore = co_await client.write("<" + piece.error().code + ">");
        break;
      }
      if (piece->empty()) break;
      begun = co_await client.write(*piece);
    }
    call.reset();
    std::ignore = co_await client.finish();
  }

  pipeline::Upstreams& upstreams_;
  pipeline::RoutesPtr routes_;
};

struct Gateway {
  explicit Gateway(std::vector<config::Upstream> upstreams, std::vector<config::Route> routes = {},
                   const core::Limits& limits = {}) {
    if (routes.empty()) {
      std::vector<config::RouteTarget> targets;
      for (std::uint32_t i = 0; i < upstreams.size(); ++i) targets.push_back({i, 1, ""});
      routes.push_back(route_to({"*"}, std::move(targets)));
    }
    auto made = UpstreamSet::create(upstreams, routes);
    EXPECT_TRUE(made) << to_string(made.error());
    set = std::move(*made);
    auto options = testing::options();
    options.upstreams = set;
    options.limits = limits;
    auto started = Server::start(
        std::move(options), [this](const asio::any_io_executor&, pipeline::Upstreams& each) {
          return Server::Handler([relay = std::make_shared<Relay>(each, set->table())](
                                     http::Transaction& client) { return (*relay)(client); });
        });
    EXPECT_TRUE(started) << to_string(started.error());
    server = std::move(*started);
  }

  std::string ask(std::string_view body = "{}", std::string_view headers = {}) {
    RawSocket client(server->port());
    client.write(post("/v1/chat", body, headers));
    return client.read_message();
  }

  std::shared_ptr<UpstreamSet> set;
  std::unique_ptr<Server> server;
};

// Reads one request and answers with `answer`; then waits for the peer to go.
inline ScriptedUpstream::Script answering(std::string answer) {
  return [answer](RawSocket& socket) {
    while (!socket.read_message().empty()) socket.write(answer);
  };
}

// Reads one request, answers, closes.
inline ScriptedUpstream::Script answering_once(std::string answer) {
  return [answer](RawSocket& socket) {
    socket.read_message();
    socket.write(answer);
  };
}

inline std::string body_of(const std::string& message) {
  return message.substr(message.find("\r\n\r\n") + 4);
}

}  // namespace menshen::transport::testing
