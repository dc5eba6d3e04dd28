// What all connections of a server have together: their number, the time of those at rest, the
// bytes of bodies; and the descriptors that the process may have.
#include "proxy/transport/descriptors.h"
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <atomic>

namespace menshen::transport {
namespace {

using ::testing::HasSubstr;
using testing::RawSocket;
using ::testing::StartsWith;

std::unique_ptr<Server> serve_within(Server::Options options) {
  auto server =
      Server::start(std::move(options), [](const asio::any_io_executor&, pipeline::Upstreams&) {
        return Server::Handler(testing::echo);
      });
  EXPECT_TRUE(server);
  return *std::move(server);
}

bool answers(RawSocket& client) {
  client.write(testing::get(""));
  return !client.read_message().empty();
}

TEST(Connections, OfStrangersGiveWayWhenThereAreEnough) {
  auto options = testing::options();
  options.limits.connections_max = 3;
  std::atomic<int> told{0};
  options.on_full = [&told] { ++told; };
  const auto server = serve_within(std::move(options));
  RawSocket first(server->port());
  EXPECT_TRUE(answers(first));
  RawSocket oldest(server->port());
  RawSocket younger(server->port());
  EXPECT_TRUE(testing::eventually([&] { return server->counters().connections_open == 3; }));
  RawSocket fourth(server->port());
  EXPECT_TRUE(answers(fourth));
  EXPECT_EQ(oldest.read_to_end(), "");
  EXPECT_TRUE(answers(younger));
  EXPECT_TRUE(answers(first));
  EXPECT_EQ(server->counters().connections_displaced, 1U);
  EXPECT_EQ(server->counters().connections_refused, 0U);
  EXPECT_EQ(told, 1);
}

TEST(Connections, AtRestGetLittleTimeWhenThereAreNearlyEnough) {
  auto options = testing::options();
  options.limits.connections_max = 4;
  options.limits.idle_timeout_ms = 86'400'000;
  options.near_full_idle = std::chrono::milliseconds(20);
  const auto server = serve_within(std::move(options));
  std::vector<std::unique_ptr<RawSocket>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawSocket>(server->port()));
    EXPECT_TRUE(answers(*clients.back()));
  }
  // The fourth finds three: a day at rest becomes a moment, for those that wait already too.
  clients.push_back(std::make_unique<RawSocket>(server->port()));
  for (const auto& client : clients) EXPECT_EQ(client->read_to_end(), "");
}

TEST(Bodies, AreBoundedTogetherAtTheBoundAndPastIt) {
  core::ByteBudget bodies(8);  // bodies_bytes_max
  auto options = testing::options();
  options.bodies = &bodies;
  const auto server = serve_within(std::move(options));
  RawSocket slow(server->port());
  slow.write(testing::put_body("content-length: 6\r\n", "hello"));
  EXPECT_TRUE(testing::eventually([&] { return bodies.used() == 5; }));
  const auto answer = [&](std::string_view request) {
    RawSocket client(server->port());
    client.write(request);
    return client.read_message();
  };
  EXPECT_THAT(answer(testing::put_body("content-length: 3\r\n", "abc")), HasSubstr("abc"));
  EXPECT_TRUE(testing::eventually([&] { return bodies.used() == 5; }));
  const std::string past = answer(testing::put_body("content-length: 4\r\n", "abcd"));
  EXPECT_THAT(past, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(past, HasSubstr("bodies_full"));
  EXPECT_THAT(answer(testing::chunked("4\r\nabcd\r\n0\r\n\r\n")), HasSubstr("bodies_full"));
  EXPECT_THAT(answer(testing::get("")), StartsWith("HTTP/1.1 200"));  // it has no body
  slow.write("!");
  EXPECT_THAT(slow.read_message(), HasSubstr("hello!"));
  EXPECT_TRUE(testing::eventually([&] { return bodies.used() == 0; }));
}

TEST(Descriptors, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit lowered{before.rlim_max / 2, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(Descriptors, ConnectionsAreFittedAtTheBoundAndPastIt) {
  core::Limits limits;
  limits.connections_max = 100;
  limits.upstream_idle_connections_max = 5;
  const std::uint64_t needed = core::descriptors_of_process + core::admin_connections_max +
                               2 * core::descriptors_per_thread + 3 + 2 * 3 * 5 +
                               100 * core::descriptors_per_connection;
  EXPECT_EQ(fit_connections(limits, 2, 3, needed).connections_max, 100U);
  EXPECT_EQ(fit_connections(limits, 2, 3, needed + 1'000'000).connections_max, 100U);
  EXPECT_EQ(fit_connections(limits, 2, 3, needed - 1).connections_max, 99U);
  EXPECT_EQ(fit_connections(limits, 2, 3, 10).connections_max, 0U);
  EXPECT_EQ(fit_connections(limits, 2, 3, needed).upstream_idle_connections_max, 5U);
}

// Bounds that nobody stated do not keep a reload from adding an upstream.
TEST(Descriptors, OfALoweredDefaultSomeAreLeftForFurtherUpstreams) {
  core::Limits limits;
  for (const std::uint64_t allowed : {400U, 1'024U, 20'000U}) {
    const Fit stated = fit_connections(limits, 2, 1, allowed);
    const Fit fit = fit_default_connections(limits, 2, 1, allowed);
    EXPECT_LT(fit.connections_max, stated.connections_max);
    limits.connections_max = fit.connections_max;
    limits.upstream_idle_connections_max = fit.upstream_idle_connections_max;
    EXPECT_TRUE(fits_descriptors(limits, 2, 2, allowed)) << allowed;
    EXPECT_FALSE(fits_descriptors(limits, 2, 256, allowed)) << allowed;
    limits = {};
  }
  EXPECT_EQ(fit_default_connections(limits, 2, 1, 1'000'000).connections_max,
            limits.connections_max);
}

// Whatever is configured, what is given away never exceeds what there is.
TEST(Descriptors, AreNeverGivenAwayTwice) {
  const core::Limits limits;
  for (std::uint64_t allowed = 0; allowed < 100'000; allowed = allowed * 3 / 2 + 7) {
    for (const std::uint32_t threads : {1U, 4U, 64U}) {
      const Fit fit = fit_connections(limits, threads, 4, allowed);
      if (fit.connections_max == 0) continue;
      EXPECT_LE(fit.connections_max * core::descriptors_per_connection +
                    std::uint64_t{fit.upstream_idle_connections_max} * threads * 4 +
                    core::descriptors_of_process + core::admin_connections_max,
                allowed);
    }
  }
}

}  // namespace
}  // namespace menshen::transport
