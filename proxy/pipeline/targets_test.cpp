// Rules by zone: judged for every target, whatever the balancer's order.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace menshen::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using namespace testing;

const std::vector<Target> both_zones{{0, "inside", "internal", ""}, {1, "outside", "public", ""}};

std::string with_access(std::string_view access) {
  return "apiVersion: menshen/v1\nkind: PolicySet\nmetadata: {name: test}\naccess:\n" +
         std::string(access);
}

TEST_F(GatewayTest, ATargetThatAContentRuleDeniesDropsOutInEveryOrder) {
  for (const bool reversed : {false, true}) {
    upstreams_.targets = both_zones;
    if (reversed) std::ranges::reverse(upstreams_.targets);
    upstreams_.answers = {{.pieces = {chat_answer("Hello")}}};
    EXPECT_EQ(ask(chat("call 13800138000")).sent_head.status, 200U);
    EXPECT_EQ(outcome().zone, "internal");
    EXPECT_EQ(outcome().decision, "allow");
    EXPECT_THAT(outcome().targets_denied, ElementsAre("outside: outside"));
  }
  EXPECT_EQ(upstreams_.calls, 2U);
}

TEST_F(GatewayTest, AnExchangeIsRefusedWhenNoTargetIsLeft) {
  const std::string secret =
      "-----BEGIN RSA PRIVATE KEY-----\n"
      "MIIEowIBAAKCAQEA7bq0k5VvXk3yX2s9J8cQx1nq3o5l2J8dZ7h1m3t4\n"
      "-----END RSA PRIVATE KEY-----";
  std::string told;
  for (const bool reversed : {false, true}) {
    upstreams_.targets = both_zones;
    if (reversed) std::ranges::reverse(upstreams_.targets);
    log_.clear();
    EXPECT_EQ(ask(chat(secret)).sent_head.status, 403U);
    EXPECT_THAT(log_, ElementsAre("outcome", "send"));
    EXPECT_EQ(outcome().decision, "deny");
    EXPECT_THAT(outcome().targets_denied, UnorderedElementsAre("inside: keys", "outside: keys"));
    const std::string message = Json::parse(client_->received)["error"]["message"];
    EXPECT_TRUE(told.empty() || told == message) << message;
    told = message;
  }
}

// The target that the rules allow is ill: that is no refusal.
TEST_F(GatewayTest, ARefusalDoesNotDependOnWhoIsIll) {
  const auto by_content = policy_;
  const auto by_access =
      policy_from(with_access("  - {id: in, effect: allow, what: {zones: [internal]}}\n"));
  for (const auto& policy : {by_content, by_access}) {
    policy_ = policy;
    upstreams_.targets = both_zones;
    upstreams_.targets[0].available = false;
    std::ranges::reverse(upstreams_.targets);  // as the transport has them: the ill ones at the end
    EXPECT_EQ(ask(chat("call 13800138000")).sent_head.status, 503U);
    EXPECT_EQ(outcome().error, "no_healthy_upstream");
    EXPECT_EQ(outcome().decision, "error");
    EXPECT_EQ(outcome().targets_denied.size(), 1U);
  }
  EXPECT_EQ(upstreams_.calls, 0U);
  policy_ = by_content;
  for (Target& target : upstreams_.targets) target.available = false;
  EXPECT_EQ(ask(chat("-----BEGIN RSA PRIVATE KEY-----\n"
                     "MIIEowIBAAKCAQEA7bq0k5VvXk3yX2s9J8cQx1nq3o5l2J8dZ7h1m3t4\n"
                     "-----END RSA PRIVATE KEY-----"))
                .sent_head.status,
            403U);
}

TEST_F(GatewayTest, ATargetThatAnAccessRuleDeniesDropsOutAndTheRecordSaysSo) {
  policy_ = policy_from(
      with_access("  - {id: in, effect: allow, what: {zones: [internal]}}\n"
                  "  - {id: out, effect: allow, what: {zones: [public]}}\n"
                  "  - {id: no-m, effect: deny, what: {zones: [public], models: [m]}}\n"));
  for (const bool reversed : {false, true}) {
    upstreams_.targets = both_zones;
    if (reversed) std::ranges::reverse(upstreams_.targets);
    upstreams_.answers = {{.pieces = {chat_answer("Hello")}}};
    EXPECT_EQ(ask(chat("Hi")).sent_head.status, 200U);
    EXPECT_EQ(outcome().zone, "internal");
    EXPECT_EQ(outcome().access_rule, "in");
    EXPECT_THAT(outcome().targets_denied, ElementsAre("outside: no-m"));
  }
}

TEST_F(GatewayTest, TheRecordNamesTheAccessRuleOfTheZoneThatAnswers) {
  policy_ =
      policy_from(with_access("  - {id: in, effect: allow, what: {zones: [internal]}}\n"
                              "  - {id: out, effect: allow, what: {zones: [public]}}\n"));
  upstreams_.targets = both_zones;
  upstreams_.retry_count = 1;
  upstreams_.answers = {
      {.refuses = core::provider_error(core::ErrorKind::bad_upstream, "connect_failed", "No."),
       .delivered = false},
      {.pieces = {chat_answer("Hello")}}};
  EXPECT_EQ(ask(chat("Hi")).sent_head.status, 200U);
  ASSERT_EQ(journal_.records.size(), 3U);
  EXPECT_EQ(journal_.records[0].access_rule, "in");
  EXPECT_EQ(journal_.records[1].access_rule, "out");
  EXPECT_EQ(outcome().access_rule, "out");
  EXPECT_THAT(outcome().targets_denied, IsEmpty());
}

TEST_F(GatewayTest, ADenyOfAModelIsNotDodgedByItsSpelling) {
  for (const std::string model : {" secret-1", "SECRET-1", "Secret-1\\n", "\\u00a0secret-1"}) {
    EXPECT_EQ(ask("{\"model\":\"" + model + "\",\"messages\":[]}").sent_head.status, 403U) << model;
    EXPECT_EQ(outcome().access_rule, "not-secret");
  }
  EXPECT_EQ(upstreams_.calls, 0U);
}

}  // namespace
}  // namespace menshen::pipeline
