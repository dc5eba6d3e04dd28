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
      {"listen.address", [](Config& c) { c.listen.address.port = 1; }},
      {"listen.tls", [](Config& c) { c.listen.tls.reset(); }},
      {"listen.tls.certificate", [](Config& c) { c.listen.tls->certificate = "c.pem"; }},
      {"listen.tls.key", [](Config& c) { c.listen.tls->key = "c.pem"; }},
      {"listen.tls.min_version", [](Config& c) { c.listen.tls->min_version = TlsVersion::tls1_3; }},
      {"admin.address", [](Config& c) { c.admin.address.host = "::1"; }},
      {"admin.token", [](Config& c) { c.admin.token = Secret("0123456789abcdef"); }},
      {"store.path", [](Config& c) { c.store = "/elsewhere"; }},
      {"threads", [](Config& c) { c.threads += 1; }},
      {"audit.origin", [](Config& c) { c.audit.origin = "other"; }},
      {"audit.publish", [](Config& c) { c.audit.publish = "heads"; }},
      {"audit.publish_url", [](Config& c) { c.audit.publish_url = PublishUrl{}; }},
      {"audit.witnesses", [](Config& c) { c.audit.witnesses.emplace_back(); }},
      {"audit.quorum", [](Config& c) { c.audit.quorum = 7; }},
      {"audit.token", [](Config& c) { c.audit.token = LogToken{}; }},
      {"identity.chain", [](Config& c) { c.identity.chain.clear(); }},
      {"log.format", [](Config& c) { c.log.format = LogFormat::text; }},
      {"log.file", [](Config& c) { c.log.file = "log"; }},
  };
  for (const auto& [key, change] : changes) {
    Config running;
    running.listen.tls = Tls{"a.pem", "b.pem"};
    Config wanted = running;
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

TEST(Reload, UpstreamsRoutesPolicyPrivacyAndTheLogsLevelDoNot) {
  const Config running;
  Config wanted;
  wanted.policy = "/other/policy.yaml";
  wanted.upstreams.emplace_back().name = "core";
  wanted.routes.push_back({.models = {"*"}, .targets = {{0, 1, ""}}});
  wanted.privacy.rho_per_day = 1;
  wanted.log.level = LogLevel::debug;
  EXPECT_THAT(needs_restart(running, wanted), IsEmpty());
  const Config next = reloaded(running, wanted);
  EXPECT_EQ(next.policy, "/other/policy.yaml");
  ASSERT_EQ(next.upstreams.size(), 1U);
  EXPECT_EQ(next.upstreams[0].name, "core");
  ASSERT_EQ(next.routes.size(), 1U);
  EXPECT_EQ(next.privacy.rho_per_day, 1);
  EXPECT_EQ(next.log.level, LogLevel::debug);
}

}  // namespace
}  // namespace menshen::config
