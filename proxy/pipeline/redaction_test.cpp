#include "proxy/pipeline/redaction.h"

#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/testing.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace menshen::pipeline {
namespace {

constexpr core::FindingType mobile{"cn_mobile", core::Category::pii, "CN_MOBILE", "For tests."};

core::Finding finding_of(const core::FindingType& type, std::size_t begin, std::size_t end,
                         float confidence = 0.9F) {
  return {&type, begin, end, confidence, "test", core::Place::plain, false};
}

std::string replaced(const core::Finding& finding, std::string_view value,
                     core::RedactStyle style) {
  static const Redactor redactor("key");
  return Replacer(redactor).replacement(finding, value, style);
}

TEST(Replacer, HidesTheValueInEachStyle) {
  const auto finding = finding_of(mobile, 0, 11);
  EXPECT_EQ(replaced(finding, "13800138000", core::RedactAs::tag), "[CN_MOBILE]");
  EXPECT_EQ(replaced(finding, "138-0013 8000", core::RedactAs::mask), "***-**** ****");
  EXPECT_EQ(replaced(finding, "１３\n\"\\8", core::RedactAs::mask), "******");
  const std::string hash = replaced(finding, "13800138000", core::RedactAs::hash);
  EXPECT_EQ(hash.size(), std::string("[CN_MOBILE:0123456789abcdef]").size());
  EXPECT_EQ(hash, replaced(finding, "13800138000", core::RedactAs::hash));
  EXPECT_NE(hash, replaced(finding, "13800138001", core::RedactAs::hash));
  const Redactor another("another");
  EXPECT_NE(hash, Replacer(another).replacement(finding, "13800138000", core::RedactAs::hash));
}

TEST(Replacer, FurtherPiecesOfOneFindingVanish) {
  core::Finding finding = finding_of(mobile, 0, 4);
  finding.continued = true;
  EXPECT_EQ(replaced(finding, "MIIE", core::RedactAs::tag), "");
  EXPECT_EQ(replaced(finding, "MIIE", core::RedactAs::mask), "****");
  EXPECT_EQ(replaced(finding, "MIIE", {1, 1}), "****");
}

TEST(Replacer, KeepsHeadAndTailOfAMask) {
  struct Row {
    std::string_view value;
    core::RedactStyle style;
    std::string_view masked;
  };
  const Row rows[] = {
      {"13800138000", {3, 4}, "138****8000"},
      {"138 0013-8000", {3, 4}, "138 ****-8000"},
      {"１３８００１３８０００", {3, 4}, "１３８****８０００"},
      {"11010519491231002X", {6, 4}, "110105********002X"},
      {"张三", {1, 0}, "张*"},
      {"欧阳娜娜", {1, 1}, "欧**娜"},
      {"zhang.san@corp.example", {1, 0}, "z****.***@****.*******"},
      // Signs that are no letter count for nothing and are hidden.
      {"1\u200b38#00138000", {3, 4}, "1*38*****8000"},
      {"⑬8㍿00138000", {3, 4}, "***********"},
      {"é8ﬁ00138000", {1, 1}, "é*********0"},
      // Two thirds may stay, and not a character more.
      {"123456", {2, 2}, "12**56"},
      {"12345", {2, 2}, "*****"},
      {"1", {1, 0}, "*"},
      {"", {3, 4}, ""},
      {"\xe5\xbc", {1, 0}, "**"},
  };
  for (const auto& [value, style, masked] : rows) {
    EXPECT_EQ(replaced(finding_of(mobile, 0, value.size()), value, style), masked) << value;
  }
}

// A type of the category secret in a rule on the type alone is refused when the set is checked; an
// overlap can still bring one here.
TEST(Replacer, AMaskKeepsNothingOfSecretsAndOfParts) {
  constexpr core::FindingType secret{"password", core::Category::secret, "PASSWORD", "For tests."};
  EXPECT_EQ(replaced(finding_of(secret, 0, 11), "13800138000", {3, 4}), "***********");
  core::Finding finding = finding_of(mobile, 0, 11);
  finding.part = true;
  EXPECT_EQ(replaced(finding, "13800138000", {3, 4}), "***********");
}

TEST(Replacer, HashesOfTenantsCannotBeCompared) {
  const auto hash_for = [](core::Subject subject) {
    const Redactor redactor("key");  // as after a restart
    Replacer replacer(redactor);
    replacer.speak_for(tenant_of(subject));
    return replacer.replacement(finding_of(mobile, 0, 11), "13800138000", core::RedactAs::hash);
  };
  using core::SubjectKind;
  const std::string finance = hash_for({"alice", SubjectKind::user, {"finance"}});
  EXPECT_EQ(finance, hash_for({"bob", SubjectKind::service, {"finance"}}));
  std::set<std::string> apart{
      finance,
      hash_for({"alice", SubjectKind::user, {"hr"}}),
      hash_for({"alice", SubjectKind::user, {"finance", "hr"}}),
      hash_for({"alice", SubjectKind::user, {"financ", "e:hr"}}),
      hash_for({"alice", SubjectKind::user, {}}),
      hash_for({"bob", SubjectKind::user, {}}),
      hash_for({"finance", SubjectKind::user, {}}),
      replaced(finding_of(mobile, 0, 11), "13800138000", core::RedactAs::hash),
  };
  EXPECT_EQ(apart.size(), 8U);
  core::Subject carol{"carol", SubjectKind::user, {}};
  carol.actor = "bob";
  EXPECT_EQ(hash_for(carol), hash_for({"bob", SubjectKind::service, {}}));
}

// Whatever the style: a number of JSON becomes a string, at its depth.
TEST(Replacer, QuotesWhatStandsForANumberOfJson) {
  core::Finding finding = finding_of(mobile, 0, 11);
  const auto replacement = [&](core::RedactStyle style) {
    return replaced(finding, "-13800138000", style);
  };
  const std::string hash = replacement(core::RedactAs::hash);
  for (const core::Place place : {core::Place::json_string, core::Place::json_key}) {
    finding.place = place;
    finding.depth = 1;
    EXPECT_EQ(replacement(core::RedactAs::tag), "[CN_MOBILE]");
  }
  finding.place = core::Place::json_bare;
  const std::array<std::string, 3> quotes{R"(")", R"(\")", R"(\\\")"};
  for (std::uint8_t depth = 0; depth < quotes.size(); ++depth) {
    finding.depth = depth;
    const auto& quote = quotes.at(depth);
    EXPECT_EQ(replacement(core::RedactAs::tag), quote + "[CN_MOBILE]" + quote);
    EXPECT_EQ(replacement(core::RedactAs::mask), quote + "-***********" + quote);
    EXPECT_EQ(replacement({3, 4}), quote + "-138****8000" + quote);
    EXPECT_EQ(replacement(core::RedactAs::hash), quote + hash + quote);
  }
  finding.continued = true;
  EXPECT_EQ(replacement(core::RedactAs::tag), "");
}

std::string number_redacted(std::string_view number, std::string_view yaml) {
  const auto set = testing::policy_from(yaml);
  auto document = protocol::Document::parse_request(
      R"({"model":"m","n":)" + std::string(number) + "}", testing::endpoint_of("openai_chat"), {});
  if (!document) return document.error().code;
  ScannerPool pool(detectors::Catalog::built_in());
  const auto inspected = inspect(*document, pool);
  Tally tally;
  const policies::Facts facts{&testing::staff(), "m", core::Operation::chat, "internal", 0};
  Judge judge(set->content(facts, core::Direction::request), core::Direction::request, tally);
  const Redactor redactor("key");
  Replacer replacer(redactor);
  protocol::Edits edits;
  if (!redact(*document, *inspected, {judge, replacer}, core::Direction::request, edits)) {
    return "refused";
  }
  const std::string body = document->apply(edits);
  return body.substr(17, body.size() - 18);
}

TEST(CoverWhole, ANumberKeepsNoSignFractionOrExponent) {
  std::vector<core::Finding> findings{finding_of(mobile, 1, 12), finding_of(mobile, 3, 4)};
  cover_whole(findings, 14);
  for (const core::Finding& finding : findings) {
    EXPECT_EQ(finding.begin, 0U);
    EXPECT_EQ(finding.end, 14U);
  }
  for (const auto* number : {"13800138000", "-13800138000", "13800138000.0", "-13800138000.50",
                             "-13800138000.50e+3", "1.3800138e10", "138001380000E-1"}) {
    EXPECT_EQ(number_redacted(number, testing::redact_all_as_tag), R"("[CN_MOBILE]")") << number;
    EXPECT_EQ(number_redacted(number, testing::refuse_all), "refused") << number;
  }
  for (const auto* number : {"1380013800", "-0.13800138000", "1.3800138e9", "1e300"}) {
    EXPECT_EQ(number_redacted(number, testing::redact_all_as_tag), number);
  }
}

// As in JSON text, whatever the place: the input of a tool, arguments of any API.
TEST(Inspect, TheKeyOfAClientsMapSpeaksForItsValue) {
  struct Row {
    std::string_view member;
    std::string_view type;  // "": nothing is found
    std::string_view value;
  };
  const Row rows[] = {
      {R"("ssn":"123456789")", "us_ssn", "123456789"},
      {R"("ssn" : 123456789)", "us_ssn", "123456789"},
      {R"("phone":"8765 4321")", "phone", "8765 4321"},
      {R"("phones":["n/a", "8765 4321"])", "phone", "8765 4321"},
      {R"("身份证号":"110105491231002")", "cn_resident_id", "110105491231002"},
      {R"("\u8eab\u4efd\u8bc1\u53f7":"110105491231002")", "cn_resident_id", "110105491231002"},
      {R"("aws_secret_access_key":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")", "aws_secret_key",
       "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
      {R"("order_id":"13800138000")", "cn_mobile", "13800138000"},
      {R"("ssn":"none","weight":"123456789")", "", ""},
      {R"("height":"123456789")", "", ""},
  };
  ScannerPool pool(detectors::Catalog::built_in());
  for (const auto& [member, type, value] : rows) {
    std::string body = R"({"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[)"
                       R"({"type":"tool_use","id":"t","name":"n","input":{)";
    body.append(member).append("}}]}]}");
    const auto document =
        protocol::Document::parse_request(body, testing::endpoint_of("anthropic_messages"), {});
    ASSERT_TRUE(document) << body;
    const auto inspected = inspect(*document, pool);
    ASSERT_TRUE(inspected);
    ASSERT_EQ(inspected->findings.size(), type.empty() ? 0U : 1U) << member;
    if (type.empty()) continue;
    const core::Finding& finding = inspected->findings.front();
    EXPECT_EQ(finding.type->name, type) << member;
    std::string scratch;
    const auto& leaf = document->leaves()[inspected->texts.front().leaves.front()];
    const std::string_view text = document->text(leaf, scratch);
    EXPECT_EQ(text.substr(finding.begin, finding.end - finding.begin), value) << member;
    EXPECT_NE(finding.place, core::Place::json_bare) << member;
  }
}

class JudgeTest : public ::testing::Test {
 protected:
  Judge judge_of(std::string_view yaml) {
    set_ = testing::policy_from(yaml);
    const policies::Facts facts{&testing::staff(), "m", core::Operation::chat, "internal", 0};
    return {set_->content(facts, core::Direction::request), core::Direction::request, tally_};
  }
  static const core::FindingType* type(std::string_view name) {
    const auto catalog = detectors::Catalog::built_in();
    for (const auto* known : catalog->types()) {
      if (known->name == name) return known;
    }
    return nullptr;
  }
  std::shared_ptr<const policies::PolicySet> set_;
  Tally tally_;
};

TEST_F(JudgeTest, OverlappingRedactionsBecomeOne) {
  Judge judge = judge_of(testing::redact_all_as_tag);
  const std::vector<core::Finding> findings{finding_of(*type("cn_mobile"), 0, 11, 0.7F),
                                            finding_of(*type("bank_card"), 5, 20, 0.9F),
                                            finding_of(*type("email"), 30, 40)};
  ASSERT_TRUE(judge.judge(findings, protocol::LeafKind::text, core::Role::user));
  ASSERT_EQ(judge.redactions().size(), 2U);
  EXPECT_EQ(judge.redactions()[0].finding.begin, 0U);
  EXPECT_EQ(judge.redactions()[0].finding.end, 20U);
  EXPECT_EQ(judge.redactions()[0].finding.type->name, "bank_card");
}

TEST_F(JudgeTest, OverlappingMasksKeepWhatBothKeepOfOneSpan) {
  Judge judge = judge_of(R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
access: [{id: a, effect: allow, who: {groups: [staff]}}]
content:
  - {id: m, find: {types: [cn_mobile]}, then: {action: redact, as: {mask: {head: 3, tail: 4}}}}
  - {id: p, find: {types: [phone]}, then: {action: redact, as: {mask: {head: 4, tail: 2}}}}
  - {id: t, find: {types: [email]}, then: {action: redact}}
)");
  const auto style = [&](const char* a, std::size_t a_end, const char* b, std::size_t b_end) {
    const std::vector<core::Finding> findings{finding_of(*type(a), 0, a_end),
                                              finding_of(*type(b), 0, b_end)};
    EXPECT_TRUE(judge.judge(findings, protocol::LeafKind::text, core::Role::user));
    EXPECT_EQ(judge.redactions().size(), 1U);
    return judge.redactions().front().as;
  };
  EXPECT_EQ(style("cn_mobile", 11, "phone", 11), core::RedactStyle(3, 2));
  EXPECT_EQ(style("cn_mobile", 11, "phone", 12), core::RedactAs::mask);
  EXPECT_EQ(style("cn_mobile", 11, "email", 30), core::RedactAs::tag);
  EXPECT_EQ(style("email", 11, "phone", 11), core::RedactAs::tag);
}

TEST_F(JudgeTest, AKeyIsRefusedRatherThanRedacted) {
  Judge judge = judge_of(testing::redact_all_as_tag);
  const std::vector<core::Finding> findings{finding_of(*type("email"), 0, 5)};
  EXPECT_FALSE(judge.judge(findings, protocol::LeafKind::key, core::Role::user));
}

TEST_F(JudgeTest, ARefusalKeepsTheRedactionsBeforeIt) {
  Judge judge = judge_of(R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny}
access: [{id: a, effect: allow, who: {groups: [staff]}}]
content:
  - {id: r, find: {types: [email, cn_mobile]}, then: {action: redact}}
  - {id: d, find: {types: [bank_card]}, then: {action: deny}}
)");
  const std::vector<core::Finding> findings{finding_of(*type("email"), 0, 5),
                                            finding_of(*type("cn_mobile"), 8, 19),
                                            finding_of(*type("bank_card"), 15, 30)};
  ASSERT_FALSE(judge.judge(findings, protocol::LeafKind::text, core::Role::user));
  ASSERT_EQ(judge.redactions().size(), 1U);
  EXPECT_EQ(judge.redactions()[0].finding.end, 5U);
  EXPECT_EQ(judge.refused_at(), 8U);
}

}  // namespace
}  // namespace menshen::pipeline
