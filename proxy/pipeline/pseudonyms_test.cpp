// Numbers: which values are equal, in which order they are given, and which are nobody's.
#include "proxy/pipeline/pseudonyms.h"

#include "core/limits.h"
#include "proxy/pipeline/numbering.h"
#include "proxy/pipeline/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::pipeline {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr core::FindingType mail{"email", core::Category::pii, "EMAIL", "for tests"};
constexpr core::FindingType phone{"cn_mobile", core::Category::pii, "CN_MOBILE", "for tests"};
constexpr core::FindingType person{"person", core::Category::name, "PERSON", "for tests"};
constexpr core::FindingType key{"api_key", core::Category::secret, "API_KEY", "for tests"};

TEST(Pseudonyms, CountFromOneForEachTag) {
  Pseudonyms given(10);
  EXPECT_EQ(given.of(mail, "a@b.example"), "<EMAIL_1>");
  EXPECT_EQ(given.of(phone, "13800138000"), "<CN_MOBILE_1>");
  EXPECT_EQ(given.of(mail, "c@b.example"), "<EMAIL_2>");
  EXPECT_EQ(given.of(mail, "a@b.example"), "<EMAIL_1>");
  EXPECT_EQ(given.find("EMAIL", 2)->value, "c@b.example");
  EXPECT_EQ(given.find("EMAIL", 3), nullptr);
  EXPECT_EQ(given.find("PERSON", 1), nullptr);
  EXPECT_THAT(given.tags(), ElementsAre("CN_MOBILE", "EMAIL"));
}

TEST(Pseudonyms, AreOneForValuesThatAreEqual) {
  struct Case {
    const core::FindingType& type;
    std::string_view a;
    std::string_view b;
    bool equal;
  };
  const Case cases[] = {
      {mail, "Alice@Example.com", "alice@example.COM", true},
      {mail, "ａlice@example.com", "alice@example.com", true},
      {person, "Wei  Zhang", "wei zhang", true},
      {person, "张三", "张三", true},
      {person, "张三", "张四", false},
      {phone, "138-0013-8000", "13800138000", true},
      {phone, "138 0013 8000", "138-0013-8000", true},
      {phone, "138-0013-8000", "138-0013-8001", false},
      {phone, "2024-1-11", "2024-11-1", false},
      {phone, "1.12.3.4", "11.2.3.4", false},
      {key, "sk-Abc", "sk-abc", false},
      {key, "sk-abc", "sk-abc", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(normal_form(c.type, c.a) == normal_form(c.type, c.b), c.equal) << c.a << " " << c.b;
    Pseudonyms given(10);
    EXPECT_EQ(given.of(c.type, c.a) == given.of(c.type, c.b), c.equal);
    EXPECT_EQ(given.all().front().value, c.a);
  }
}

TEST(Pseudonyms, PassOverReservedNumbers) {
  Pseudonyms given(10);
  given.reserve("EMAIL", 1);
  given.reserve("EMAIL", 3);
  EXPECT_EQ(given.of(mail, "a@b.example"), "<EMAIL_2>");
  EXPECT_EQ(given.of(mail, "b@b.example"), "<EMAIL_4>");
  EXPECT_EQ(given.find("EMAIL", 1), nullptr);
  EXPECT_EQ(given.find("EMAIL", 3), nullptr);
}

TEST(Pseudonyms, PastTheMostTheTagStandsInAndIsNotRestored) {
  core::Limits limits;
  limits.pseudonyms_max = 1;
  Pseudonyms given(limits.pseudonyms_max);
  EXPECT_EQ(given.of(mail, "a@b.example"), "<EMAIL_1>");
  EXPECT_EQ(given.of(mail, "b@b.example"), "[EMAIL]");
  EXPECT_EQ(given.of(phone, "13800138000"), "[CN_MOBILE]");
  EXPECT_EQ(given.of(mail, "a@b.example"), "<EMAIL_1>");
  EXPECT_EQ(given.all().size(), 1U);
  EXPECT_THAT(given.tags(), ElementsAre("EMAIL"));
}

constexpr std::string_view names_all = R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny}
access:
  - {id: everyone, effect: allow, who: {groups: [staff]}}
content:
  - id: personal
    direction: request
    find: {categories: [pii, secret]}
    then: {action: redact, as: pseudonym}
)";

// The body as it goes to the provider.
std::string numbered(std::string_view api, const std::string& body, Pseudonyms& given) {
  static const auto set = policy_from(names_all);
  auto document = protocol::Document::parse_request(body, endpoint_of(api), {});
  if (!document) return document.error().message;
  ScannerPool pool(set->catalog());
  const auto inspected = inspect(*document, pool);
  Tally tally;
  const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
  Judge judge(set->content(facts, core::Direction::request), core::Direction::request, tally);
  const Redactor redactor("key");
  Replacer replacer(redactor);
  replacer.number_by(given);
  protocol::Edits edits;
  auto done = reserve_written(*document, *inspected, {}, given, {});
  if (done)
    done = redact(*document, *inspected, {judge, replacer}, core::Direction::request, edits);
  return done ? document->apply(edits) : done.error().message;
}

TEST(Numbering, DoesNotDependOnTheOrderOfMembers) {
  const std::string messages =
      R"("messages":[{"role":"user","content":"a@c.example and b@c.example"}])";
  const std::string system = R"("system":"You are of s@c.example")";
  const std::string tools =
      R"("tools":[{"name":"f","description":"ask t@c.example","input_schema":{}}])";
  const std::string about = R"("metadata":{"user_id":"u@c.example"})";
  const std::string head = R"({"model":"m","max_tokens":9,)";
  for (const std::string& body :
       {head + system + "," + tools + "," + messages + "," + about + "}",
        head + about + "," + messages + "," + tools + "," + system + "}",
        head + messages + "," + about + "," + system + "," + tools + "}"}) {
    Pseudonyms given(10);
    const std::string out = numbered("anthropic_messages", body, given);
    EXPECT_THAT(out, HasSubstr("You are of <EMAIL_1>"));
    EXPECT_THAT(out, HasSubstr("ask <EMAIL_2>"));
    EXPECT_THAT(out, HasSubstr("<EMAIL_3> and <EMAIL_4>"));
    EXPECT_THAT(out, HasSubstr(R"("user_id":"<EMAIL_5>")"));
  }
}

TEST(Numbering, StaysAsItIsWhileAConversationGrows) {
  Json messages = Json::array();
  std::map<std::string, std::uint32_t> before;
  const auto say = [&](const char* role, const std::string& text) {
    messages.push_back({{"role", role}, {"content", text}});
    Pseudonyms given(100);
    const Json body{{"model", "m"},
                    {"user", "u" + std::to_string(messages.size()) + "@c.example"},
                    {"messages", messages}};
    EXPECT_THAT(numbered("openai_chat", body.dump(), given), HasSubstr("<EMAIL_1>"));
    std::map<std::string, std::uint32_t> now;
    for (const Pseudonym& p : given.all()) now[p.value] = p.number;
    for (const auto& [value, number] : before) {
      if (!value.starts_with('u')) {
        EXPECT_EQ(now.at(value), number) << value;
      }
    }
    before = std::move(now);
  };
  say("system", "for s@c.example");
  say("user", "b@c.example and a@c.example");
  say("assistant", "to a@c.example");
  say("tool", R"({"from":"z@c.example"})");
  say("system", "also for x@c.example");
  say("user", "and c@c.example");
}

TEST(Numbering, PassesOverWhatTheRequestHasItself) {
  for (const std::string_view written :
       {"<EMAIL_1>", "&lt;email_1&gt;", "EMAIL_1", "[EMAIL_1]", "%3CEMAIL_1%3E", "<EMAIL\\\\_1>"}) {
    Pseudonyms given(10);
    const std::string body = R"({"model":"m","messages":[{"role":"user","content":"a@c.example"},)"
                             R"({"role":"user","name":"n","content":"x )" +
                             std::string(written) + R"( y"}]})";
    EXPECT_THAT(numbered("openai_chat", body, given), HasSubstr("<EMAIL_2>")) << written;
    EXPECT_EQ(given.find("EMAIL", 1), nullptr);
  }
}

TEST(Numbering, KeepsWhatAValueIsNotHowItIsWritten) {
  struct Case {
    std::string_view text;
    std::string_view value;
  };
  const Case cases[] = {
      {R"({"to":"a\u0040c.example"})", "a@c.example"},
      {R"({"q":"{\"to\":\"a\\u0040c.example\"}"})", "a@c.example"},
      {R"({"phone":13800138000})", "13800138000"},
      {"a@c.example", "a@c.example"},
      {"https://x.example/?to=a%40c.example", "a@c.example"},
  };
  for (const Case& c : cases) {
    Pseudonyms given(10);
    const Json body{{"model", "m"},
                    {"messages", Json::array({{{"role", "user"}, {"content", c.text}}})}};
    const std::string out = numbered("openai_chat", body.dump(), given);
    ASSERT_EQ(given.all().size(), 1U) << out;
    EXPECT_EQ(given.all().front().value, c.value);
    const std::string text = Json::parse(out)["messages"][0]["content"];
    EXPECT_TRUE(!c.text.starts_with('{') || Json::accept(text)) << text;
  }
}

TEST(Numbering, JoinsAValueOverTheParts) {
  Pseudonyms given(10);
  const Json parts = Json::array(
      {{{"type", "text"}, {"text", "call 13800"}}, {{"type", "text"}, {"text", "138000 now"}}});
  const Json body{{"model", "m"},
                  {"messages", Json::array({{{"role", "user"}, {"content", parts}}})}};
  const std::string out = numbered("openai_chat", body.dump(), given);
  ASSERT_EQ(given.all().size(), 1U) << out;
  EXPECT_EQ(given.all().front().value, "13800138000");
  EXPECT_THAT(out, HasSubstr("call <CN_MOBILE_1>"));
}

TEST(Numbering, GivesALongSecretOneNumber) {
  std::string block = "-----BEGIN RSA PRIVATE KEY-----\n";
  for (int i = 0; i < 2000; ++i)
    block += "MIIEowIBAAKCAQEA7bq0k5VvXk3yX2s9J8cQx1nq3o5l2J8dZ7h1m3t4\n";
  block += "-----END RSA PRIVATE KEY-----";
  Pseudonyms given(10);
  const Json body{
      {"model", "m"},
      {"messages", Json::array({{{"role", "user"}, {"content", "k: " + block + " ok"}}})}};
  const std::string out = numbered("openai_chat", body.dump(), given);
  ASSERT_EQ(given.all().size(), 1U) << out.substr(0, 300);
  EXPECT_EQ(given.all().front().value, block);
  EXPECT_THAT(out, HasSubstr("k: <PRIVATE_KEY_1> ok"));
}

}  // namespace
}  // namespace menshen::pipeline
