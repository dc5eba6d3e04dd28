// Attempts at providers: how many requests they get, an intent for each, and the time of all; and
// the gateway's own credential, which no answer may repeat.
#include "proxy/pipeline/gateway.h"

#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace menshen::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace testing;

constexpr std::string_view no_content_rules = R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny}
access:
  - {id: staff, effect: allow, who: {groups: [staff]}}
)";

const core::Error cut_off =
    core::provider_error(core::ErrorKind::bad_upstream, "upstream_closed", "It closed.");

class Attempts : public GatewayTest {
 protected:
  Attempts() { policy_ = policy_from(no_content_rules); }
  FakeClient& ask_chat(bool stream = false) { return ask(chat("Hi", stream)); }
};

TEST_F(Attempts, ARequestThatMayHaveArrivedIsNotDeliveredAgain) {
  upstreams_.targets = {{0, "east", "internal", ""}, {1, "west", "internal", ""}};
  upstreams_.retry_count = 3;
  upstreams_.answers = {{.refuses = cut_off}};
  EXPECT_EQ(ask_chat().sent_head.status, 502U);
  EXPECT_EQ(upstreams_.deliveries, 1U);
  EXPECT_THAT(log_, ElementsAre("intent", "call east", "outcome", "send"));
  EXPECT_EQ(outcome().attempts, 1U);
}

TEST_F(Attempts, AnOutcomeDoesNotRepeatTheLastIntent) {
  upstreams_.retry_count = 1;
  upstreams_.answers = {{.refuses = cut_off, .delivered = false},
                        {.pieces = {chat_answer("Hello")}}};
  ask_chat();
  ASSERT_EQ(journal_.records.size(), 3U);
  EXPECT_EQ(outcome().intent, 2U);  // as the journal has numbered it
  const std::string intent = canonical(journal_.records[1], 2);
  for (const char* name : {"access_rule", "attempts", "client", "model", "policy", "subject"}) {
    const std::string field = '"' + std::string(name) + "\":";
    EXPECT_THAT(canonical(outcome(), 3), Not(HasSubstr(field)));
    EXPECT_THAT(intent, HasSubstr(field));
  }
  EXPECT_THAT(intent, Not(HasSubstr(policy_->version())));
  EXPECT_THAT(intent, HasSubstr('"' + policy_->version().substr(0, 16) + '"'));

  // Of a call of which no byte can have left there is nothing to refer to.
  upstreams_.answers = {{.refuses = cut_off, .delivered = false}};
  ask_chat();
  EXPECT_EQ(outcome().intent, 0U);
  EXPECT_THAT(canonical(outcome(), 5), HasSubstr(R"("subject":)"));
}

TEST_F(Attempts, ARequestThatDidNotArriveIsTriedAgainWithAnIntentOfItsOwn) {
  upstreams_.retry_count = 2;
  upstreams_.answers = {{.refuses = cut_off, .delivered = false},
                        {.refuses = cut_off, .delivered = false},
                        {.pieces = {chat_answer("Hello")}}};
  EXPECT_EQ(ask_chat().sent_head.status, 200U);
  EXPECT_EQ(upstreams_.deliveries, 1U);
  EXPECT_THAT(log_, ElementsAre("intent", "call core", "intent", "call core", "intent", "call core",
                                "outcome", "send"));
  EXPECT_EQ(journal_.records[1].attempts, 2U);
  EXPECT_EQ(outcome().attempts, 3U);
}

TEST_F(Attempts, TheObserverHearsOfTheRouteAndTheUpstreamOfRetries) {
  upstreams_.targets = {{.name = "core", .zone = "internal", .model = "m", .route = "m-*"}};
  upstreams_.retry_count = 2;
  upstreams_.answers = {{.refuses = cut_off, .delivered = false},
                        {.refuses = cut_off, .delivered = false},
                        {.pieces = {chat_answer("Hello")}}};
  EXPECT_EQ(ask_chat().sent_head.status, 200U);
  EXPECT_EQ(upstreams_.calls, 3U);
  EXPECT_EQ(upstreams_.retried, 2U);
  EXPECT_EQ(observer_.route, "m-*");
}

TEST_F(Attempts, ARouteMayAskForDeliveryAfterAnyFailure) {
  upstreams_.targets = {{.name = "core", .zone = "internal", .model = "m", .retry_always = true}};
  upstreams_.retry_count = 1;
  upstreams_.answers = {{.refuses = cut_off}, {.pieces = {chat_answer("Hello")}}};
  EXPECT_EQ(ask_chat().sent_head.status, 200U);
  EXPECT_EQ(upstreams_.deliveries, 2U);
  EXPECT_THAT(log_, ElementsAre("intent", "call core", "intent", "call core", "outcome", "send"));
}

TEST_F(Attempts, ACompleteRefusalMayGoToAnotherUpstream) {
  for (const unsigned status : {429U, 503U, 500U, 502U, 504U}) {
    log_.clear();
    upstreams_.calls = upstreams_.deliveries = 0;
    upstreams_.targets = {{0, "east", "internal", ""}, {1, "west", "internal", ""}};
    upstreams_.retry_count = 1;
    upstreams_.answers = {{.status = status, .pieces = {R"({"error":{"message":"Busy."}})"}},
                          {.pieces = {chat_answer("Hello")}}};
    const bool again = status == 429 || status == 503;
    EXPECT_EQ(ask_chat().sent_head.status, again ? 200U : status);
    EXPECT_EQ(upstreams_.deliveries, again ? 2U : 1U);
    EXPECT_EQ(std::ranges::count(log_, "intent"), again ? 2 : 1) << status;
  }
}

// What the provider said of when to come back is worth more than that another was out of reach.
TEST_F(Attempts, ARefusalIsToldWhenNobodyElseAnswers) {
  upstreams_.targets = {{0, "east", "internal", "m"}, {1, "west", "internal", "m"}};
  upstreams_.retry_count = 1;
  const std::string body = R"({"error":{"message":"Busy.","code":"busy"}})";
  upstreams_.answers = {{.status = 429, .pieces = {body}, .more_headers = {{"retry-after", "7"}}},
                        {.refuses = cut_off, .delivered = false}};
  EXPECT_EQ(ask_chat().sent_head.status, 429U);
  EXPECT_EQ(client_->header("retry-after"), "7");
  EXPECT_EQ(client_->received, body);
  EXPECT_EQ(outcome().upstream, "east");
  EXPECT_EQ(outcome().upstream_status, 429U);
  EXPECT_EQ(outcome().attempts, 2U);
  EXPECT_EQ(journal_.records[1].upstream, "west");
}

TEST_F(Attempts, ARefusalThatIsToldIsRecordedAsOfItsUpstream) {
  policy_ = policy_from(std::string(no_content_rules) + R"(
content:
  - {id: mails, find: {types: [email]}, what: {zones: [public]}, then: {action: redact}}
)");
  upstreams_.targets = {{0, "east", "internal", "m"}, {1, "west", "public", "m"}};
  upstreams_.retry_count = 1;
  const auto ask_both = [&](std::vector<ScriptedAnswer> answers) {
    upstreams_.calls = 0;
    journal_.records.clear();
    upstreams_.answers = std::move(answers);
    ask(chat("Mail zhang.san@corp.example"));
  };
  ask_both({{.status = 429, .pieces = {"{}"}}, {.refuses = cut_off, .delivered = false}});
  EXPECT_EQ(journal_.records.at(1).upstream, "west");
  EXPECT_EQ(journal_.records[1].upstream_status, 0U);
  EXPECT_NE(journal_.records[1].forwarded_commitment, journal_.records[0].forwarded_commitment);
  EXPECT_EQ(outcome().upstream, "east");
  EXPECT_EQ(outcome().forwarded_commitment, journal_.records[0].forwarded_commitment);
  EXPECT_EQ(outcome().decision, "allow");
  EXPECT_EQ(outcome().findings_request.at(0).action, "");
  EXPECT_EQ(client_->header("x-menshen-decision"), "allow");
}

TEST_F(Attempts, TheRecordHasTheStatusOfTheUpstreamThatItNames) {
  upstreams_.targets = {{0, "east", "internal", "m"}, {1, "west", "internal", "m"}};
  upstreams_.retry_count = 1;
  upstreams_.answers = {{.status = 503, .pieces = {std::string(9, ' ')}, .breaks = cut_off}};
  EXPECT_EQ(ask_chat().sent_head.status, 502U);
  EXPECT_EQ(outcome().upstream_status, 503U);
  upstreams_.targets = {{0, "east", "internal", "m", nullptr, {}, {}, true},
                        {1, "west", "internal", "m"}};
  upstreams_.calls = 0;
  upstreams_.answers = {{.status = 503, .pieces = {"{"}, .breaks = cut_off},
                        {.refuses = cut_off, .delivered = false}};
  EXPECT_EQ(ask_chat().sent_head.status, 502U);
  EXPECT_EQ(outcome().upstream, "west");
  EXPECT_EQ(outcome().upstream_status, 0U);
}

TEST_F(Attempts, ARefusalThatBreaksOffGoesNowhere) {
  upstreams_.targets = {{0, "east", "internal", ""}, {1, "west", "internal", ""}};
  upstreams_.retry_count = 1;
  upstreams_.answers = {{.status = 503, .pieces = {"{"}, .breaks = cut_off}};
  EXPECT_EQ(ask_chat().sent_head.status, 502U);
  EXPECT_EQ(upstreams_.deliveries, 1U);
}

TEST_F(Attempts, ARefusalIsReadUpToABoundBeforeItIsThrownAway) {
  upstreams_.targets = {{0, "east", "internal", ""}, {1, "west", "internal", ""}};
  upstreams_.retry_count = 1;
  for (const std::size_t more : {0U, 1U}) {
    upstreams_.calls = 0;
    const std::string refusal(core::discarded_answer_bytes_max + more, ' ');
    upstreams_.answers = {{.status = 503, .pieces = {refusal}}, {.pieces = {chat_answer("Hello")}}};
    EXPECT_EQ(ask_chat().sent_head.status, more == 0 ? 200U : 503U);
    EXPECT_EQ(upstreams_.calls, more == 0 ? 2U : 1U);
  }
  EXPECT_EQ(outcome().error, "bad_upstream_body");
}

TEST_F(Attempts, HaveTheTimeOfTheExchangeTogether) {
  upstreams_.answers = {{.refuses = cut_off, .delivered = false}};
  upstreams_.retry_count = 3;
  services_.limits.exchange_timeout_ms = 0;  // it is over when the first attempt has failed
  EXPECT_EQ(ask_chat().sent_head.status, 504U);
  EXPECT_EQ(upstreams_.calls, 1U);
  EXPECT_EQ(outcome().error, "exchange_timeout");
  EXPECT_EQ(upstreams_.seen_deadline_ns, client_->head().received_ns);
}

TEST_F(Attempts, MayTakeAllOfTheExchangesTimeAndNoMore) {
  MovingClock clock;
  services_.clock = &clock;
  services_.limits.exchange_timeout_ms = 1'000;
  upstreams_.answers = {{.pieces = {chat_answer("Hello")}}};
  for (const std::int64_t ms : {1'000, 1'001}) {
    upstreams_.during_call = [&] { clock.now += 1'000'000 * ms; };
    EXPECT_EQ(ask_chat().sent_head.status, ms == 1'000 ? 200U : 504U);
    EXPECT_EQ(outcome().error, ms == 1'000 ? "" : "exchange_timeout");
  }
}

TEST_F(Attempts, AStreamsEndIsToldToTheTransport) {
  const std::string stream = chat_stream({{0, Field::content, "Hello"}});
  std::optional<bool> concluded;
  upstreams_.answers = {{.type = "text/event-stream", .pieces = {stream}, .concluded = &concluded}};
  ask_chat(true);
  EXPECT_EQ(concluded, true);
  concluded.reset();
  upstreams_.answers = {{.type = "text/event-stream",
                         .pieces = {stream.substr(0, stream.size() / 2)},
                         .concluded = &concluded}};
  ask_chat(true);
  EXPECT_EQ(concluded, false);
}

TEST_F(Attempts, AnAnswerThatIsNoneIsToldToTheTransport) {
  std::string told;
  const auto of = [&](ScriptedAnswer answer) {
    told.clear();
    answer.misanswered = &told;
    upstreams_.answers = {std::move(answer)};
    ask_chat();
    return told;
  };
  EXPECT_EQ(of({.pieces = {chat_answer("Hello")}}), "");
  EXPECT_EQ(of({.type = "text/html", .pieces = {"<p>"}}), "bad_upstream_body");
  EXPECT_EQ(of({.pieces = {"[]"}}), "bad_upstream_body");
  EXPECT_EQ(of({.pieces = {R"({"a":1,"a":2})"}}), "bad_upstream_body");
  services_.limits.response_body_bytes_max = 10;
  EXPECT_EQ(of({.pieces = {chat_answer("Hello")}}), "answer_too_large");
  services_.limits.response_body_bytes_max = core::Limits{}.response_body_bytes_max;
  EXPECT_EQ(of({.status = 500, .type = "text/html", .pieces = {"<p>"}}), "");
  EXPECT_EQ(of({.pieces = {chat_answer("Use AKIAIOSFODNN7QZ4RTUV")}}), "");
}

TEST_F(Attempts, BodiesOfAnswersAreBoundedTogetherAtTheBoundAndPastIt) {
  const std::string body = chat_answer("Hello");
  for (const std::size_t room : {body.size(), body.size() - 1}) {
    core::ByteBudget bodies(room);  // bodies_bytes_max
    services_.bodies = &bodies;
    upstreams_.answers = {{.pieces = {body}}};
    EXPECT_EQ(ask_chat().sent_head.status, room == body.size() ? 200U : 503U);
    EXPECT_EQ(client_->header("retry-after"), room == body.size() ? "" : "1");
    EXPECT_EQ(bodies.used(), 0U);
  }
  EXPECT_EQ(outcome().error, "bodies_full");
  core::ByteBudget none(0);
  services_.bodies = &none;
  upstreams_.answers = {
      {.type = "text/event-stream", .pieces = {chat_stream({{0, Field::content, "Hello"}})}}};
  EXPECT_THAT(ask_chat(true).received, HasSubstr("[DONE]"));  // streams are not buffered
}

// --- The gateway's own credential

constexpr std::string_view credential = "core-key/41=~x";

class Credential : public Attempts {
 protected:
  Credential() { tell(credential); }
  void tell(std::string_view text) { tell_all({std::string(text)}); }
  void tell_all(std::vector<std::string> texts) {
    secrets_ = std::move(texts);
    upstreams_.targets = {{.upstream = next_++,
                           .name = "core",
                           .zone = "internal",
                           .model = "m",
                           .secrets = secrets_}};
  }
  void expect_untold(std::string_view text) {
    EXPECT_THAT(client_->received, Not(HasSubstr(text)));
    for (const auto& [name, value] : client_->sent_head.headers) {
      EXPECT_THAT(value, Not(HasSubstr(text))) << name;
    }
    for (const audit::Record& record : journal_.records) {
      EXPECT_THAT(record.error + record.note + record.upstream_model, Not(HasSubstr(text)));
    }
  }
  std::vector<std::string> secrets_;
  std::uint32_t next_ = 0;
};

TEST_F(Credential, LeavesNoAnswerWhateverThePolicySays) {
  upstreams_.answers = {{.pieces = {chat_answer("You sent core-key/41=~x, thanks.")}}};
  EXPECT_EQ(ask_chat().sent_head.status, 200U);
  EXPECT_THAT(client_->received, HasSubstr("You sent [PROVIDER_CREDENTIAL], thanks."));
  expect_untold(credential);
  ASSERT_EQ(outcome().findings_response.size(), 1U);
  EXPECT_EQ(outcome().findings_response[0].type, "provider_credential");
  EXPECT_EQ(outcome().findings_response[0].action, "redact");
}

// Nor in what nobody can read.
TEST_F(Credential, LeavesNoCiphertext) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string data;
  for (std::uint64_t state = 1; data.size() < 1024;) {
    state = state * 6364136223846793005 + 1442695040888963407;
    data.push_back(letters[(state >> 40U) % letters.size()]);
  }
  tell("Core/Key41xyz");
  data.replace(700, 13, "Core/Key41xyz");
  upstreams_.answers = {
      {.pieces = {R"({"output":[{"type":"reasoning","encrypted_content":")" + data + "\"}]}"}}};
  ask(R"({"model":"m","input":"hi"})", "/v1/responses");
  expect_untold("Core/Key41xyz");
  ASSERT_EQ(outcome().findings_response.size(), 1U);
  EXPECT_EQ(outcome().findings_response[0].type, "provider_credential");
  EXPECT_EQ(outcome().findings_response[0].action, "redact");
  EXPECT_EQ(outcome().findings_response[0].count, 1U);
}

TEST_F(Credential, LeavesNoErrorAndNoEscapeOfIt) {
  upstreams_.answers = {
      {.status = 400,
       .pieces = {R"({"error":{"message":"Bad key core\u002dkey\/41=~x.","code":"x"}})"}}};
  EXPECT_EQ(ask_chat().sent_head.status, 400U);
  EXPECT_THAT(client_->received, HasSubstr("Bad key [PROVIDER_CREDENTIAL]."));
}

TEST_F(Credential, AsAKeyRefusesTheAnswer) {
  Json answer = Json::parse(chat_answer("Hello"));
  answer[std::string(credential)] = 1;
  upstreams_.answers = {{.pieces = {answer.dump()}}};
  EXPECT_NE(ask_chat().sent_head.status, 200U);
  EXPECT_EQ(outcome().error, "content_refused");
  expect_untold(credential);
}

TEST_F(Credential, LeavesNoStreamAtAnyCut) {
  const std::string text = "It is core-key/41=~x, core-key/4";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    const std::string stream = chat_stream(
        {{0, Field::content, text.substr(0, cut)}, {0, Field::content, text.substr(cut)}});
    upstreams_.answers = {
        {.type = "text/event-stream",
         .pieces = {stream.substr(0, stream.size() / 2), stream.substr(stream.size() / 2)}}};
    ask_chat(true);
    const auto texts = texts_of(client_->received);
    EXPECT_EQ(texts.at({0, Field::content}), "It is [PROVIDER_CREDENTIAL], core-key/4")
        << "cut at " << cut;
  }
}

TEST_F(Credential, LeavesNoHeaderHoweverShort) {
  for (const std::string_view text : {std::string_view("req_1"), std::string_view("q")}) {
    tell(text);  // FakeCall answers with x-request-id: req_1
    upstreams_.answers = {{.pieces = {chat_answer("Hello")}}};
    EXPECT_EQ(ask_chat().header("x-request-id"), "");
  }
  tell("something else");
  EXPECT_EQ(ask_chat().header("x-request-id"), "req_1");
}

TEST_F(Credential, IsNotTheOnlySecret) {
  tell_all({"core-key/41=~x", "EMPTY", "a secret of a header"});
  upstreams_.answers = {
      {.pieces = {chat_answer("core-key/41=~x, EMPTY, and a secret of a header!")}}};
  EXPECT_THAT(ask_chat().received,
              HasSubstr("[PROVIDER_CREDENTIAL], EMPTY, and [PROVIDER_CREDENTIAL]!"));
  upstreams_.answers = {
      {.status = 400, .pieces = {R"({"error":{"message":"EMPTY a secret of a header"}})"}}};
  EXPECT_THAT(ask_chat().received, HasSubstr("[PROVIDER_CREDENTIAL] [PROVIDER_CREDENTIAL]"));
  tell_all({"core-key/41=~x", "req_1"});
  upstreams_.answers = {{.pieces = {chat_answer("Hello")}}};
  EXPECT_EQ(ask_chat().header("x-request-id"), "");
}

// As an ordinary word may be: answers keep it, errors do not.
TEST_F(Credential, OfFewBytesIsTakenOutOfErrorsAlone) {
  tell("EMPTY");
  upstreams_.answers = {{.pieces = {chat_answer("The set is EMPTY.")}}};
  EXPECT_THAT(ask_chat().received, HasSubstr("The set is EMPTY."));
  upstreams_.answers = {{.status = 400, .pieces = {R"({"error":{"message":"Key: EMPTY"}})"}}};
  EXPECT_THAT(ask_chat().received, Not(HasSubstr("EMPTY")));
  upstreams_.answers = {{.pieces = {chat_answer("Of eight bytes: 12345678")}}};
  tell("12345678");
  EXPECT_THAT(ask_chat().received, Not(HasSubstr("12345678")));
}

}  // namespace
}  // namespace menshen::pipeline
