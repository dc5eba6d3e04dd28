// The outcome says what happened, and nothing else: each field that could lie, however an exchange
// ends.
#include "core/digest.h"
#include "detectors/catalog.h"
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

namespace menshen::pipeline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const core::Error reset =
    core::provider_error(core::ErrorKind::bad_upstream, "upstream_reset", "Reset.");
const core::Error unreachable =
    core::provider_error(core::ErrorKind::bad_upstream, "connect_failed", "No.");

class RecordTest : public GatewayTest {
 protected:
  struct Expected {
    unsigned status = 200;
    unsigned error_status = 0;
    std::string error = "";
    std::string source = "";
    std::string decision = "allow";
    bool complete = true;
    std::string forwarded = "";  // the body; empty: nothing left for the provider
    std::string released = "";   // what the client was given of the answer
    std::string access_rule = "staff";
    std::string upstream = "core";
    unsigned upstream_status = 200;
  };
  void expect(const Expected& e) const {
    const audit::Record& r = outcome();
    EXPECT_EQ(r.status, e.status);
    EXPECT_EQ(r.error_status, e.error_status);
    EXPECT_EQ(r.error, e.error);
    EXPECT_EQ(r.error_source, e.source);
    EXPECT_EQ(r.decision, e.decision);
    EXPECT_EQ(r.complete, e.complete);
    EXPECT_EQ(r.forwarded_commitment, commitment_of(e.forwarded));
    EXPECT_EQ(r.released_commitment, commitment_of(e.released));
    EXPECT_EQ(r.response_bytes, e.released.size());
    EXPECT_EQ(r.access_rule, e.access_rule);
    EXPECT_EQ(r.upstream, e.upstream);
    EXPECT_EQ(r.upstream_status, e.upstream_status);
    EXPECT_EQ(r.catalog, policy_->catalog()->digest());
    EXPECT_EQ(r.detectors, "");
  }
  // With the exchange's salt; of nothing there is none.
  [[nodiscard]] std::string commitment_of(std::string_view bytes) const {
    if (bytes.empty()) return "";
    const core::Digest salt = core::hmac_sha256(journal_.commitment_key(), outcome().exchange);
    return core::to_base64url(core::as_text(core::sha256_joined({core::as_text(salt), bytes})));
  }
  // A stream of `texts`, each an event of its own, in pieces of one event.
  static std::vector<std::string> events(const std::vector<std::string>& texts) {
    std::vector<Delta> parts;
    for (const std::string& text : texts) parts.push_back({0, Field::content, text});
    const std::string stream = chat_stream(parts);
    std::vector<std::string> out;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t end = stream.find("\n\n", at) + 2;
      out.push_back(stream.substr(at, end - at));
      at = end;
    }
    return out;
  }
  void stream(std::vector<std::string> pieces, std::optional<core::Error> breaks = {}) {
    upstreams_.answers = {
        {.type = "text/event-stream", .pieces = std::move(pieces), .breaks = std::move(breaks)}};
    upstreams_.calls = 0;
  }
  // What stands before the gateway's own error event.
  static std::string before_error(const std::string& received) {
    return received.substr(0, received.rfind("data: {\"error\""));
  }
};

TEST_F(RecordTest, OfAWholeAnswer) {
  answer({.pieces = {chat_answer("Hello")}});
  ask(chat("Hi"));
  expect({.forwarded = chat("Hi"), .released = chat_answer("Hello")});
}

TEST_F(RecordTest, OfAWholeStream) {
  stream(events({"Good ", "morning "}));
  const FakeClient& client = ask(chat("Hi", true));
  expect({.forwarded = chat("Hi", true), .released = client.received});
  EXPECT_GT(outcome().first_byte_us, 0);
}

TEST_F(RecordTest, OfAClientThatIsGoneMidStream) {
  for (const int writes : {0, 1, 2}) {
    stream(events({"Good ", "morning ", "to you "}));
    gone_after_writes_ = writes;
    const FakeClient& client = ask(chat("Hi", true));
    EXPECT_EQ(client.received.empty(), writes == 0);
    EXPECT_EQ(outcome().first_byte_us == 0, writes == 0);
    expect({.status = 200,
            .error_status = 499,
            .error = "client_gone",
            .source = "client",
            .decision = "error",
            .complete = false,
            .forwarded = chat("Hi", true),
            .released = client.received});
  }
}

TEST_F(RecordTest, OfAClientThatIsGoneBeforeAnyByte) {
  upstreams_.answers = {
      {.refuses = core::provider_error(core::ErrorKind::cancelled, "cancelled", "Gone.")}};
  ask(chat("Hi"));
  expect({.status = 0,
          .error_status = 499,
          .error = "client_gone",
          .source = "client",
          .decision = "error",
          .complete = false,
          .forwarded = chat("Hi"),
          .upstream_status = 0});
}

TEST_F(RecordTest, OfAGatewayThatStopsMidStream) {
  stream(events({"Good ", "morning "}));
  gone_after_writes_ = 1;
  FakeClient& client = client_of(chat("Hi", true), "/v1/chat/completions", "POST", "good");
  client.is_cut_off = true;
  Gateway gateway(services_, upstreams_);
  asio::co_spawn(context_, gateway.handle(client), asio::detached);
  context_.restart();
  context_.run();
  expect({.status = 200,
          .error_status = 499,
          .error = "gateway_stopping",
          .source = "gateway",
          .decision = "error",
          .complete = false,
          .forwarded = chat("Hi", true),
          .released = client.received});
}

TEST_F(RecordTest, OfAProviderThatBreaksOffMidStream) {
  std::vector<std::string> pieces = events({"Good ", "morning ", "to you "});
  pieces.resize(2);
  stream(pieces, reset);
  const FakeClient& client = ask(chat("Hi", true));
  EXPECT_NE(before_error(client.received), "");
  expect({.status = 200,
          .error_status = 502,
          .error = "upstream_reset",
          .source = "provider",
          .decision = "error",
          .complete = false,
          .forwarded = chat("Hi", true),
          .released = before_error(client.received)});
}

TEST_F(RecordTest, OfAProviderThatBreaksOffBeforeAnythingIsReleased) {
  stream({}, reset);
  EXPECT_EQ(ask(chat("Hi", true)).sent_head.status, 502U);
  EXPECT_EQ(outcome().response_commitment, "");
  const std::string begun = "data: {\"cho";
  stream({begun}, reset);
  EXPECT_EQ(ask(chat("Hi", true)).sent_head.status, 502U);
  EXPECT_EQ(outcome().response_commitment, commitment_of(begun));
  expect({.status = 502,
          .error = "upstream_reset",
          .source = "provider",
          .decision = "error",
          .complete = false,
          .forwarded = chat("Hi", true)});
}

TEST_F(RecordTest, OfAnAnswerThatThePolicyRefuses) {
  const std::string key = "AKIAIOSFODNN7QZ4RTUV";
  answer({.pieces = {chat_answer("Use " + key)}});
  EXPECT_EQ(ask(chat("Hi")).sent_head.status, 403U);
  expect({.status = 403,
          .error = "content_refused",
          .source = "provider",
          .decision = "deny",
          .complete = false,
          .forwarded = chat("Hi")});

  stream(events({"Good ", "morning ", "use " + key + " "}));
  const FakeClient& client = ask(chat("Hi", true));
  EXPECT_NE(before_error(client.received), "");
  expect({.status = 200,
          .error_status = 403,
          .error = "content_refused",
          .source = "provider",
          .decision = "deny",
          .complete = false,
          .forwarded = chat("Hi", true),
          .released = before_error(client.received)});
}

TEST_F(RecordTest, OfFailover) {
  policy_ = policy_from(R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
access:
  - {id: in, effect: allow, what: {zones: [internal]}}
  - {id: out, effect: allow, what: {zones: [public]}}
content:
  - {id: outside, what: {zones: [public]}, find: {types: [email]}, then: {action: redact}}
)");
  upstreams_.targets = {{0, "inside", "internal", ""}, {1, "outside", "public", ""}};
  upstreams_.retry_count = 1;
  const ScriptedAnswer none{.refuses = unreachable, .delivered = false};
  const std::string said = chat("I am zhang.san@corp.example");
  upstreams_.answers = {none, {.pieces = {chat_answer("Hello")}}};
  ask(said);
  expect({.decision = "redact",
          .forwarded = chat("I am [EMAIL]"),
          .released = chat_answer("Hello"),
          .access_rule = "out",
          .upstream = "outside"});

  upstreams_.answers = {none, none};
  upstreams_.calls = 0;
  ask(said);
  expect({.status = 502,
          .error = "connect_failed",
          .source = "provider",
          .decision = "error",
          .complete = false,
          .access_rule = "out",
          .upstream = "outside",
          .upstream_status = 0});

  // What a refusal is told of when nobody else answers.
  const std::string busy = R"({"error":{"message":"busy"}})";
  upstreams_.answers = {{.status = 429, .pieces = {busy}}, none};
  upstreams_.calls = 0;
  EXPECT_EQ(ask(said).sent_head.status, 429U);
  expect({.status = 429,
          .forwarded = said,
          .released = busy,
          .access_rule = "in",
          .upstream = "inside",
          .upstream_status = 429});

  // The second one's intent cannot be written: what is said is of the first.
  upstreams_.answers = {none, none};
  upstreams_.calls = 0;
  upstreams_.during_call = [this] { journal_.fail_intents = true; };
  ask(said);
  EXPECT_EQ(outcome().error, "evidence_unavailable");
  EXPECT_EQ(outcome().access_rule, "in");
  EXPECT_EQ(outcome().upstream, "inside");
  EXPECT_EQ(outcome().attempts, 1U);
}

TEST_F(RecordTest, OfAProvidersErrorThatIsPassedOn) {
  const std::string body = R"({"error":{"message":"slow down"}})";
  for (const bool asked_for_stream : {false, true}) {
    upstreams_.answers = {{.status = 429, .pieces = {body}}};
    upstreams_.calls = 0;
    ask(chat("Hi", asked_for_stream));
    const audit::Record& r = outcome();
    EXPECT_EQ(r.status, 429U);
    EXPECT_EQ(r.error_status, 0U);
    EXPECT_TRUE(r.complete);
    EXPECT_EQ(r.response_bytes, body.size());
    EXPECT_EQ(r.released_commitment, commitment_of(body));
    EXPECT_EQ(r.upstream_status, 429U);
  }
  const std::string page = "<h1>busy</h1>";
  upstreams_.answers = {{.status = 503, .type = "text/html", .pieces = {page}}};
  upstreams_.calls = 0;
  const FakeClient& client = ask(chat("Hi"));
  EXPECT_EQ(outcome().response_commitment, commitment_of(page));
  expect({.status = 503,
          .error = "bad_upstream_body",
          .source = "provider",
          .complete = false,
          .forwarded = chat("Hi"),
          .released = client.received,
          .upstream_status = 503});
}

// The head has left with a ping, so the error is told in an event.
TEST_F(RecordTest, OfAProvidersErrorAfterAPing) {
  services_.limits.ping_interval_ms = 1;
  const std::string body = R"({"error":{"message":"slow down"}})";
  ScriptedAnswer slow{.status = 429, .pieces = {body}};
  slow.waits_until = [this] { return !client_->received.empty(); };
  upstreams_.answers = {slow};
  const FakeClient& client = ask(chat("Hi", true));
  EXPECT_EQ(client.sent_head.status, 200U);
  const std::string event = client.received.substr(client.received.find("data: "));
  expect({.status = 200,
          .error_status = 429,
          .forwarded = chat("Hi", true),
          .released = event,
          .upstream_status = 429});
}

TEST_F(RecordTest, OfAModelInWhoseNameSomethingIsFound) {
  const std::string name = "gpt-zhang.san@corp.example";
  const std::string body =
      Json{{"model", name}, {"messages", Json::array({{{"role", "user"}, {"content", "Hi"}}})}}
          .dump();
  for (const std::string& at_upstream : {std::string(), std::string("qwen3-8b")}) {
    upstreams_.targets = {{0, "core", "internal", at_upstream}};
    upstreams_.answers = {{.pieces = {chat_answer("Hello")}}};
    upstreams_.calls = 0;
    journal_.records.clear();
    EXPECT_EQ(ask(body).sent_head.status, 200U);
    EXPECT_EQ(journal_.records.size(), 2U);
    for (const audit::Record& r : journal_.records) {
      EXPECT_EQ(r.model, "(withheld)");
      EXPECT_EQ(r.upstream_model, at_upstream.empty() ? "(withheld)" : at_upstream);
      EXPECT_THAT(canonical(r, 0), Not(HasSubstr("zhang")));
    }
  }
}

TEST_F(RecordTest, OfARequestThatIsRefused) {
  EXPECT_EQ(ask(chat("AKIAIOSFODNN7QZ4RTUV")).sent_head.status, 403U);
  expect({.status = 403,
          .error = "content_refused",
          .source = "client",
          .decision = "deny",
          .complete = false,
          .access_rule = "",
          .upstream = "",
          .upstream_status = 0});
}

// What GET would send is told as its length and does not leave.
TEST_F(RecordTest, OfAnAnswerToHead) {
  upstreams_.targets.clear();
  for (const std::string method : {"GET", "HEAD"}) {
    EXPECT_EQ(ask("", "/v1/models", method).sent_head.status, 200U);
    EXPECT_EQ(outcome().method, method);
    EXPECT_TRUE(outcome().complete);
    EXPECT_EQ(outcome().response_bytes == 0, method == "HEAD");
    EXPECT_EQ(outcome().released_commitment.empty(), method == "HEAD");
  }
}

TEST_F(RecordTest, TheDigestOfTheCatalogIsThatOfItsVersions) {
  const auto catalog = detectors::Catalog::built_in();
  EXPECT_THAT(catalog->all_versions(), HasSubstr(" email/"));
  EXPECT_THAT(catalog->all_versions(), HasSubstr("\nbias/"));
  EXPECT_EQ(catalog->digest(),
            core::to_hex(core::as_text(core::sha256(catalog->all_versions()))).substr(0, 12));
  static const Failing failing;
  const detectors::Catalog other(std::vector<const detectors::Detector*>{&failing});
  EXPECT_NE(other.digest(), catalog->digest());
}

// A microsecond goes by whenever somebody asks.
class TickingClock final : public core::Clock {
 public:
  [[nodiscard]] std::int64_t wall_ns() const noexcept override { return tick(); }
  [[nodiscard]] std::int64_t monotonic_ns() const noexcept override { return tick(); }

 private:
  std::int64_t tick() const noexcept { return now_ += 1'000; }
  mutable std::int64_t now_ = 1'000'000'000'000;
};

TEST_F(RecordTest, HowLongAStreamIsHeldForItsScoresIsToldWhateverCame) {
  const TickingClock clock;
  services_.clock = &clock;
  const auto held = [&](const std::string& more, std::optional<core::Error> breaks) {
    policy_ = policy_from(std::string(two_zones) + more);
    upstreams_.answers = {
        {.type = "text/event-stream", .pieces = events({"Good ", "day"}), .breaks = breaks}};
    upstreams_.calls = 0;
    ask(chat("Hi", true));
    return observer_.held_us;
  };
  const std::string rude =
      "  - {id: rude, direction: response, find: {scores: {toxicity: {above: 0.99}}}, then: "
      "{action: deny}}\n";
  EXPECT_EQ(held("", std::nullopt), 0);
  EXPECT_GT(held(rude, std::nullopt), 0);
  EXPECT_GT(held(rude, reset), 0);
}

}  // namespace
}  // namespace menshen::pipeline::testing
