// What upstreams are counted by, and what is told of them.
#include "proxy/transport/upstream_counts.h"

#include "core/clock.h"
#include "proxy/transport/relay_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace menshen::transport {
namespace {

using ::testing::ElementsAre;
using testing::Gateway;
using ::testing::HasSubstr;
using testing::RawSocket;
using testing::ScriptedUpstream;
using ::testing::StartsWith;

std::uint64_t errors(const UpstreamCounts& counts, std::string_view code) {
  const auto known = std::ranges::find(upstream_errors, code);
  EXPECT_NE(known, upstream_errors.end()) << code;
  return counts.errors[static_cast<std::size_t>(known - upstream_errors.begin())];
}

std::uint64_t all_errors(const UpstreamCounts& counts) {
  return std::accumulate(counts.errors.begin(), counts.errors.end(), std::uint64_t{0});
}

std::uint64_t answers(const UpstreamCounts& counts) {
  return std::accumulate(counts.first_byte.begin(), counts.first_byte.end(), std::uint64_t{0});
}

TEST(UpstreamCounts, FirstBytesFallIntoTheirBuckets) {
  UpstreamCounts counts;
  counts.answered_after(5'000'000);
  counts.answered_after(5'000'001);
  counts.answered_after(61'000'000'000);
  EXPECT_EQ(counts.first_byte.front(), 1U);
  EXPECT_EQ(counts.first_byte[1], 1U);
  EXPECT_EQ(counts.first_byte.back(), 1U);
  EXPECT_EQ(counts.first_byte_us, 61'010'000U);
}

TEST(UpstreamCounts, SayWhatAnswersSay) {
  unsigned status = 0;
  ScriptedUpstream core([&status](RawSocket& socket) {
    while (!socket.read_message().empty()) {
      socket.write("HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-length: 0\r\n\r\n");
    }
  });
  Gateway gateway({testing::upstream_at(core.port())});
  const UpstreamCounts& counts = *gateway.set->status().front().counts;
  for (const unsigned each : {200U, 429U, 404U, 400U, 500U}) {
    status = each;
    EXPECT_THAT(gateway.ask(), StartsWith("HTTP/1.1 " + std::to_string(each)));
  }
  EXPECT_EQ(counts.calls, 5U);
  EXPECT_EQ(counts.retries, 0U);
  EXPECT_EQ(answers(counts), 5U);
  EXPECT_EQ(errors(counts, "status_429"), 1U);
  EXPECT_EQ(errors(counts, "status_4xx"), 2U);
  EXPECT_EQ(errors(counts, "status_5xx"), 1U);
  EXPECT_EQ(all_errors(counts), 4U);
}

TEST(UpstreamCounts, SayHowCallsFail) {
  ScriptedUpstream broken(
      testing::answering_once(std::string(testing::ok) + "content-length: 10\r\n\r\nabc"));
  ScriptedUpstream silent(testing::answering_once(""));
  ScriptedUpstream odd(testing::answering_once("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"));
  const auto failing = [](std::uint16_t port, std::string_view code) {
    Gateway gateway({testing::upstream_at(port)});
    gateway.ask();
    const UpstreamCounts& counts = *gateway.set->status().front().counts;
    EXPECT_EQ(errors(counts, code), 1U) << code;
    EXPECT_EQ(all_errors(counts), 1U) << code;
  };
  failing(broken.port(), "upstream_closed");
  failing(silent.port(), "upstream_closed");
  failing(odd.port(), "bad_upstream_framing");
  failing(1, "upstream_refused");
}

TEST(UpstreamCounts, GoOnUnderTheNameOfTheUpstream) {
  auto upstream = testing::upstream_at(1);
  const auto route = testing::route_to({"*"}, {{0, 1, ""}});
  auto set = *UpstreamSet::create({upstream}, {route});
  const auto before = set->status().front().counts;
  upstream.retries = 7;
  auto changed = *set->make({upstream}, {route});
  EXPECT_NE(changed->upstreams.front(), set->table()->upstreams.front());
  EXPECT_EQ(changed->upstreams.front()->counts, before);
  upstream.name = "other";
  EXPECT_NE((*set->make({upstream}, {route}))->upstreams.front()->counts, before);
}

struct Told {
  std::vector<std::string> lines;
  OnUpstreamChange listener = [this](const UpstreamChange& change) {
    lines.push_back(std::string(change.upstream) + (change.up ? " up: " : " down: ") +
                    std::string(change.reason));
  };
};

TEST(UpstreamChanges, AreToldOnceEach) {
  using enum Breaker::Outcome;
  Told told;
  auto options = testing::upstream_at(1);
  options.breaker = {2, 0};
  Upstream upstream(0, options, std::make_shared<UpstreamCounts>(), told.listener);
  const auto call = [&](Breaker::Outcome outcome, std::string_view cause) {
    upstream.report(upstream.breaker.admit(core::system_clock().monotonic_ns()), outcome, cause);
  };
  call(failure, "upstream_closed");
  EXPECT_THAT(told.lines, ElementsAre());
  call(failure, "upstream_refused");
  call(failure, "upstream_refused");  // a probe
  call(unknown, "");
  call(success, "");
  call(success, "");
  call(failure, "upstream_closed");
  EXPECT_THAT(told.lines, ElementsAre("core down: 2 calls in a row failed, the last with "
                                      "upstream_refused",
                                      "core up: a call succeeded"));
}

TEST(UpstreamChanges, OfHealthAreToldOnceEach) {
  Told told;
  Upstream upstream(0, testing::upstream_at(1), std::make_shared<UpstreamCounts>(), told.listener);
  upstream.checked(true, "");
  upstream.checked(false, "status 500");
  upstream.checked(false, "upstream_refused");
  EXPECT_FALSE(upstream.healthy);
  upstream.checked(true, "");
  EXPECT_THAT(told.lines, ElementsAre("core down: its health check failed: status 500",
                                      "core up: its health check succeeded"));
}

}  // namespace
}  // namespace menshen::transport
