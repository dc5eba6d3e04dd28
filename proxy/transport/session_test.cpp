// Sessions over real sockets: keep-alive, back-pressure, departure of the client, answers.
// Framing and bodies of requests are in session_framing_test.cpp, limits in
// session_limits_test.cpp, clients that end their side in session_half_closed_test.cpp.
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace menshen::transport {
namespace {

using testing::answer_head;
using testing::chunked;
using testing::echo;
using testing::get;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::put_body;
using testing::RawSocket;
using testing::serve;
using ::testing::StartsWith;

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

// Writes without end, until a write fails.
asio::awaitable<void> flood(http::Transaction& client, std::string& outcome,
                            testing::Signal& done) {
  auto written = co_await client.start(answer_head(200));
  const std::string piece(64 * 1024, 'x');
  while (written) written = co_await client.write(piece);
  outcome = written.error().code;
  auto again = co_await client.write(piece);
  EXPECT_EQ(again.error().kind, core::ErrorKind::cancelled);
  EXPECT_FALSE(client.cut_off());
  done.set();
}

TEST(Session, AClientThatTakesNothingIsDropped) {
  core::Limits limits;
  limits.write_timeout_ms = 50;
  std::string outcome;
  testing::Signal done;
  const auto server =
      serve([&](http::Transaction& client) { return flood(client, outcome, done); }, limits);
  RawSocket client(server->port());
  client.set_receive_buffer(4096);
  client.write(get(""));
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(outcome, "client_disconnected");
  EXPECT_EQ(server->counters().timeouts, 1U);
  client.read_to_end();
  EXPECT_TRUE(client.was_reset());
}

TEST(Session, AClientThatTakesItsTimeMissesNothing) {
  core::Limits limits;
  limits.write_timeout_ms = core::day_ms;
  const std::string whole(16 * 1024 * 1024, 'x');
  std::atomic<bool> sent{false};
  testing::Signal done;
  const auto server = serve(
      [&](http::Transaction& client) -> asio::awaitable<void> {
        sent = static_cast<bool>(co_await client.send(answer_head(200), whole));
        done.set();
      },
      limits);
  RawSocket client(server->port());
  client.write(get(""));
  EXPECT_THAT(client.read_message(), ::testing::EndsWith(whole));
  EXPECT_TRUE(done.wait());
  EXPECT_TRUE(sent);
  EXPECT_EQ(server->counters().timeouts, 0U);
}

TEST(Session, AClientThatLeavesEndsABlockedWrite) {
  std::string outcome;
  testing::Signal done;
  const auto server =
      serve([&](http::Transaction& client) { return flood(client, outcome, done); });
  RawSocket client(server->port());
  client.set_receive_buffer(4096);
  client.write(get(""));
  client.close();
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(outcome, "client_disconnected");
}

TEST(Session, AClientThatLeavesCancelsWhatTheExchangeAwaits) {
  testing::Signal started;
  testing::Signal ended;
  const auto server = serve([&](http::Transaction& client) -> asio::awaitable<void> {
    std::ignore = co_await client.read_body();
    started.set();
    asio::steady_timer never(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    const auto [error] = co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
    EXPECT_EQ(error, asio::error::operation_aborted);
    const auto sent = co_await client.send(answer_head(200), "late");
    EXPECT_EQ(sent.error().kind, core::ErrorKind::cancelled);
    ended.set();
  });
  RawSocket client(server->port());
  client.write(testing::post("/", "{}"));
  EXPECT_TRUE(started.wait());
  client.close();
  EXPECT_TRUE(ended.wait());
}

TEST(Session, AClientThatLeavesInTheBody) {
  testing::Signal ended;
  const auto server = serve([&](http::Transaction& client) -> asio::awaitable<void> {
    const auto body = co_await client.read_body();
    EXPECT_EQ(body.error().kind, core::ErrorKind::cancelled);
    ended.set();
  });
  RawSocket client(server->port());
  client.write(put_body("content-length: 10\r\n", "hel"));
  client.close();
  EXPECT_TRUE(ended.wait());
}

TEST(Session, StreamsInChunks) {
  const auto server = serve([](http::Transaction& client) -> asio::awaitable<void> {
    std::ignore = co_await client.start(answer_head(200));
    std::ignore = co_await client.write("one");
    std::ignore = co_await client.write("");  // an empty chunk would end the body
    std::ignore = co_await client.write("two");
    std::ignore = co_await client.finish();
  });
  RawSocket client(server->port());
  for (int i = 0; i < 2; ++i) {
    client.write(get(""));
    const auto answer = client.read_message();
    EXPECT_THAT(answer, HasSubstr("\r\ntransfer-encoding: chunked\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("content-length")));
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
  }
  RawSocket old(server->port());
  old.write("GET / HTTP/1.0\r\n\r\n");
  const auto answer = old.read_to_end();
  EXPECT_THAT(answer, Not(HasSubstr("transfer-encoding")));
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nonetwo"));
}

TEST(Session, AnAbortedAnswerIsSeenToBeIncomplete) {
  for (const bool aborts : {true, false}) {
    const auto server = serve([aborts](http::Transaction& client) -> asio::awaitable<void> {
      std::ignore = co_await client.start(answer_head(200));
      std::ignore = co_await client.write("one");
      if (aborts) client.abort();
    });
    RawSocket client(server->port());
    client.write("GET / HTTP/1.0\r\n\r\n");
    client.read_to_end();
    EXPECT_TRUE(client.was_reset());
  }
}

TEST(Session, AHandlerThatFailsIsAnsweredFor) {
  for (const bool throws : {true, false}) {
    const auto server = serve([throws](http::Transaction&) -> asio::awaitable<void> {
      if (throws) throw std::runtime_error("a bug");
      co_return;
    });
    RawSocket client(server->port());
    client.write(get(""));
    const auto answer = client.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(answer, HasSubstr("no_answer"));
    EXPECT_EQ(server->counters().handler_exceptions, throws ? 1U : 0U);
  }
}

TEST(Session, HeadersCannotBeInjected) {
  const auto server = serve([](http::Transaction& client) -> asio::awaitable<void> {
    http::ResponseHead head{200, {{"x-a", "1\r\nx-b: 2"}}};
    const auto sent = co_await client.send(std::move(head), "body");
    EXPECT_EQ(sent.error().code, "bad_answer_header");
  });
  RawSocket client(server->port());
  client.write(get(""));
  const auto answer = client.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(answer, Not(HasSubstr("x-b")));
}

TEST(Session, FramingOfTheAnswerIsTransportsAlone) {
  const auto server = serve([](http::Transaction& client) -> asio::awaitable<void> {
    http::ResponseHead head{200,
                            {{"content-length", "99"},
                             {"transfer-encoding", "gzip"},
                             {"connection", "x"},
                             {"date", "then"}}};
    std::ignore = co_await client.send(std::move(head), "body");
  });
  RawSocket client(server->port());
  client.write(get(""));
  const auto answer = client.read_message();
  EXPECT_EQ(answer, "HTTP/1.1 200 OK\r\ndate: then\r\ncontent-length: 4\r\n\r\nbody");
}

TEST(Session, HeadAndBodilessStatuses) {
  const auto server = serve([](http::Transaction& client) -> asio::awaitable<void> {
    const unsigned status = client.head().target == "/204" ? 204 : 200;
    std::ignore = co_await client.send(answer_head(status), status == 204 ? "" : "body");
  });
  RawSocket client(server->port());
  client.write(
      "HEAD / HTTP/1.1\r\nhost: x\r\n\r\nGET /204 HTTP/1.1\r\nhost: x\r\nconnection: "
      "close\r\n\r\n");
  const auto answers = client.read_to_end();
  EXPECT_THAT(answers, HasSubstr("content-length: 4\r\n\r\nHTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(answers, ::testing::EndsWith("connection: close\r\n\r\n"));
}

}  // namespace
}  // namespace menshen::transport
