// What a provider gets, counted there: deliveries and connections; and what the breaker hears of an
// answer's end.
#include "core/clock.h"
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace menshen::transport {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::RawSocket;
using testing::ScriptedUpstream;

struct Asking {
  std::string_view method = "POST";
  bool stream = false;            // left at its terminal event, as the pipeline leaves one
  std::uint32_t deadline_ms = 0;  // of the exchange; 0: none
};

// One call to the first target; tells the client whether it was delivered and what came.
asio::awaitable<void> ask_upstream(pipeline::Upstreams& upstreams, pipeline::RoutesPtr routes,
                                   http::Transaction& client, Asking how) {
  auto body = co_await client.read_body();
  std::vector<pipeline::Target> targets;
  upstreams.route(routes, "m", protocol::likely_adapter({}), targets);
  bool delivered = false;
  std::string said = "resting";
  if (targets.front().available) {
    pipeline::UpstreamRequest request{.method = how.method,
                                      .target = "/v1/chat",
                                      .headers = nullptr,
                                      .body = *body,
                                      .stream = how.stream,
                                      .delivered = &delivered};
    if (how.deadline_ms > 0) {
      request.deadline_ns =
          core::system_clock().monotonic_ns() + std::int64_t{1'000'000} * how.deadline_ms;
    }
    auto call = co_await upstreams.call(targets.front(), request);
    said = delivered ? "delivered " : "kept ";
    if (!call) said += call.error().code;
    while (call) {
      const auto piece = co_await (*call)->read();
      if (!piece) said += "<" + piece.error().code + ">";
      if (!piece || piece->empty()) break;
      said += *piece;
      if (how.stream && said.find("[DONE]") != std::string::npos) {
        (*call)->conclude(true);
        break;
      }
    }
  }
  http::ResponseHead head = testing::answer_head(200);
  std::ignore = co_await client.send(std::move(head), said);
}

struct Gateway {
  explicit Gateway(config::Upstream upstream) {
    auto made = UpstreamSet::create({upstream}, {testing::route_to({"*"}, {{0, 1, ""}})});
    EXPECT_TRUE(made);
    set = *made;
    auto options = testing::options();
    options.upstreams = set;
    const auto factory = [this](const asio::any_io_executor&, pipeline::Upstreams& each) {
      return Server::Handler([this, upstreams = &each](http::Transaction& client) {
        return ask_upstream(*upstreams, set->table(), client, how);
      });
    };
    auto started = Server::start(std::move(options), factory);
    EXPECT_TRUE(started);
    server = *std::move(started);
  }

  std::string ask(Asking asking = {}) {
    how = asking;
    RawSocket client(server->port());
    client.write(testing::post("/v1/chat", "{}"));
    const std::string answer = client.read_message();
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }
  [[nodiscard]] UpstreamStatus status() const { return set->status().front(); }

  Asking how;
  std::shared_ptr<UpstreamSet> set;
  std::unique_ptr<Server> server;
};

constexpr std::string_view chunked_head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
constexpr std::string_view last_event = "data: [DONE]\n\n";

TEST(Deliveries, AKeptConnectionThatClosesAfterTakingTheRequestIsOne) {
  std::atomic<int> requests{0};
  ScriptedUpstream core([&requests](RawSocket& socket) {
    socket.read_message();
    ++requests;
    socket.write(testing::http_answer("one"));
    if (!socket.read_message().empty()) ++requests;
  });
  Gateway gateway(testing::upstream_at(core.port()));
  EXPECT_EQ(gateway.ask(), "delivered one");
  EXPECT_EQ(gateway.ask(), "delivered upstream_closed");
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(core.connections(), 1);
}

TEST(Deliveries, AListingMayBeAskedAgain) {
  ScriptedUpstream core([](RawSocket& socket) {
    socket.read_message();
    socket.write(testing::http_answer("one"));
    socket.read_message();
  });
  Gateway gateway(testing::upstream_at(core.port()));
  EXPECT_EQ(gateway.ask({.method = "GET"}), "delivered one");
  EXPECT_EQ(gateway.ask({.method = "GET"}), "delivered one");
  EXPECT_EQ(core.connections(), 2);
  EXPECT_EQ(gateway.status().counts->stale_connections, 1U);
}

TEST(Deliveries, ThereIsNoneWhereNobodyListens) {
  EXPECT_EQ(Gateway(testing::upstream_at(1)).ask(), "kept upstream_refused");
}

TEST(Connections, RestForLessThanTheProviderLetsThem) {
  ScriptedUpstream core([](RawSocket& socket) {
    while (!socket.read_message().empty())
      socket.write(testing::http_answer("x", "keep-alive: timeout=0, max=100\r\n"));
  });
  Gateway hasty(testing::upstream_at(core.port()));
  EXPECT_EQ(hasty.ask(), "delivered x");
  EXPECT_EQ(hasty.status().counts->idle_connections, 0);
  EXPECT_EQ(hasty.ask(), "delivered x");
  EXPECT_EQ(core.connections(), 2);

  ScriptedUpstream patient([](RawSocket& socket) {
    while (!socket.read_message().empty()) socket.write(testing::http_answer("x"));
  });
  auto upstream = testing::upstream_at(patient.port());
  upstream.timeouts.keep_alive_ms = 20;
  Gateway gateway(upstream);
  EXPECT_EQ(gateway.ask(), "delivered x");
  EXPECT_TRUE(testing::eventually([&] { return gateway.status().counts->idle_connections == 0; }));
}

// The last chunk comes when the client has its answer.
TEST(Connections, AStreamLeftAtItsLastEventIsReadToTheEndAndServesAgain) {
  testing::Signal answered;
  std::atomic<int> requests{0};
  ScriptedUpstream core([&](RawSocket& socket) {
    while (!socket.read_message().empty()) {
      socket.write(std::string(chunked_head) + testing::chunk(last_event));
      if (++requests == 1) {
        EXPECT_TRUE(answered.wait());  // well within lingering_timeout_ms
      }
      socket.write("0\r\n\r\n");
    }
  });
  Gateway gateway(testing::upstream_at(core.port()));
  EXPECT_THAT(gateway.ask({.stream = true}), EndsWith(last_event));
  answered.set();
  EXPECT_TRUE(testing::eventually([&] { return gateway.status().counts->idle_connections == 1; }));
  EXPECT_THAT(gateway.ask({.stream = true}), EndsWith(last_event));
  EXPECT_EQ(core.connections(), 1);
  EXPECT_EQ(gateway.status().counts->in_flight, 0);
}

// Its last chunk comes a while after it: as much as may be, then the end.
TEST(Connections, AnAnswersEndIsReadUpToABound) {
  testing::Signal answered;
  ScriptedUpstream core([&answered](RawSocket& socket) {
    socket.read_message();
    socket.write(std::string(chunked_head) + testing::chunk(last_event));
    EXPECT_TRUE(answered.wait());
    socket.write(testing::chunk(std::string(core::lingering_bytes_max, ':')));
    socket.write("0\r\n\r\n");
    socket.read_to_end();
  });
  Gateway gateway(testing::upstream_at(core.port()));
  EXPECT_THAT(gateway.ask({.stream = true}), HasSubstr("[DONE]"));
  answered.set();
  EXPECT_TRUE(testing::eventually([&] { return gateway.status().counts->idle_connections == 1; }));
}

// It does end at last, but far past the bound, where nobody listens any more.
TEST(Connections, AProviderThatNeverEndsIsLeft) {
  testing::Signal left;
  ScriptedUpstream core([&left](RawSocket& socket) {
    socket.read_message();
    socket.write(std::string(chunked_head) + testing::chunk(last_event));
    const std::string junk = testing::chunk(std::string(core::lingering_bytes_max, ':'));
    for (int i = 0; i < 1000; ++i) {
      if (!socket.write(junk)) return left.set();
    }
    socket.write("0\r\n\r\n");
    socket.read_to_end();
  });
  Gateway gateway(testing::upstream_at(core.port()));
  EXPECT_THAT(gateway.ask({.stream = true}), HasSubstr("[DONE]"));
  EXPECT_TRUE(left.wait());
  EXPECT_EQ(gateway.status().counts->idle_connections, 0);
}

TEST(Connections, AProviderThatFallsSilentBeforeTheEndIsLeft) {
  static_assert(core::lingering_timeout_ms < 1000 * testing::patience_seconds);
  testing::Signal left;
  ScriptedUpstream core([&left](RawSocket& socket) {
    socket.read_message();
    socket.write(std::string(chunked_head) + testing::chunk(last_event));
    socket.read_to_end();
    left.set();
  });
  Gateway gateway(testing::upstream_at(core.port()));
  EXPECT_THAT(gateway.ask({.stream = true}), HasSubstr("[DONE]"));
  EXPECT_TRUE(left.wait());
  EXPECT_EQ(gateway.status().counts->idle_connections, 0);
}

TEST(Connections, AsManyAsTheLimitAreReadToTheEndAndOneMoreIsLeft) {
  testing::Signal left;
  testing::Signal answered;
  std::atomic<std::size_t> calls{0};
  ScriptedUpstream core([&](RawSocket& socket) {
    socket.read_message();
    const bool past = ++calls > core::lingering_calls_max;
    socket.write(std::string(chunked_head) + testing::chunk(last_event));
    if (!past) {
      EXPECT_TRUE(answered.wait());
      socket.write("0\r\n\r\n");
    }
    socket.read_to_end();
    if (past) left.set();
  });
  Gateway gateway(testing::upstream_at(core.port()));
  for (std::size_t i = 0; i <= core::lingering_calls_max; ++i) {
    EXPECT_THAT(gateway.ask({.stream = true}), HasSubstr("[DONE]"));
  }
  EXPECT_TRUE(left.wait());
  answered.set();
  const auto kept = [&] {
    return static_cast<std::size_t>(gateway.status().counts->idle_connections);
  };
  EXPECT_TRUE(testing::eventually([&] { return kept() == core::lingering_calls_max; }));
}

TEST(TheBreaker, HearsOfAStreamsEnd) {
  std::atomic<int> requests{0};
  ScriptedUpstream core([&requests](RawSocket& socket) {
    while (!socket.read_message().empty()) {
      if (++requests % 2 == 1) {
        socket.write("HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n");
      } else {
        socket.write(std::string(chunked_head) + testing::chunk(last_event) + "0\r\n\r\n");
      }
    }
  });
  auto upstream = testing::upstream_at(core.port());
  upstream.breaker = {2, 600'000};
  Gateway gateway(upstream);
  for (int i = 0; i < 8; ++i) EXPECT_THAT(gateway.ask({.stream = true}), HasSubstr("delivered"));
  EXPECT_EQ(gateway.status().breaker, Breaker::State::closed);
}

// It ends in order for HTTP, but nobody said that it is whole.
TEST(TheBreaker, DoesNotTakeTheEndOfAConnectionForAStreams) {
  std::atomic<int> requests{0};
  ScriptedUpstream core([&requests](RawSocket& socket) {
    while (!socket.read_message().empty()) {
      socket.write(++requests % 2 == 1 ? "HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n"
                                       : testing::http_answer("data: {}\n\n"));
    }
  });
  auto upstream = testing::upstream_at(core.port());
  upstream.breaker = {2, 600'000};
  Gateway gateway(upstream);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(gateway.ask({.stream = true}), HasSubstr("delivered"));
  EXPECT_EQ(gateway.status().breaker, Breaker::State::open);
}

TEST(TheExchangesTime, EndsWhileAProviderIsSilentAndIsNotItsFault) {
  ScriptedUpstream silent([](RawSocket& socket) { socket.read_to_end(); });
  Gateway before(testing::upstream_at(silent.port()));
  EXPECT_THAT(before.ask({.deadline_ms = 30}), EndsWith("exchange_timeout"));
  EXPECT_EQ(before.status().counts->failures, 0U);

  ScriptedUpstream stalls([](RawSocket& socket) {
    socket.read_message();
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    socket.read_to_end();
  });
  Gateway within(testing::upstream_at(stalls.port()));
  // Whatever it was waiting for: every millisecond, so that rounding shows.
  for (std::uint32_t ms = 1; ms < 20; ++ms) {
    EXPECT_THAT(within.ask({.deadline_ms = ms}), HasSubstr("exchange_timeout"));
  }
  EXPECT_THAT(within.ask({.deadline_ms = 30}), HasSubstr("exchange_timeout"));
  EXPECT_EQ(within.status().counts->failures, 0U);
}

}  // namespace
}  // namespace menshen::transport
