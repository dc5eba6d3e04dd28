// Upstreams that fail or stall, and clients that leave or do not read.
#include "proxy/transport/relay_testing.h"

#include <gmock/gmock.h>

#include <atomic>

namespace menshen::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace testing;

TEST(Upstreams, DropAConnectionThatCloses) {
  ScriptedUpstream core(answering_once(testing::http_answer("x")));
  Gateway gateway({testing::upstream_at(core.port())});
  gateway.ask();
  EXPECT_TRUE(testing::eventually(
      [&] { return gateway.set->status().front().counts->idle_connections == 0; }));
  EXPECT_THAT(gateway.ask(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gateway.set->status().front().counts->stale_connections, 0U);
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
  EXPECT_EQ(gateway.set->status().front().counts->failures, 2U);
}

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
  EXPECT_EQ(gateway.set->status().front().counts->failures, 0U);  // not the provider's fault
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
