// Calls to upstreams that follow a script, good and bad, through a server whose handler relays what
// it gets.
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace menshen::transport {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawSocket;
using testing::ScriptedUpstream;
using ::testing::StartsWith;

asio::awaitable<void> fail(http::Transaction& client, const core::Error& error) {
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
      routes.push_back(testing::route_to({"*"}, std::move(targets)));
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
    client.write(testing::post("/v1/chat", body, headers));
    return client.read_message();
  }

  std::shared_ptr<UpstreamSet> set;
  std::unique_ptr<Server> server;
};

// Reads one request and answers with `answer`; then waits for the peer to go.
ScriptedUpstream::Script answering(std::string answer) {
  return [answer](RawSocket& socket) {
    while (!socket.read_message().empty()) socket.write(answer);
  };
}

// Reads one request, answers, closes.
ScriptedUpstream::Script answering_once(std::string answer) {
  return [answer](RawSocket& socket) {
    socket.read_message();
    socket.write(answer);
  };
}

std::string body_of(const std::string& message) {
  return message.substr(message.find("\r\n\r\n") + 4);
}

TEST(Upstreams, RelayAndReuseTheConnection) {
  ScriptedUpstream core(answering(testing::http_answer("hello")));
  Gateway gateway({testing::upstream_at(core.port())});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(body_of(gateway.ask()), testing::chunk("hello") + "0\r\n\r\n");
  EXPECT_EQ(core.connections(), 1);
  EXPECT_EQ(gateway.set->status().front().calls, 3U);
  EXPECT_EQ(gateway.set->status().front().idle_connections, 1);
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
  EXPECT_EQ(gateway.set->status().front().idle_connections, 0);
}

constexpr const char* ok = "HTTP/1.1 200 OK\r\n";
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
    EXPECT_EQ(gateway.set->status().front().idle_connections, max);
    EXPECT_EQ(core.connections(), 2);
  }
}

TEST(Upstreams, DropAConnectionThatCloses) {
  ScriptedUpstream core(answering_once(testing::http_answer("x")));
  Gateway gateway({testing::upstream_at(core.port())});
  gateway.ask();
  EXPECT_TRUE(
      testing::eventually([&] { return gateway.set->status().front().idle_connections == 0; }));
  EXPECT_THAT(gateway.ask(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gateway.set->status().front().stale_connections, 0U);
}

TEST(Upstreams, TimeOut) {
  ScriptedUpstream silent([](RawSocket& socket) { socket.read_to_end(); });
  auto upstream = testing::upstream_at(silent.port());
  upstream.timeouts.first_byte_ms = 30;
  EXPECT_THAT(Gateway({upstream}).ask(), HasSubstr("upstream_first_byte_timeout"));

  ScriptedUpstream stalls([](RawSocket& socket) {
    socket.read_message();
    socket.write(std::string(ok) + "content-length: 10\r\n\r\nabc");
    socket.read_to_end();
  });
  upstream = testing::upstream_at(stalls.port());
  upstream.timeouts.idle_ms = 30;
  EXPECT_THAT(Gateway({upstream}).ask(), HasSubstr("<upstream_idle_timeout>"));
}

TEST(Upstreams, FailOverToTheNext) {
  constexpr std::uint16_t dead_port = 1;  // one that was free a moment ago may be taken by now
  ScriptedUpstream resets([](RawSocket& socket) {
    socket.read_message();
    socket.close_with_reset();
  });
  ScriptedUpstream good(answering(testing::http_answer("good")));
  Gateway gateway({testing::upstream_at(dead_port, "dead"),
                   testing::upstream_at(resets.port(), "resets"),
                   testing::upstream_at(good.port(), "good")});
  for (int i = 0; i < 6; ++i) EXPECT_THAT(gateway.ask(), HasSubstr("good"));
}

TEST(Upstreams, UnresolvableAndRefused) {
  auto upstream = testing::upstream_at(1);
  EXPECT_THAT(Gateway({upstream}).ask(), HasSubstr("upstream_refused"));
  upstream.url.host = "menshen-test.invalid";
  EXPECT_THAT(Gateway({upstream}).ask(), HasSubstr("upstream_unresolved"));
}

TEST(Upstreams, NamesAreResolved) {
  ScriptedUpstream core(answering(testing::http_answer("named")));
  auto upstream = testing::upstream_at(core.port());
  upstream.url.host = "localhost";  // may have an IPv6 address in front, where nobody listens
  EXPECT_THAT(Gateway({upstream}).ask(), HasSubstr("named"));
}

// --- The breaker

TEST(Upstreams, BreakerOpensAndProbes) {
  std::atomic<bool> sick{true};
  ScriptedUpstream core([&sick](RawSocket& socket) {
    while (!socket.read_message().empty()) {
      socket.write(sick ? "HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n"
                        : testing::http_answer("well"));
    }
  });
  auto upstream = testing::upstream_at(core.port());
  upstream.breaker = {3, 20};
  Gateway gateway({upstream});
  for (int i = 0; i < 3; ++i) EXPECT_THAT(gateway.ask(), StartsWith("HTTP/1.1 503"));
  EXPECT_NE(gateway.set->status().front().breaker, Breaker::State::closed);
  sick = false;
  EXPECT_TRUE(testing::eventually([&] { return gateway.ask().find("well") != std::string::npos; }));
  EXPECT_EQ(gateway.set->status().front().breaker, Breaker::State::closed);
}

TEST(Upstreams, BreakerCountsAnswersThatBreakOff) {
  ScriptedUpstream core(answering_once(std::string(ok) + "content-length: 10\r\n\r\nabc"));
  auto upstream = testing::upstream_at(core.port());
  upstream.breaker = {2, 600'000};
  Gateway gateway({upstream});
  for (int i = 0; i < 2; ++i) EXPECT_THAT(gateway.ask(), HasSubstr("<upstream_closed>"));
  EXPECT_THAT(gateway.ask(), HasSubstr("no_upstream"));
  EXPECT_EQ(gateway.set->status().front().breaker, Breaker::State::open);
  EXPECT_EQ(gateway.set->status().front().failures, 2U);
}

// --- A client that leaves

TEST(Upstreams, ClientLeavesWhileTheHeadIsAwaited) {
  testing::Signal asked;
  testing::Signal left;
  ScriptedUpstream core([&](RawSocket& socket) {
    socket.read_message();
    asked.set();
    socket.read_to_end();
    left.set();
  });
  Gateway gateway({testing::upstream_at(core.port())});
  RawSocket client(gateway.server->port());
  client.write(testing::post("/v1/chat", "{}"));
  EXPECT_TRUE(asked.wait());
  client.close();
  EXPECT_TRUE(left.wait());
  EXPECT_EQ(gateway.set->status().front().failures, 0U);  // not the provider's fault
}

TEST(Upstreams, ClientLeavesInTheMiddleOfAStream) {
  testing::Signal left;
  ScriptedUpstream core([&](RawSocket& socket) {
    socket.read_message();
    socket.write(std::string(ok) + "transfer-encoding: chunked\r\n\r\n" + testing::chunk("one"));
    socket.read_to_end();
    left.set();
  });
  Gateway gateway({testing::upstream_at(core.port())});
  RawSocket client(gateway.server->port());
  client.write(testing::post("/v1/chat", "{}"));
  client.read_until("one\r\n");
  client.close_with_reset();
  EXPECT_TRUE(left.wait());
}

TEST(Upstreams, ClientThatDoesNotReadHoldsTheProviderBackAndMayLeave) {
  testing::Signal stands;
  testing::Signal left;
  std::atomic<std::size_t> written{0};
  ScriptedUpstream core([&](RawSocket& socket) {
    socket.read_message();
    socket.write(std::string(ok) + "transfer-encoding: chunked\r\n\r\n");
    const std::string piece = testing::chunk(std::string(64 * 1024, 'x'));
    socket.set_write_patience(500);
    while (socket.write(piece)) written += piece.size();
    stands.set();
    socket.read_to_end();
    left.set();
  });
  Gateway gateway({testing::upstream_at(core.port())});
  RawSocket client(gateway.server->port());
  client.set_receive_buffer(4096);
  client.write(testing::post("/v1/chat", "{}"));
  // The answer is endless; it comes to rest when the buffers of the two kernels' sockets are full.
  EXPECT_TRUE(stands.wait());
  EXPECT_LT(written, 64U * 1024 * 1024);
  client.close_with_reset();
  EXPECT_TRUE(left.wait());
}

}  // namespace
}  // namespace menshen::transport
