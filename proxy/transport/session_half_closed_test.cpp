// Clients that end their side of the connection, and those that leave: both look alike at first.
// Pages of other origins.
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace menshen::transport {
namespace {

using testing::answer_head;
using testing::echo;
using testing::get;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawSocket;
using testing::serve;
using ::testing::StartsWith;
using testing::Turn;

TEST(Session, AClientThatEndsItsSideIsAnswered) {
  Turn turn;
  const auto server = serve([&](http::Transaction& client) -> asio::awaitable<void> {
    const auto body = co_await client.read_body();
    if (co_await turn.wait())
      std::ignore = co_await client.send(answer_head(200), "heard " + *body);
  });
  RawSocket old(server->port());
  old.write("GET / HTTP/1.0\r\n\r\n");
  old.shutdown_send();
  RawSocket client(server->port());
  client.write(testing::post("/", "one") + testing::post("/", "two"));
  client.shutdown_send();
  // What is told in the meantime shows that its end was seen.
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  turn.give();
  EXPECT_THAT(client.read_message(), ::testing::EndsWith("heard one"));
  const auto last = client.read_to_end();
  EXPECT_THAT(last, HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_THAT(last, ::testing::EndsWith("heard two"));
  EXPECT_FALSE(client.was_reset());
  // HTTP/1.0 knows no interim answers.
  EXPECT_THAT(old.read_to_end(), StartsWith("HTTP/1.1 200"));
}

TEST(Session, AClientThatEndsItsSideHasItsStreamToTheEnd) {
  Turn turn;
  const auto server = serve([&](http::Transaction& client) -> asio::awaitable<void> {
    std::ignore = co_await client.start(answer_head(200));
    for (const std::string_view piece : {"one", "two"}) {
      if (co_await turn.wait()) std::ignore = co_await client.write(piece);
    }
    std::ignore = co_await client.finish();
  });
  RawSocket client(server->port());
  client.write(get(""));
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("\r\ntransfer-encoding: chunked\r\n"));
  client.shutdown_send();
  EXPECT_EQ(client.read_until("0"), "0");  // of the size of the chunk that comes
  turn.give();
  EXPECT_EQ(client.read_to_end(), "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  EXPECT_FALSE(client.was_reset());
}

TEST(Session, AClientThatLeavesASilentStreamIsGone) {
  testing::Signal ended;
  Turn never;
  const auto server = serve([&](http::Transaction& client) -> asio::awaitable<void> {
    std::ignore = co_await client.start(answer_head(200));
    if (!co_await never.wait()) ended.set();
  });
  RawSocket client(server->port());
  client.write(get(""));
  client.read_until("\r\n\r\n");
  client.close();
  EXPECT_TRUE(ended.wait());
}

// As pings are written, beside what the exchange waits for.
TEST(Session, AClientThatIsFoundGoneByAWriteEndsTheExchange) {
  testing::Signal ended;
  Turn left;
  Turn never;
  Turn pinged;
  const auto server = serve([&](http::Transaction& client) -> asio::awaitable<void> {
    const auto ping = [&]() -> asio::awaitable<void> {
      std::ignore = co_await left.wait();
      auto written = co_await client.start(answer_head(200));
      while (written) written = co_await client.write("ping");
      pinged.give();
    };
    asio::co_spawn(co_await asio::this_coro::executor, ping(), asio::detached);
    if (!co_await never.wait()) ended.set();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    std::ignore = co_await pinged.wait();
  });
  RawSocket client(server->port());
  client.write(get(""));
  client.close();
  left.give();
  EXPECT_TRUE(ended.wait());
}

TEST(Session, AClientThatEndsItsSideAndThenLeavesIsGone) {
  testing::Signal ended;
  Turn never;
  const auto server = serve([&](http::Transaction& client) -> asio::awaitable<void> {
    std::ignore = co_await client.read_body();
    if (!co_await never.wait()) ended.set();
  });
  RawSocket client(server->port());
  client.write(testing::post("/", "{}"));
  client.shutdown_send();
  client.read_until("\r\n\r\n");
  client.close_with_reset();
  EXPECT_TRUE(ended.wait());
}

TEST(Session, PagesOfNamedOriginsMayReadWhateverIsAnswered) {
  auto own = testing::options();
  own.listen.cors_origins = {"https://app.example"};
  std::atomic<int> asked{0};
  const auto server =
      Server::start(std::move(own), [&](const asio::any_io_executor&, pipeline::Upstreams&) {
        return [&](http::Transaction& client) {
          ++asked;
          return echo(client);
        };
      });
  ASSERT_TRUE(server);
  RawSocket client((*server)->port());
  const std::string origin = "origin: https://app.example\r\n";
  client.write("OPTIONS /v1/models HTTP/1.1\r\nhost: x\r\n" + origin +
               "access-control-request-method: GET\r\n\r\n");
  const std::string allowed = client.read_until("\r\n\r\n");
  EXPECT_THAT(allowed, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(allowed, HasSubstr("access-control-allow-methods: GET, HEAD\r\n"));
  EXPECT_EQ(allowed.find("vary:"), allowed.rfind("vary:"));
  EXPECT_EQ(asked, 0);
  client.write(testing::post("/", "a", origin));
  EXPECT_THAT(client.read_message(),
              HasSubstr("access-control-allow-origin: https://app.example\r\n"));
  client.write(testing::post("/", "a"));
  const std::string other = client.read_message();
  EXPECT_THAT(other, Not(HasSubstr("access-control")));
  EXPECT_THAT(other, HasSubstr("\r\nvary: Origin\r\n"));
  // What framing was refused for has no origin that could be trusted.
  client.write("GET / HTTP/1.1\r\n" + origin + "bad line\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), Not(HasSubstr("access-control")));
}

}  // namespace
}  // namespace menshen::transport
