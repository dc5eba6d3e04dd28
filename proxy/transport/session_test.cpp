// Sessions over real sockets: framing, keep-alive, bodies, limits, back-pressure, departure of the
// client.
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawSocket;
using ::testing::StartsWith;

pipeline::ResponseHead answer_head(unsigned status) {
  return {status, {{"content-type", "text/plain"}}};
}

// Answers with what it was asked: method, target, body.
asio::awaitable<void> echo(pipeline::Client& client) {
  auto body = co_await client.read_body();
  if (!body) {
    auto failed = answer_head(static_cast<unsigned>(core::http_status(body.error().kind)));
    std::ignore = co_await client.send(std::move(failed), body.error().code);
    co_return;
  }
  std::string text = client.head().method + " " + client.head().target + " " + *body;
  std::ignore = co_await client.send(answer_head(200), std::move(text));
}

std::unique_ptr<Server> serve(Server::Handler handler, const core::Limits& limits = {}) {
  auto options = testing::options();
  options.limits = limits;
  auto server = Server::start(
      std::move(options),
      [handler](const asio::any_io_executor&, pipeline::Upstreams&) { return handler; });
  EXPECT_TRUE(server) << to_string(server.error());
  return std::move(*server);
}

TEST(Session, AnswersAndKeepsTheConnection) {
  const auto server = serve(echo);
  RawSocket client(server->port());
  for (const std::string body : {"one", "two"}) {
    client.write(testing::post("/v1/x?q=1", body));
    const auto answer = client.read_message();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\ndate: "));
    EXPECT_THAT(answer, HasSubstr("\r\ncontent-length: 18\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("connection:")));
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nPOST /v1/x?q=1 " + body));
  }
}

TEST(Session, KeepsPipelinedRequests) {
  const auto server = serve(echo);
  RawSocket client(server->port());
  client.write(testing::post("/1", "a") + testing::post("/2", "b") +
               "GET /3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  EXPECT_THAT(client.read_message(), ::testing::EndsWith("POST /1 a"));
  EXPECT_THAT(client.read_message(), ::testing::EndsWith("POST /2 b"));
  const auto last = client.read_to_end();
  EXPECT_THAT(last, HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_THAT(last, ::testing::EndsWith("GET /3 "));
  EXPECT_FALSE(client.was_reset());
}

}  // namespace
}  // namespace menshen::transport
