// A service that says for which person it calls.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

namespace menshen::pipeline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class EndUser : public GatewayTest {
 protected:
  const FakeClient& ask_for(std::string user, std::string key = "portal",
                            std::string path = "/v1/chat/completions") {
    more_headers_ = {{"x-menshen-user", std::move(user)}};
    journal_.records.clear();
    log_.clear();
    return ask(chat("Hi"), std::move(path), "POST", std::move(key));
  }
  std::string error_of(const FakeClient& client, std::string_view field = "code") const {
    return Json::parse(client.received)["error"][std::string(field)].get<std::string>();
  }
};

TEST_F(EndUser, IsTheSubjectAndTheServiceIsItsActor) {
  answer({.pieces = {chat_answer("Hello")}});
  for (const std::string user : {"zhang.san@corp.example", "张三", "a b"}) {
    EXPECT_EQ(ask_for(user).sent_head.status, 200U);
    ASSERT_EQ(journal_.records.size(), 2U);
    for (const audit::Record& record : journal_.records) {  // intent and outcome
      EXPECT_EQ(record.subject, user);
      EXPECT_EQ(record.subject_kind, "user");
      EXPECT_EQ(record.actor, "portal");
      EXPECT_EQ(record.credential, "key2");
      EXPECT_EQ(record.application, "reception");
      EXPECT_THAT(record.groups, ElementsAre("staff"));
    }
  }
}

TEST_F(EndUser, WithoutTheHeaderTheServiceCallsForItself) {
  answer({.pieces = {chat_answer("Hello")}});
  EXPECT_EQ(ask(chat("Hi"), "/v1/chat/completions", "POST", "portal").sent_head.status, 200U);
  EXPECT_EQ(outcome().subject, "portal");
  EXPECT_EQ(outcome().subject_kind, "service");
  EXPECT_EQ(outcome().actor, "");
}

TEST_F(EndUser, IsWhomTheAccessRulesMean) {
  policy_ = policy_from(R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny}
access:
  - {id: staff, effect: allow, who: {groups: [staff]}}
  - {id: not-zhang, effect: deny, who: {users: [张三]}, reason: Not Zhang.}
  - {id: not-alone, effect: deny, who: {kinds: [service]}, reason: Name a user.}
  - {id: bosses, effect: deny, who: {groups: [staff], users: [portal]}, reason: Not the portal.}
)");
  answer({.pieces = {chat_answer("Hello")}});
  EXPECT_EQ(ask_for("李四").sent_head.status, 200U);
  EXPECT_EQ(error_of(ask_for("张三"), "message"), "Not Zhang.");
  EXPECT_EQ(outcome().error, "access_denied");
  more_headers_.clear();
  EXPECT_EQ(ask(chat("Hi"), "/v1/chat/completions", "POST", "portal").sent_head.status, 403U);
}

TEST_F(EndUser, IsRefusedToAKeyWithoutTheRight) {
  const FakeClient& client = ask_for("zhang.san", "good");
  EXPECT_EQ(client.sent_head.status, 403U);
  EXPECT_EQ(error_of(client), "end_user_not_allowed");
  EXPECT_EQ(error_of(client, "param"), "x-menshen-user");
  EXPECT_THAT(client.received, Not(HasSubstr("zhang")));
  EXPECT_THAT(log_, ElementsAre("outcome", "send"));  // of a known caller: a record of its own
  EXPECT_EQ(outcome().subject, "alice");
  EXPECT_EQ(outcome().actor, "");
  EXPECT_EQ(outcome().decision, "deny");
  EXPECT_THAT(audit::canonical(outcome(), 0), Not(HasSubstr("zhang")));
}

TEST_F(EndUser, AMalformedNameIsRefusedWithItsPlace) {
  for (const std::string& user :
       {std::string(), std::string("\u3000"), std::string(129, 'u'), std::string("a\tb"),
        std::string("a\x7f"), std::string("a\u0085b"), std::string("\xff"), std::string("\xe5\xbc"),
        std::string("zhang,li"), std::string("zhang\u00a0")}) {
    const FakeClient& client = ask_for(user);
    EXPECT_EQ(client.sent_head.status, 400U) << user;
    EXPECT_EQ(error_of(client), "invalid_end_user");
    EXPECT_EQ(error_of(client, "param"), "x-menshen-user");
    EXPECT_EQ(outcome().subject, "portal");
    EXPECT_EQ(outcome().actor, "");
    EXPECT_THAT(log_, ElementsAre("outcome", "send"));
  }
  answer({.pieces = {chat_answer("Hello")}});
  EXPECT_EQ(ask_for(std::string(128, 'u')).sent_head.status, 200U);
}

TEST_F(EndUser, OfAStrangerIsNobody) {
  const FakeClient& client = ask_for("zhang.san", "bad");
  EXPECT_EQ(error_of(client), "invalid_api_key");
  strangers_->flush();
  for (const audit::Record& record : journal_.records) {
    EXPECT_THAT(audit::canonical(record, 0), Not(HasSubstr("zhang")));
  }
}

TEST_F(EndUser, StandsInTheRecordOfARefusedPath) {
  EXPECT_EQ(error_of(ask_for("zhang.san", "portal", "/v1/nothing")), "unknown_path");
  EXPECT_EQ(outcome().subject, "zhang.san");
  EXPECT_EQ(outcome().actor, "portal");
}

TEST_F(EndUser, NeverReachesTheProvider) {
  answer({.pieces = {chat_answer("Hello")}});
  EXPECT_EQ(ask_for("zhang.san").sent_head.status, 200U);
  EXPECT_FALSE(find_header(upstreams_.seen_headers, "x-menshen-user"));
  for (const auto& [name, value] : upstreams_.seen_headers) {
    EXPECT_THAT(value, Not(HasSubstr("zhang"))) << name;
  }
  EXPECT_THAT(upstreams_.seen_body, Not(HasSubstr("zhang")));
}

}  // namespace
}  // namespace menshen::pipeline::testing
