// Sessions over real sockets: keep-alive, limits, back-pressure, departure of the client, answers.
// Framing and bodies of requests are in session_framing_test.cpp.
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

// --- Limits, at the bound and one past it. Of a time: within it, and when it is over.

constexpr std::uint32_t a_day_ms = 86'400'000;

TEST(Limits, Body) {
  core::Limits limits;
  limits.request_body_bytes_max = 1000;
  const auto server = serve(echo, limits);
  for (const bool in_chunks : {false, true}) {
    const auto request = [in_chunks](std::size_t size) {
      const std::string body(size, 'x');
      return in_chunks ? chunked(testing::chunk(body.substr(0, 500)) +
                                 testing::chunk(body.substr(500)) + "0\r\n\r\n")
                       : testing::post("/", body);
    };
    RawSocket at(server->port());
    at.write(request(1000));
    EXPECT_THAT(at.read_message(), StartsWith("HTTP/1.1 200"));
    RawSocket past(server->port());
    past.write(request(1001));
    const auto answer = past.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 413"));
    EXPECT_THAT(answer, ::testing::EndsWith("request_too_large"));
  }
}

TEST(Limits, LargeBodiesArriveWhole) {
  const auto server = serve(echo);
  std::string body(core::Limits{}.request_body_bytes_max, 'x');
  for (std::size_t i = 0; i < body.size(); i += 997) body[i] = static_cast<char>('a' + i % 26);
  RawSocket client(server->port());
  std::thread writer([&] { client.write(testing::post("/", body)); });
  const auto answer = client.read_message();
  writer.join();
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), "POST / " + body);
}

TEST(Limits, HeadBytes) {
  core::Limits limits;
  limits.header_bytes_max = 5000;
  const auto server = serve(echo, limits);
  const auto head = [](std::size_t size) {
    std::string text = "GET / HTTP/1.1\r\nhost: x\r\nx: ";
    return text + std::string(size - text.size() - 4, 'a') + "\r\n\r\n";
  };
  RawSocket at(server->port());
  at.write(head(5000));
  EXPECT_THAT(at.read_message(), StartsWith("HTTP/1.1 200"));
  RawSocket past(server->port());
  past.write(head(5001));
  EXPECT_THAT(past.read_to_end(), StartsWith("HTTP/1.1 431"));
  RawSocket endless(server->port());
  endless.write("GET /" + std::string(6000, 'a'));
  EXPECT_THAT(endless.read_to_end(), HasSubstr("headers_too_large"));
}

TEST(Limits, HeadFieldsAndTarget) {
  core::Limits limits;
  limits.header_count_max = 3;
  limits.target_bytes_max = 10;
  const auto server = serve(echo, limits);
  const auto status = [&server](const std::string& request) {
    RawSocket client(server->port());
    client.write(request);
    return client.read_message().substr(9, 3);
  };
  EXPECT_EQ(status(get("a: 1\r\nb: 2\r\n")), "200");
  EXPECT_EQ(status(get("a: 1\r\nb: 2\r\nc: 3\r\n")), "431");
  EXPECT_EQ(status("GET /123456789 HTTP/1.1\r\nhost: x\r\n\r\n"), "200");
  EXPECT_EQ(status("GET /1234567890 HTTP/1.1\r\nhost: x\r\n\r\n"), "400");
}

TEST(Limits, ChunkHeader) {
  core::Limits limits;
  limits.chunk_header_bytes_max = 20;
  const auto server = serve(echo, limits);
  const auto answer = [&server](std::size_t extension) {
    RawSocket client(server->port());
    client.write(chunked("5;" + std::string(extension, 'a') + "\r\nhello\r\n0\r\n\r\n"));
    return client.read_message();
  };
  EXPECT_THAT(answer(17), ::testing::EndsWith("POST / hello"));  // 20 with the carriage return
  EXPECT_THAT(answer(18), HasSubstr("chunk_header_too_long"));
}

TEST(Limits, RequestsPerConnection) {
  core::Limits limits;
  limits.requests_per_connection_max = 2;
  const auto server = serve(echo, limits);
  RawSocket client(server->port());
  client.write(get("") + get("") + get(""));
  EXPECT_THAT(client.read_message(), Not(HasSubstr("connection: close")));
  const auto rest = client.read_to_end();
  EXPECT_THAT(rest, HasSubstr("connection: close"));
  EXPECT_EQ(rest.find("HTTP/1.1", 1), std::string::npos);
}

TEST(Limits, Connections) {
  core::Limits limits;
  limits.connections_max = 2;
  const auto server = serve(echo, limits);
  const auto answers = [](RawSocket& client) {
    client.write(get(""));
    return !client.read_message().empty();
  };
  auto one = std::make_unique<RawSocket>(server->port());
  RawSocket two(server->port());
  EXPECT_TRUE(answers(*one));
  EXPECT_TRUE(answers(two));
  RawSocket three(server->port());
  EXPECT_EQ(three.read_to_end(), "");
  EXPECT_EQ(server->counters().connections_refused, 1U);
  one.reset();
  EXPECT_TRUE(testing::eventually([&] { return server->counters().connections_open < 2; }));
  RawSocket four(server->port());
  EXPECT_TRUE(answers(four));
}

// One short limit for each server, so that a slow test meets no other.
TEST(Limits, IdleTime) {
  core::Limits limits;
  limits.idle_timeout_ms = 20;
  const auto server = serve(echo, limits);
  RawSocket idle(server->port());
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_FALSE(idle.was_reset());
  EXPECT_EQ(server->counters().timeouts, 0U);

  limits.idle_timeout_ms = a_day_ms;
  const auto patient = serve(echo, limits);
  RawSocket waits(patient->port());
  waits.write(get(""));
  EXPECT_THAT(waits.read_message(), StartsWith("HTTP/1.1 200"));
  waits.write(get(""));
  EXPECT_THAT(waits.read_message(), StartsWith("HTTP/1.1 200"));
}

TEST(Limits, TimeForAHeader) {
  core::Limits limits;
  limits.header_timeout_ms = 20;
  const auto server = serve(echo, limits);
  RawSocket head(server->port());
  head.write("GET / HT");
  EXPECT_THAT(head.read_to_end(), HasSubstr("header_timeout"));
  EXPECT_EQ(server->counters().timeouts, 1U);

  limits.header_timeout_ms = a_day_ms;
  const auto patient = serve(echo, limits);
  RawSocket slow(patient->port());
  slow.write("GET / HT");
  EXPECT_TRUE(testing::eventually([&] { return patient->counters().connections_open == 1; }));
  slow.write("TP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_THAT(slow.read_message(), StartsWith("HTTP/1.1 200"));
}

TEST(Limits, TimeForABody) {
  core::Limits limits;
  limits.body_timeout_ms = 20;
  const auto server = serve(echo, limits);
  RawSocket body(server->port());
  body.write(put_body("content-length: 5\r\n", "hel"));
  const auto answer = body.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408"));
  EXPECT_THAT(answer, ::testing::EndsWith("body_timeout"));
  EXPECT_EQ(server->counters().timeouts, 1U);

  limits.body_timeout_ms = a_day_ms;
  testing::Signal began;
  const auto patient = serve(
      [&began](http::Transaction& client) {
        began.set();
        return echo(client);
      },
      limits);
  RawSocket slow(patient->port());
  slow.write(put_body("content-length: 5\r\n", "hel"));
  EXPECT_TRUE(began.wait());
  slow.write("lo");
  EXPECT_THAT(slow.read_message(), ::testing::EndsWith("hello"));
}

// --- Answers

// Writes without end, until a write fails.
asio::awaitable<void> flood(http::Transaction& client, std::string& outcome,
                            testing::Signal& done) {
  auto written = co_await client.start(answer_head(200));
  const std::string piece(64 * 1024, 'x');
  while (written) written = co_await client.write(piece);
  outcome = written.error().code;
  auto again = co_await client.write(piece);
  EXPECT_EQ(again.error().kind, core::ErrorKind::cancelled);
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
  limits.write_timeout_ms = a_day_ms;
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
  client.shutdown_send();  // it never reads, and sends no more: gone
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
