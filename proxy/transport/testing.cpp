#include "proxy/transport/testing.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <tuple>
#include <utility>

namespace menshen::transport::testing {

std::string post(std::string_view path, std::string_view body, std::string_view more_headers) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nhost: gateway\r\n" +
         std::string(more_headers) + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

config::Upstream upstream_at(std::uint16_t port, std::string name) {
  config::Upstream upstream;
  upstream.name = std::move(name);
  upstream.url.host = "127.0.0.1";
  upstream.url.port = port;
  upstream.apis.assign(protocol::adapters().begin(), protocol::adapters().end());
  upstream.retries = 0;
  return upstream;
}

config::Route route_to(std::vector<std::string> models, std::vector<config::RouteTarget> targets) {
  return {std::move(models), std::move(targets)};
}

Server::Options options() {
  Server::Options options;
  options.listen.address = {"127.0.0.1", 0};
  options.tick = std::chrono::milliseconds(5);
  options.half_close_patience = std::chrono::milliseconds(5);
  options.error_reply = [](const core::Error& error, std::string_view exchange) {
    return http::Reply{{static_cast<unsigned>(core::http_status(error.kind)), {}},
                       R"({"error":{"code":")" + error.code + R"(","exchange":")" +
                           std::string(exchange) + R"("}})"};
  };
  return options;
}

http::ResponseHead answer_head(unsigned status) {
  return {status, {{"content-type", "text/plain"}}};
}

asio::awaitable<void> echo(http::Transaction& client) {
  auto body = co_await client.read_body();
  if (!body) {
    auto failed = answer_head(static_cast<unsigned>(core::http_status(body.error().kind)));
    std::ignore = co_await client.send(std::move(failed), body.error().code);
    co_return;
  }
  std::string text = client.head().method + " " + client.head().target + " " + *body;
  std::ignore = co_await client.send(answer_head(200), std::move(text));
}

asio::awaitable<bool> Turn::wait() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!given_) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return false;
    timer.expires_after(std::chrono::milliseconds(1));
    std::ignore = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return true;
}

std::unique_ptr<Server> serve(Server::Handler handler, const core::Limits& limits) {
  auto own = options();
  own.limits = limits;
  auto server = Server::start(std::move(own), [handler](const asio::any_io_executor&,
                                                        pipeline::Upstreams&) { return handler; });
  EXPECT_TRUE(server) << to_string(server.error());
  return std::move(*server);
}

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nhost: x\r\n" + std::string(fields) + "\r\n";
}

std::string put_body(std::string_view fields, std::string_view body) {
  return "POST / HTTP/1.1\r\nhost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string chunked(std::string_view body) {
  return put_body("transfer-encoding: chunked\r\n", body);
}

}  // namespace menshen::transport::testing
