#include "proxy/config/reload.h"

#include "proxy/config/limits_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace menshen::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Reload, WhatHoldsSocketsFilesAndThreadsNeedsARestart) {
  const struct {
    const char* key;
    std::function<void(Config&)> change;
  } changes[] = {
      {"listen", [](Config& c) { c.listen.address.port = 1; }},
      {"listen",
       [](Config& c) {
         c.listen.tls = Tls{"a.pem", "b.pem"};
       }},
      {"admin", [](Config& c) { c.admin.host = "::1"; }},
      {"store", [](Config& c) { c.store = "/elsewhere"; }},
      {"threads", [](Config& c) { c.threads += 1; }},
      {"audit", [](Config& c) { c.audit.publish = "heads"; }},
      {"privacy", [](Config& c) { c.privacy.rho_per_day *= 2; }},
      {"identity", [](Config& c) { c.identity.chain.clear(); }},
      {"log", [](Config& c) { c.log.level = LogLevel::debug; }},
  };
  for (const auto& [key, change] : changes) {
    const Config running;
    Config wanted;
    change(wanted);
    EXPECT_THAT(needs_restart(running, wanted), ElementsAre(key));
    EXPECT_THAT(needs_restart(running, reloaded(running, wanted)), IsEmpty()) << key;
  }
}

TEST(Reload, EachLimitNeedsARestart) {
  for (const LimitField& field : limit_fields()) {
    const Config running;
    Config wanted;
    std::visit([&](auto member) { wanted.limits.*member += 1; }, field.member);
    EXPECT_THAT(needs_restart(running, wanted), ElementsAre("limits." + std::string(field.name)));
  }
}

TEST(Reload, UpstreamsRoutesAndPolicyDoNot) {
  const Config running;
  Config wanted;
  wanted.policy = "/other/policy.yaml";
  wanted.upstreams.emplace_back().name = "core";
  wanted.routes.push_back({.models = {"*"}, .targets = {{0, 1, ""}}});
  EXPECT_THAT(needs_restart(running, wanted), IsEmpty());
  const Config next = reloaded(running, wanted);
  EXPECT_EQ(next.policy, "/other/policy.yaml");
  ASSERT_EQ(next.upstreams.size(), 1U);
  EXPECT_EQ(next.upstreams[0].name, "core");
  ASSERT_EQ(next.routes.size(), 1U);
}

}  // namespace
}  // namespace menshen::config
