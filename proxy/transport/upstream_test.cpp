// Answers of upstreams, good and bad, through a server whose handler relays what it gets.
#include "proxy/transport/relay_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace menshen::transport {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace testing;

TEST(Upstreams, RelayAndReuseTheConnection) {
  ScriptedUpstream core(answering(testing::http_answer("hello")));
  Gateway gateway({testing::upstream_at(core.port())});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(body_of(gateway.ask()), testing::chunk("hello") + "0\r\n\r\n");
  EXPECT_EQ(core.connections(), 1);
  EXPECT_EQ(gateway.set->status().front().counts->calls, 3U);
  EXPECT_EQ(gateway.set->status().front().counts->idle_connections, 1);
}

TEST(Upstreams, SendTheirOwnHeadersAndNoneOfTheClients) {
  std::string seen;
  ScriptedUpstream core([&seen](RawSocket& socket) {
    seen = socket.read_message();
    socket.write(testing::http_answer("x"));
  });
  auto upstream = testing::upstream_at(core.port());
  upstream.url.prefix = "/prefix";
  upstream.credential = config::Secret("provider-secret");
  Gateway gateway({upstream});
  gateway.ask(
      "body",
      "authorization: Bearer msk_client\r\nx-api-key: client\r\ncookie: a=b\r\nte: trailers\r\n"
      "accept-encoding: gzip\r\nconnection: x-hop\r\nx-hop: 1\r\nx-custom: kept\r\n");
  EXPECT_THAT(seen, StartsWith("POST /prefix/v1/chat HTTP/1.1\r\nhost: 127.0.0.1:" +
                               std::to_string(core.port()) + "\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nauthorization: Bearer provider-secret\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\naccept-encoding: identity\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\ncontent-length: 4\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nx-custom: kept\r\n"));
  for (const auto* absent :
       {"msk_client", "x-api-key", "cookie", "te:", "gzip", "x-hop", "gateway"}) {
    EXPECT_THAT(seen, Not(HasSubstr(absent)));
  }
  EXPECT_THAT(seen, EndsWith("\r\n\r\nbody"));
}

struct BadAnswer {
  const char* name;
  std::string bytes;
  const char* expected;  // an error code, alone or inside the answer
};

class BadAnswers : public ::testing::TestWithParam<BadAnswer> {};

TEST_P(BadAnswers, AreErrorsOfTheProvider) {
  ScriptedUpstream core(answering_once(GetParam().bytes));
  Gateway gateway({testing::upstream_at(core.port())});
  const std::string answer = gateway.ask();
  EXPECT_THAT(answer, HasSubstr(GetParam().expected)) << answer;
  EXPECT_EQ(gateway.set->status().front().counts->idle_connections, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadAnswers,
    ::testing::Values(
        BadAnswer{"nothing", "", "upstream_closed"},
        BadAnswer{"garbage", "\x16\x03\x01 garbage\n", "bad_upstream_framing"},
        BadAnswer{"html", "<html><body>502</body></html>\r\n", "bad_upstream_framing"},
        BadAnswer{"bare_feeds", "HTTP/1.1 200 OK\ncontent-length: 0\n\n", "bad_upstream_framing"},
        BadAnswer{"cut_head", "HTTP/1.1 200 OK\r\ncontent-len", "upstream_closed"},
        BadAnswer{"endless_head", std::string(ok) + "x: " + std::string(40'000, 'a'),
                  "bad_upstream_framing"},
        BadAnswer{
            "both_lengths",
            std::string(ok) +
                "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "bad_upstream_framing"},
        BadAnswer{"two_lengths",
                  std::string(ok) + "content-length: 3\r\ncontent-length: 3\r\n\r\nabc",
                  "bad_upstream_framing"},
        BadAnswer{"gzip",
                  std::string(ok) + "content-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
                  "bad_upstream_framing"},
        BadAnswer{"switching", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "bad_upstream_framing"},
        BadAnswer{"endless_interim",
                  [] {
                    std::string bytes;
                    for (int i = 0; i < 20; ++i) bytes += "HTTP/1.1 103 Early Hints\r\n\r\n";
                    return bytes;
                  }(),
                  "bad_upstream_framing"},
        BadAnswer{"short_body", std::string(ok) + "content-length: 10\r\n\r\nabc",
                  "abc\r\n11\r\n<upstream_closed>"},
        BadAnswer{"bad_chunk",
                  std::string(ok) + "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
                  "abc\r\n16\r\n<bad_upstream_framing>"},
        BadAnswer{"cut_chunks", std::string(ok) + "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
                  "abc\r\n11\r\n<upstream_closed>"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(Upstreams, SkipInterimAnswersAndReadToTheEndOfTheConnection) {
  ScriptedUpstream core(answering_once(
      "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end"));
  Gateway gateway({testing::upstream_at(core.port())});
  EXPECT_THAT(gateway.ask(), EndsWith("\r\n\r\n" + testing::chunk("until the end") + "0\r\n\r\n"));
}

TEST(Upstreams, PassPiecesAsTheyCome) {
  testing::Signal seen;
  ScriptedUpstream core([&seen](RawSocket& socket) {
    socket.read_message();
    socket.write(std::string(ok) + "transfer-encoding: chunked\r\n\r\n" + testing::chunk("one"));
    EXPECT_TRUE(seen.wait());  // the second piece leaves after the client has the first
    socket.write(testing::chunk("two") + "0\r\n\r\n");
  });
  Gateway gateway({testing::upstream_at(core.port())});
  RawSocket client(gateway.server->port());
  client.write(testing::post("/v1/chat", "{}"));
  EXPECT_THAT(client.read_until("one\r\n"), EndsWith(testing::chunk("one")));
  seen.set();
  EXPECT_THAT(client.read_until("0\r\n\r\n"), EndsWith(testing::chunk("two") + "0\r\n\r\n"));
}

TEST(Upstreams, DecodeChunksAtEveryCut) {
  const std::string body = "5;ext=1\r\nhello\r\n1\r\n \r\n05\r\nworld\r\n0\r\nx-trailer: 1\r\n\r\n";
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    ScriptedUpstream core([&](RawSocket& socket) {
      socket.read_message();
      socket.write(std::string(ok) + "transfer-encoding: chunked\r\n\r\n" + body.substr(0, cut));
      socket.write(body.substr(cut));
      socket.read_to_end();
    });
    Gateway gateway({testing::upstream_at(core.port())});
    std::string text;
    const std::string answer = body_of(gateway.ask());
    for (std::size_t at = 0;
         at < answer.size();) {  // the pieces may be cut in any way; their sum may not
      const auto size = std::stoul(answer.substr(at), nullptr, 16);
      at = answer.find("\r\n", at) + 2;
      text += answer.substr(at, size);
      at += size + 2;
    }
    EXPECT_EQ(text, "hello world") << "cut at " << cut;
  }
}

TEST(Upstreams, HeadsHaveABound) {
  core::Limits limits;
  limits.upstream_header_bytes_max = 1024;
  const auto answer = [&limits](std::size_t bytes) {
    const std::string head = std::string(ok) + "content-length: 2\r\nx: ";
    ScriptedUpstream core(
        answering_once(head + std::string(bytes - head.size() - 4, 'a') + "\r\n\r\nhi"));
    return Gateway({testing::upstream_at(core.port())}, {}, limits).ask();
  };
  EXPECT_THAT(answer(1024), HasSubstr("hi"));
  EXPECT_THAT(answer(1025), HasSubstr("bad_upstream_framing"));
}

TEST(Upstreams, ChunkHeadersHaveABound) {
  core::Limits limits;
  limits.chunk_header_bytes_max = 20;
  const auto answer = [&limits](std::size_t extension) {
    ScriptedUpstream core(answering_once(std::string(ok) + "transfer-encoding: chunked\r\n\r\n2;" +
                                         std::string(extension, 'a') + "\r\nhi\r\n0\r\n\r\n"));
    return Gateway({testing::upstream_at(core.port())}, {}, limits).ask();
  };
  EXPECT_THAT(answer(17), EndsWith(testing::chunk("hi") + "0\r\n\r\n"));  // 20 with its return
  EXPECT_THAT(answer(18), HasSubstr("<bad_upstream_framing>"));
}

// Two answers end while none waits: as many connections wait as may.
TEST(Upstreams, IdleConnectionsHaveABound) {
  for (const std::uint32_t max : {2U, 1U, 0U}) {
    core::Limits limits;
    limits.upstream_idle_connections_max = max;
    std::atomic<int> requests{0};
    testing::Signal both;
    ScriptedUpstream core([&](RawSocket& socket) {
      while (!socket.read_message().empty()) {
        if (++requests == 2) both.set();
        EXPECT_TRUE(both.wait());
        socket.write(testing::http_answer("x"));
      }
    });
    Gateway gateway({testing::upstream_at(core.port())}, {}, limits);
    RawSocket one(gateway.server->port());
    RawSocket two(gateway.server->port());
    one.write(testing::post("/v1/chat", "{}"));
    two.write(testing::post("/v1/chat", "{}"));
    EXPECT_THAT(one.read_message(), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(two.read_message(), StartsWith("HTTP/1.1 200"));
    EXPECT_EQ(gateway.set->status().front().counts->idle_connections, max);
    EXPECT_EQ(core.connections(), 2);
  }
}

}  // namespace
}  // namespace menshen::transport
