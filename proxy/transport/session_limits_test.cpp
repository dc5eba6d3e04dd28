// Limits of sessions, at the bound and one past it. Of a time: within it, and when it is over.
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::transport {
namespace {

using testing::chunked;
using testing::echo;
using ::testing::EndsWith;
using testing::get;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::put_body;
using testing::RawSocket;
using testing::serve;
using ::testing::StartsWith;

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
    EXPECT_THAT(answer, EndsWith("request_too_large"));
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
  EXPECT_THAT(answer(17), EndsWith("POST / hello"));  // 20 with the carriage return
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

  limits.idle_timeout_ms = core::day_ms;
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

  limits.header_timeout_ms = core::day_ms;
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
  EXPECT_THAT(answer, EndsWith("body_timeout"));
  EXPECT_EQ(server->counters().timeouts, 1U);

  limits.body_timeout_ms = core::day_ms;
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
  EXPECT_THAT(slow.read_message(), EndsWith("hello"));
}

}  // namespace
}  // namespace menshen::transport
