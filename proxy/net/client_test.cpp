// The gateway's own requests, against real servers: what they send, and what they make of servers
// that lie, stall, never end or leave.
#include "proxy/net/client.h"

#include "proxy/net/testing_tls.h"
#include "proxy/net/tls.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace menshen::net {
namespace {

using core::ErrorKind;
using ::testing::AllOf;
using testing::Authority;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawSocket;
using testing::ScriptedUpstream;
using ::testing::StartsWith;

using Answer = core::Result<http::Reply>;

constexpr std::chrono::milliseconds ample_time = std::chrono::seconds(testing::patience_seconds);
// For servers that stall: whatever the machine's speed, the outcome is the same.
constexpr std::chrono::milliseconds impatience{150};

Target at(std::uint16_t port) { return {.host = "127.0.0.1", .port = port}; }

class Fetch : public ::testing::Test {
 protected:
  Fetch() {
    bounds.time = ample_time;
    request.target = "/keys?v=1";
  }

  Answer fetch(const Target& target) {
    std::optional<Answer> answer;
    asio::co_spawn(io, net::fetch(target, request, bounds),
                   [&answer](const std::exception_ptr& thrown, Answer got) {
                     EXPECT_FALSE(thrown);
                     answer = std::move(got);
                   });
    io.restart();
    io.run();
    return answer ? std::move(*answer) : Answer(core::Error{});
  }

  // Of a server that says this and ends.
  Answer after(const std::string& said) {
    const ScriptedUpstream server([said](RawSocket& socket) {
      socket.read_message();
      socket.write(said);
    });
    return fetch(at(server.port()));
  }

  static std::string message(const Answer& answer) {
    return answer ? "answered" : answer.error().code + ": " + answer.error().message;
  }

  asio::io_context io{1};
  Request request;
  Bounds bounds;
};

TEST_F(Fetch, AsksAsItWasToldAndGivesTheWholeAnswer) {
  std::string asked;
  const ScriptedUpstream server([&asked](RawSocket& socket) {
    asked = socket.read_message();
    socket.write("HTTP/1.1 102 Processing\r\n\r\n");
    socket.write("HTTP/1.1 203 Fine\r\nx-kind: test\r\ncontent-length: 5\r\n\r\nhello");
  });
  request.method = "POST";
  request.headers = {{"content-type", "text/plain"}};
  request.body = "a body";
  const Answer answer = fetch(at(server.port()));
  ASSERT_TRUE(answer) << message(answer);
  EXPECT_EQ(answer->head.status, 203U);
  EXPECT_EQ(http::find_header(answer->head.headers, "x-kind"), "test");
  EXPECT_EQ(answer->body, "hello");
  EXPECT_THAT(asked, StartsWith("POST /keys?v=1 HTTP/1.1\r\nhost: 127.0.0.1:" +
                                std::to_string(server.port()) + "\r\nconnection: close\r\n"));
  EXPECT_THAT(asked, AllOf(HasSubstr("\r\ncontent-length: 6\r\ncontent-type: text/plain\r\n"),
                           HasSubstr("\r\n\r\na body")));
}

TEST_F(Fetch, FollowsNoRedirect) {
  const Answer answer = after("HTTP/1.1 302 Found\r\nlocation: /else\r\ncontent-length: 0\r\n\r\n");
  ASSERT_TRUE(answer) << message(answer);
  EXPECT_EQ(answer->head.status, 302U);
}

TEST_F(Fetch, WritesNoHeadThatACallerCouldBreak) {
  const ScriptedUpstream server([](RawSocket& socket) { socket.read_to_end(); });
  request.headers = {{"x-a", "1\r\nx-evil: 1"}};
  EXPECT_EQ(fetch(at(server.port())).error().code, "bad_request_header");
  request.headers = {};
  request.target = "/a b";
  EXPECT_EQ(fetch(at(server.port())).error().code, "bad_request_header");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Fetch, DecodesChunksAtEveryCut) {
  const std::string said = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" +
                           testing::chunk("first") + testing::chunk("second") + "0\r\n\r\n";
  for (std::size_t cut = 1; cut < said.size(); ++cut) {
    const ScriptedUpstream server([&said, cut](RawSocket& socket) {
      socket.read_message();
      socket.write(std::string_view(said).substr(0, cut));
      socket.write(std::string_view(said).substr(cut));
    });
    const Answer answer = fetch(at(server.port()));
    ASSERT_TRUE(answer) << message(answer) << " cut at " << cut;
    EXPECT_EQ(answer->body, "firstsecond") << "cut at " << cut;
  }
}

TEST_F(Fetch, ReadsToTheEndOfTheConnectionWhereNothingElseEndsIt) {
  const Answer answer = after("HTTP/1.1 200 OK\r\n\r\nto the end");
  ASSERT_TRUE(answer) << message(answer);
  EXPECT_EQ(answer->body, "to the end");
}

TEST_F(Fetch, BreaksOffWhatPassesItsBounds) {
  bounds.body_bytes_max = 10;
  EXPECT_EQ(after(testing::http_answer("0123456789"))->body, "0123456789");
  EXPECT_THAT(message(after(testing::http_answer("0123456789a"))),
              HasSubstr("answers with more than 10 bytes"));
  EXPECT_THAT(message(after("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" +
                            testing::chunk("012345") + testing::chunk("6789a") + "0\r\n\r\n")),
              HasSubstr("answers with more than 10 bytes"));
  // In several pieces, none of which is past the bound.
  bounds.body_bytes_max = 200'000;
  EXPECT_TRUE(after(testing::http_answer(std::string(200'000, 'x'))));
  EXPECT_THAT(message(after(testing::http_answer(std::string(200'001, 'x')))),
              HasSubstr("answers with more than 200000 bytes"));
  bounds.head_bytes_max = 64;
  const std::string head = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: ";
  const std::string fits = head + std::string(64 - head.size() - 4, 'y') + "\r\n\r\n";
  EXPECT_TRUE(after(fits));
  EXPECT_THAT(message(after(head + std::string(64 - head.size() - 3, 'y') + "\r\n\r\n")),
              HasSubstr("headers_too_large"));
}

TEST_F(Fetch, LeavesABodyThatNeverEnds) {
  bool refused = false;
  {
    const ScriptedUpstream server([&refused](RawSocket& socket) {
      socket.read_message();
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      while (socket.write(std::string(16 * 1024, 'z'))) {
      }
      refused = true;
    });
    EXPECT_THAT(message(fetch(at(server.port()))), HasSubstr("answers with more than 1048576"));
  }
  EXPECT_TRUE(refused);
}

TEST_F(Fetch, SaysWhoLeftEarlyAndWhere) {
  EXPECT_THAT(message(after("")), AllOf(StartsWith("fetch_failed: 127.0.0.1 port "),
                                        HasSubstr("closes the connection without an answer")));
  EXPECT_THAT(message(after("HTTP/1.1 200 OK\r\ncontent-le")),
              HasSubstr("closes the connection without an answer"));
  EXPECT_THAT(message(after("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")),
              HasSubstr("breaks its answer off"));
  EXPECT_THAT(message(after("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe")),
              HasSubstr("breaks its answer off"));
  EXPECT_THAT(message(after("SSH-2.0-OpenSSH\r\n\r\n")), HasSubstr("not HTTP"));
  EXPECT_THAT(message(after("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")),
              HasSubstr("bad_chunk_size"));
}

// One deadline for the whole call: bytes that drip in do not put it off.
TEST_F(Fetch, EndsWithItsTimeWhereverTheServerStalls) {
  for (const std::string said :
       {"", "HTTP/1.1 200 OK\r\ncontent-", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"}) {
    bounds.time = impatience;
    const ScriptedUpstream server([&said](RawSocket& socket) {
      socket.read_message();
      socket.write(said);
      socket.read_to_end();
    });
    EXPECT_THAT(message(fetch(at(server.port()))), StartsWith("fetch_timeout: 127.0.0.1 port "))
        << said;
  }
  const ScriptedUpstream dripping([](RawSocket& socket) {
    socket.read_message();
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    while (socket.write("z")) std::this_thread::yield();
  });
  bounds.body_bytes_max = std::numeric_limits<std::size_t>::max();
  EXPECT_THAT(message(fetch(at(dripping.port()))), StartsWith("fetch_timeout"));
}

TEST_F(Fetch, NobodyListensOrNobodyHasTheName) {
  std::uint16_t free = 0;
  {
    const ScriptedUpstream gone([](RawSocket&) {});
    free = gone.port();
  }
  EXPECT_THAT(message(fetch(at(free))), HasSubstr("refuses connections"));
  const Target nowhere{.host = "no-such-host.invalid", .port = 80};
  EXPECT_THAT(message(fetch(nowhere)),
              AllOf(HasSubstr("no-such-host.invalid port 80"), HasSubstr("cannot be resolved")));
}

TEST_F(Fetch, VerifiesWhoAnswers) {
  const Authority authority;
  const auto context = make_client_context({.ca = authority.file()});
  ASSERT_TRUE(context);
  const auto ask = [&](const std::string& name, const std::string& host) {
    const ScriptedUpstream server(
        testing::tls_answering(authority.issue("u", name), testing::http_answer("hi")));
    return fetch({.host = host, .port = server.port(), .tls = *context});
  };
  const Answer good = ask("DNS:localhost", "localhost");
  ASSERT_TRUE(good) << message(good);
  EXPECT_EQ(good->body, "hi");
  EXPECT_TRUE(ask("IP:127.0.0.1", "127.0.0.1"));
  EXPECT_THAT(message(ask("DNS:example.org", "localhost")),
              AllOf(StartsWith("fetch_failed: localhost port "), HasSubstr("certificate")));
  const Authority other;
  const auto trusts_other = make_client_context({.ca = other.file()});
  const ScriptedUpstream server(
      testing::tls_answering(authority.issue("u", "DNS:localhost"), testing::http_answer("hi")));
  EXPECT_THAT(message(fetch({.host = "localhost", .port = server.port(), .tls = *trusts_other})),
              HasSubstr("certificate"));
  // Plain text is no handshake.
  const ScriptedUpstream plain([](RawSocket& socket) {
    socket.write(testing::http_answer("plain"));
    socket.read_to_end();
  });
  EXPECT_THAT(message(fetch({.host = "localhost", .port = plain.port(), .tls = *context})),
              HasSubstr("TLS"));
}

TEST_F(Fetch, RepeatsNothingOfTheRequest) {
  request.headers = {{"authorization", "Bearer s3cret-s3cret"}};
  request.body = "s3cret-s3cret";
  request.method = "POST";
  for (const char* said : {"", "SSH\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"}) {
    const Answer answer = after(said);
    ASSERT_FALSE(answer);
    EXPECT_THAT(core::to_string(answer.error()), Not(HasSubstr("s3cret")));
  }
}

TEST_F(Fetch, EndsWhenItIsCancelledAndNeverThrows) {
  asio::cancellation_signal stop;
  const ScriptedUpstream server([&](RawSocket& socket) {
    socket.read_message();
    asio::post(io, [&stop] { stop.emit(asio::cancellation_type::terminal); });
    socket.read_to_end();
  });
  const Target target = at(server.port());
  std::optional<Answer> answer;
  asio::co_spawn(io, net::fetch(target, request, bounds),
                 asio::bind_cancellation_slot(
                     stop.slot(), [&answer](const std::exception_ptr& thrown, Answer got) {
                       EXPECT_FALSE(thrown);
                       answer = std::move(got);
                     }));
  io.run();
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace menshen::net
