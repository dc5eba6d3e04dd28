// Routes per API, the balance of weights and the breaker: what needs no sockets.
#include "proxy/transport/breaker.h"
#include "proxy/transport/routing.h"
#include "proxy/transport/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace menshen::transport {
namespace {

using ::testing::ElementsAre;
using testing::route_to;

std::vector<std::uint32_t> order(Balance& balance, const config::Route& route,
                                 std::vector<bool> usable) {
  std::vector<std::uint32_t> out;
  balance.order(
      route, [&](std::uint32_t i) { return usable[i]; }, out);
  return out;
}

TEST(RouteTable, KeepsFamiliesApart) {
  auto openai = testing::upstream_at(1, "openai");
  openai.apis = {protocol::find_adapter("openai")};
  auto anthropic = testing::upstream_at(2, "anthropic");
  anthropic.apis = {protocol::find_adapter("anthropic")};
  const RouteTable routes({openai, anthropic}, {route_to({"claude-*"}, {{1, 1, ""}}),
                                                route_to({"*"}, {{0, 1, ""}, {1, 1, ""}})});
  const auto* claude = routes.find("claude-x", *protocol::find_adapter("anthropic"));
  ASSERT_NE(claude, nullptr);
  EXPECT_THAT(claude->models, ElementsAre("claude-*"));
  // The same name through the other API goes where that API is spoken.
  const auto* other = routes.find("claude-x", *protocol::find_adapter("openai"));
  ASSERT_NE(other, nullptr);
  EXPECT_THAT(other->models, ElementsAre("*"));
  ASSERT_EQ(other->targets.size(), 1U);
  EXPECT_EQ(other->targets.front().upstream, 0U);
  const RouteTable narrow({openai}, {route_to({"gpt-*"}, {{0, 1, ""}})});
  EXPECT_EQ(narrow.find("gpt-5", *protocol::find_adapter("anthropic")), nullptr);
  EXPECT_EQ(narrow.find("qwen", *protocol::find_adapter("openai")), nullptr);
  EXPECT_EQ(RouteTable().find("x", *protocol::find_adapter("openai")), nullptr);
}

TEST(Balance, FollowsTheWeightsSmoothly) {
  Balance balance;
  const auto route = route_to({"*"}, {{0, 5, ""}, {1, 1, ""}, {2, 1, ""}});
  std::string picks;
  for (int i = 0; i < 7; ++i)
    picks += static_cast<char>('a' + order(balance, route, {true, true, true}).front());
  EXPECT_EQ(picks, "aabacaa");  // the sequence that nginx documents for 5, 1, 1
}

TEST(Balance, LeavesOutTheUnusableAndKeepsSparesForLast) {
  Balance balance;
  const auto route = route_to({"*"}, {{0, 0, ""}, {1, 1, ""}, {2, 3, ""}});
  std::map<std::uint32_t, int> first;
  for (int i = 0; i < 40; ++i) {
    const auto picks = order(balance, route, {true, true, true});
    ASSERT_EQ(picks.size(), 3U);
    EXPECT_EQ(picks.back(), 0U);
    ++first[picks.front()];
  }
  EXPECT_EQ(first[1], 10);
  EXPECT_EQ(first[2], 30);
  EXPECT_THAT(order(balance, route, {true, true, false}), ElementsAre(1, 0));
  EXPECT_THAT(order(balance, route, {true, false, false}), ElementsAre(0));
  EXPECT_THAT(order(balance, route, {false, false, false}), ElementsAre());
}

// --- The breaker, with a clock of our own

using Outcome = Breaker::Outcome;
using Permit = Breaker::Permit;
using State = Breaker::State;
constexpr std::int64_t ms = 1'000'000;

void call(Breaker& breaker, Outcome outcome, std::int64_t now) {
  breaker.report(breaker.admit(now), outcome, now);
}

TEST(Breaker, OpensAfterFailuresInARow) {
  Breaker breaker({3, 10});
  call(breaker, Outcome::failure, 0);
  call(breaker, Outcome::failure, 0);
  call(breaker, Outcome::success, 0);
  call(breaker, Outcome::failure, 0);
  call(breaker, Outcome::unknown, 0);
  call(breaker, Outcome::failure, 0);
  EXPECT_EQ(breaker.state(0), State::closed);
  call(breaker, Outcome::failure, 0);
  EXPECT_EQ(breaker.state(0), State::open);
  EXPECT_FALSE(breaker.available(10 * ms - 1));
  EXPECT_EQ(breaker.admit(10 * ms - 1), Permit::refused);
  EXPECT_EQ(breaker.state(10 * ms), State::half_open);
}

TEST(Breaker, LetsOneProbePass) {
  Breaker breaker({1, 10});
  call(breaker, Outcome::failure, 0);
  EXPECT_TRUE(breaker.available(10 * ms));
  const auto probe = breaker.admit(10 * ms);
  EXPECT_EQ(probe, Permit::probe);
  EXPECT_FALSE(breaker.available(10 * ms));
  EXPECT_EQ(breaker.admit(10 * ms), Permit::refused);
  breaker.report(probe, Outcome::failure, 12 * ms);
  EXPECT_EQ(breaker.state(21 * ms), State::open);
  // A probe whose client left says nothing: the next one may try.
  const auto second = breaker.admit(22 * ms);
  EXPECT_EQ(second, Permit::probe);
  breaker.report(second, Outcome::unknown, 23 * ms);
  const auto third = breaker.admit(23 * ms);
  EXPECT_EQ(third, Permit::probe);
  breaker.report(third, Outcome::success, 24 * ms);
  EXPECT_EQ(breaker.state(24 * ms), State::closed);
  EXPECT_EQ(breaker.admit(24 * ms), Permit::normal);
}

TEST(Breaker, IsNotClosedByACallFromBefore) {
  Breaker breaker({1, 10});
  const auto early = breaker.admit(0);
  call(breaker, Outcome::failure, 1 * ms);
  breaker.report(early, Outcome::success, 2 * ms);
  EXPECT_EQ(breaker.state(2 * ms), State::open);
}

}  // namespace
}  // namespace menshen::transport
