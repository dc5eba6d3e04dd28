// The server as a whole: addresses, threads, draining, reload of upstreams, health checks.
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>

namespace menshen::transport {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawSocket;
using testing::ScriptedUpstream;
using ::testing::StartsWith;

constexpr std::string_view request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

http::ResponseHead answer_head() { return {200, {}}; }

std::unique_ptr<Server> start(Server::Options options, const Server::Handler& handler) {
  auto server = Server::start(
      std::move(options),
      [handler](const asio::any_io_executor&, pipeline::Upstreams&) { return handler; });
  EXPECT_TRUE(server) << to_string(server.error());
  return std::move(*server);
}

asio::awaitable<void> answer(http::Transaction& client) {
  std::ignore = co_await client.send(answer_head(), client.head().client_address);
}

TEST(Server, ListensOnIpv6) {
  auto options = testing::options();
  options.listen.address.host = "::1";
  auto started = Server::start(
      std::move(options),
      [](const asio::any_io_executor&, pipeline::Upstreams&) { return Server::Handler(answer); });
  if (!started) GTEST_SKIP() << "no IPv6 here: " << to_string(started.error());
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::make_address("::1"), (*started)->port()});
  RawSocket client(std::move(socket));
  client.write(request);
  EXPECT_THAT(client.read_message(), EndsWith("\r\n\r\n::1"));
}

TEST(Server, SaysWhyItCannotListen) {
  auto options = testing::options();
  options.listen.address.host = "localhost";
  const auto unnamed = Server::start(std::move(options), nullptr);
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().code, "cannot_listen");
  // An address of nobody's (RFC 5737).
  options = testing::options();
  options.listen.address.host = "192.0.2.1";
  const auto foreign = Server::start(std::move(options), nullptr);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, core::ErrorKind::invalid_config);
  EXPECT_THAT(foreign.error().message, HasSubstr("192.0.2.1"));
}

TEST(Server, EveryThreadServes) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  auto options = testing::options();
  options.threads = 3;
  const auto server = start(std::move(options), [&](http::Transaction& client) {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    return answer(client);
  });
  EXPECT_TRUE(testing::eventually([&] {
    RawSocket client(server->port());
    client.write(request);
    EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 200"));
    const std::lock_guard lock(mutex);
    return threads.size() == 3;
  }));
}

// --- Draining

TEST(Drain, ClosesConnectionsAtRest) {
  const auto server = start(testing::options(), answer);
  RawSocket client(server->port());
  client.write(request);
  client.read_message();
  server->stop();
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server->counters().connections_open, 0);
}

TEST(Retiring, ServesAndClosesEachConnectionBehindItsAnswer) {
  const auto server = start(testing::options(), answer);
  RawSocket known(server->port());
  known.write(request);
  EXPECT_THAT(known.read_message(), Not(HasSubstr("connection: close")));
  server->retire();
  // Told to the threads, it holds from the next answer on.
  EXPECT_TRUE(testing::eventually([&] {
    RawSocket client(server->port());
    client.write(request);
    return client.read_message().find("\r\nconnection: close\r\n") != std::string::npos;
  }));
  known.write(request);
  EXPECT_THAT(known.read_to_end(), HasSubstr("\r\nconnection: close\r\n"));
}

TEST(Drain, LetsOpenExchangesFinish) {
  testing::Signal began;
  testing::Turn go_on;
  auto options = testing::options();
  options.limits.drain_timeout_ms = 86'400'000;
  const auto server =
      start(std::move(options), [&](http::Transaction& client) -> asio::awaitable<void> {
        began.set();
        std::ignore = co_await go_on.wait();
        std::ignore = co_await client.send(answer_head(), "done");
      });
  RawSocket client(server->port());
  client.write(request);
  EXPECT_TRUE(began.wait());
  server->drain();
  // No new connection is taken once the listener is closed.
  EXPECT_TRUE(testing::eventually([&] {
    try {
      RawSocket late(server->port());
      return false;
    } catch (const boost::system::system_error&) {
      return true;
    }
  }));
  go_on.give();
  const auto text = client.read_to_end();
  EXPECT_THAT(text, HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_THAT(text, EndsWith("done"));
  server->stop();
}

TEST(Drain, CancelsWhatLastsTooLong) {
  testing::Signal began;
  testing::Turn never;
  std::atomic<bool> ended{false};
  auto options = testing::options();
  options.limits.drain_timeout_ms = 20;
  const auto server =
      start(std::move(options), [&](http::Transaction& client) -> asio::awaitable<void> {
        began.set();
        EXPECT_FALSE(co_await never.wait());
        const auto sent = co_await client.send(answer_head(), "late");
        EXPECT_EQ(sent.error().kind, core::ErrorKind::cancelled);
        EXPECT_TRUE(client.cut_off());
        ended = true;
      });
  RawSocket client(server->port());
  client.write(request);
  EXPECT_TRUE(began.wait());
  server->stop();
  EXPECT_TRUE(ended);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Drain, DestroysHandlersOnTheirThread) {
  std::atomic<int> alive{0};
  std::atomic<bool> same_thread{true};
  struct Counted {
    Counted(std::atomic<int>& count, std::atomic<bool>& same) : alive(count), same_thread(same) {
      ++alive;
    }
    ~Counted() {
      --alive;
      if (std::this_thread::get_id() != thread) same_thread = false;
    }
    std::atomic<int>& alive;
    std::atomic<bool>& same_thread;
    std::thread::id thread = std::this_thread::get_id();
  };
  auto options = testing::options();
  options.threads = 2;
  auto server =
      Server::start(std::move(options), [&](const asio::any_io_executor&, pipeline::Upstreams&) {
        return Server::Handler([counted = std::make_shared<Counted>(alive, same_thread)](
                                   http::Transaction& client) { return answer(client); });
      });
  ASSERT_TRUE(server);
  RawSocket client((*server)->port());
  client.write(request);
  client.read_message();
  (*server)->stop();
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(same_thread);
}

// --- Upstreams of the whole server

// Answers with the body of whatever upstream serves the model that the path names.
asio::awaitable<void> relay(http::Transaction& client, pipeline::Upstreams& upstreams,
                            pipeline::RoutesPtr routes) {
  std::vector<pipeline::Target> targets;
  const std::string model = client.head().target.substr(1);
  std::string text = upstreams.route(routes, model, protocol::likely_adapter({}), targets)
                         ? "no upstream"
                         : "no route";
  if (!targets.empty() && targets.front().available) {
    const pipeline::UpstreamRequest get{"GET", "/v1/x", nullptr, {}, false};
    auto call = co_await upstreams.call(targets.front(), get);
    text = call ? "" : call.error().code;
    while (call) {
      auto piece = co_await (*call)->read();
      if (!piece || piece->empty()) break;
      text.append(*piece);
    }
  }
  std::ignore = co_await client.send(answer_head(), std::move(text));
}

std::unique_ptr<Server> start(const std::shared_ptr<UpstreamSet>& set) {
  auto options = testing::options();
  options.upstreams = set;
  auto server = Server::start(
      std::move(options), [set](const asio::any_io_executor&, pipeline::Upstreams& all) {
        return Server::Handler(
            [set, &all](http::Transaction& client) { return relay(client, all, set->table()); });
      });
  EXPECT_TRUE(server) << to_string(server.error());
  return std::move(*server);
}

std::string ask(const Server& server, const std::string& model) {
  RawSocket client(server.port());
  client.write("GET /" + model + " HTTP/1.1\r\nhost: x\r\n\r\n");
  const auto message = client.read_message();
  return message.substr(message.find("\r\n\r\n") + 4);
}

ScriptedUpstream::Script always(std::string body) {
  return [body](RawSocket& socket) {
    while (!socket.read_message().empty()) socket.write(testing::http_answer(body));
  };
}

TEST(Listeners, AnAddressThatAnotherServerHasIsRefused) {
  const auto first = testing::serve(testing::echo);
  auto options = testing::options();
  options.listen.address.port = first->port();
  const auto second =
      Server::start(std::move(options), [](const asio::any_io_executor&, pipeline::Upstreams&) {
        return Server::Handler(testing::echo);
      });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "cannot_listen");
}

TEST(Upstreams, AreReloaded) {
  ScriptedUpstream one(always("one"));
  ScriptedUpstream two(always("two"));
  auto set = *UpstreamSet::create({testing::upstream_at(one.port(), "one")},
                                  {testing::route_to({"a"}, {{0, 1, ""}})});
  const auto server = start(set);
  EXPECT_EQ(ask(*server, "a"), "one");
  EXPECT_EQ(ask(*server, "b"), "no route");
  const std::weak_ptr<const UpstreamTable> former = set->table();
  const auto changed =
      set->make({testing::upstream_at(two.port(), "two"), testing::upstream_at(one.port(), "one")},
                {testing::route_to({"a"}, {{0, 1, ""}}), testing::route_to({"b"}, {{1, 1, ""}})});
  ASSERT_TRUE(changed);
  EXPECT_EQ(ask(*server, "a"), "one");  // not in force yet
  EXPECT_EQ(ask(*server, "b"), "no route");
  set->put(*changed);
  EXPECT_TRUE(testing::eventually([&] { return former.expired(); }));  // with its last exchange
  EXPECT_EQ(ask(*server, "a"), "two");
  EXPECT_EQ(ask(*server, "b"), "one");
  EXPECT_EQ(one.connections(), 1);  // unchanged, so its connection was kept
  ASSERT_EQ(set->status().size(), 2U);
  EXPECT_EQ(set->status()[1].counts->calls, 3U);
  auto bad = testing::upstream_at(one.port());
  bad.credential = config::Secret("line\r\nfeed");
  const auto refused = set->make({bad}, {testing::route_to({"a"}, {{0, 1, ""}})});
  EXPECT_EQ(refused.error().code, "bad_credential");
  EXPECT_EQ(refused.error().message.find("feed"), std::string::npos);
  EXPECT_EQ(ask(*server, "a"), "two");
}

TEST(Upstreams, AreCheckedForHealth) {
  std::atomic<bool> well{true};
  std::atomic<int> checks{0};
  ScriptedUpstream core([&](RawSocket& socket) {
    for (std::string message = socket.read_message(); !message.empty();
         message = socket.read_message()) {
      const bool is_check = message.starts_with("GET /health ");
      checks += is_check ? 1 : 0;
      socket.write(is_check && !well ? "HTTP/1.1 500 Ill\r\ncontent-length: 0\r\n\r\n"
                                     : testing::http_answer("ok"));
    }
  });
  auto upstream = testing::upstream_at(core.port());
  upstream.health = config::Health{"/health", 5, 10'000};
  std::atomic<int> downs{0};
  std::atomic<int> ups{0};
  auto set = *UpstreamSet::create({upstream}, {testing::route_to({"*"}, {{0, 1, ""}})},
                                  [&](const UpstreamChange& change) {
                                    ++(change.up ? ups : downs);
                                    if (!change.up) {
                                      EXPECT_THAT(change.reason, HasSubstr("status 500"));
                                    }
                                  });
  const auto server = start(set);
  EXPECT_TRUE(testing::eventually([&] { return checks > 0; }));
  EXPECT_EQ(ask(*server, "m"), "ok");
  well = false;
  EXPECT_TRUE(testing::eventually([&] { return !set->status().front().healthy; }));
  EXPECT_EQ(ask(*server, "m"), "no upstream");
  well = true;
  EXPECT_TRUE(testing::eventually([&] { return set->status().front().healthy; }));
  EXPECT_EQ(ask(*server, "m"), "ok");
  server->stop();
  EXPECT_EQ(downs, 1);
  EXPECT_EQ(ups, 1);
  EXPECT_EQ(set->status().front().counts->calls, 2U);  // checks are no requests of exchanges
}

TEST(Upstreams, AServerMayEndBeforeItsThreadsHaveBegun) {
  auto set =
      *UpstreamSet::create({testing::upstream_at(1)}, {testing::route_to({"*"}, {{0, 1, ""}})});
  for (int i = 0; i < 200; ++i) start(set)->stop();
}

TEST(Upstreams, ThatDoNotAnswerAHealthCheckAreIll) {
  ScriptedUpstream core([](RawSocket& socket) { socket.read_to_end(); });
  auto upstream = testing::upstream_at(core.port());
  upstream.health = config::Health{"/health", 5, 20};
  auto set = *UpstreamSet::create({upstream}, {testing::route_to({"*"}, {{0, 1, ""}})});
  const auto server = start(set);
  EXPECT_TRUE(testing::eventually([&] { return !set->status().front().healthy; }));
}

}  // namespace
}  // namespace menshen::transport
