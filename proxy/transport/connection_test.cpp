// What an upstream is given beside its URL: fixed headers, a proxy, and which of it is a secret.
#include "proxy/transport/testing.h"
#include "proxy/transport/thread_upstreams.h"
#include "proxy/transport/upstream_call.h"
#include "proxy/transport/upstream_set.h"

#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::transport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

config::FixedHeader header(std::string name, std::string value, bool secret = false) {
  return {std::move(name), config::Secret(std::move(value)), secret};
}

std::string head_for(const config::Upstream& options, const http::Headers& headers) {
  const Upstream upstream(0, options, std::make_shared<UpstreamCounts>(), {});
  const pipeline::UpstreamRequest request{"POST", "/v1/chat", &headers, "body", false};
  return write_request_head(upstream, protocol::likely_adapter({}), request);
}

TEST(FixedHeaders, StandInThePlaceOfTheClients) {
  auto options = testing::upstream_at(9);
  options.headers = {header("x-project", "risk"), header("user-agent", "corp/1 (gateway)")};
  const std::string head =
      head_for(options, {{"x-project", "mine"}, {"x-other", "kept"}, {"user-agent", "menshen/1"}});
  EXPECT_THAT(head, HasSubstr("\r\nx-project: risk\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nuser-agent: corp/1 (gateway)\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nx-other: kept\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("mine")));
  EXPECT_THAT(head, Not(HasSubstr("menshen/1")));
}

TEST(FixedHeaders, WithoutThemTheHeadIsAsItWas) {
  const auto options = testing::upstream_at(9);
  EXPECT_EQ(head_for(options, {{"x-a", "1"}}),
            "POST /v1/chat HTTP/1.1\r\nhost: 127.0.0.1:9\r\naccept-encoding: identity\r\n"
            "content-length: 4\r\nx-a: 1\r\n\r\n");
}

TEST(Secrets, AreAllThatNoAnswerMayRepeat) {
  auto options = testing::upstream_at(9);
  EXPECT_THAT(Upstream(0, options, std::make_shared<UpstreamCounts>(), {}).secrets, IsEmpty());
  options.credential = config::Secret("core-key");
  options.headers = {header("x-project", "risk"), header("x-token", "t0ken t0ken", true)};
  options.proxy = config::ProxyServer{"proxy", 3128, config::Secret("user:password")};
  const Upstream upstream(0, options, std::make_shared<UpstreamCounts>(), {});
  EXPECT_THAT(upstream.secrets,
              ElementsAre("core-key", "t0ken t0ken", "user:password", "dXNlcjpwYXNzd29yZA=="));
  EXPECT_EQ(upstream.target.proxy->authorization, "Basic dXNlcjpwYXNzd29yZA==");
  const auto set = *UpstreamSet::create({options}, {testing::route_to({"*"}, {{0, 1, ""}})});
  core::Limits limits;
  asio::io_context io;
  net::Deadlines deadlines(io.get_executor(), std::chrono::milliseconds(5));
  ThreadUpstreams upstreams(io.get_executor(), limits, deadlines);
  std::vector<pipeline::Target> targets;
  const auto& adapter = protocol::likely_adapter({});
  ASSERT_TRUE(upstreams.route(set->table(), "m", adapter, targets));
  upstreams.listing_targets(set->table(), adapter, targets);
  ASSERT_EQ(targets.size(), 2U);
  for (const pipeline::Target& target : targets) EXPECT_EQ(target.secrets.size(), 4U);
}

TEST(Reloads, KeepAnUpstreamWhoseConnectionIsTheSameAlone) {
  auto options = testing::upstream_at(9);
  options.headers = {header("x-token", "t0ken", true)};
  options.proxy = config::ProxyServer{"proxy", 3128, config::Secret("user:password")};
  const std::vector<config::Route> routes{testing::route_to({"*"}, {{0, 1, ""}})};
  const auto set = *UpstreamSet::create({options}, routes);
  const auto kept = [&](const config::Upstream& changed) {
    return (*set->make({changed}, routes))->upstreams[0] == set->table()->upstreams[0];
  };
  EXPECT_TRUE(kept(options));
  auto other = options;
  other.headers[0].value = config::Secret("another");
  EXPECT_FALSE(kept(other));
  other = options;
  other.proxy->credential = config::Secret("user:other");
  EXPECT_FALSE(kept(other));
  other = options;
  other.proxy.reset();
  EXPECT_FALSE(kept(other));
}

}  // namespace
}  // namespace menshen::transport
