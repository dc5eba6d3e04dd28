// Rules on answers and the placeholders that a model writes: what the subject has sent comes back,
// whatever the rules ask for, and what stands beside it is found.
#include "proxy/pipeline/own_placeholders.h"

#include "detectors/literal.h"
#include "proxy/pipeline/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace menshen::pipeline {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr core::FindingType own_person{"person", core::Category::name, "PERSON", "for tests"};
constexpr core::FindingType own_mail{"email", core::Category::pii, "EMAIL", "for tests"};

core::Finding own_finding(const core::FindingType& type, std::size_t begin, std::size_t end) {
  core::Finding finding;
  finding.type = &type;
  finding.begin = begin;
  finding.end = end;
  finding.confidence = 0.9F;
  return finding;
}

struct OwnExchange {
  OwnExchange() {
    std::ignore = given.of(own_person, "Amy");
    std::ignore = given.of(own_person, "Bob");
    std::ignore = given.of(own_mail, "a@c.example");
    restorer.emplace(given, tally);
  }
  std::vector<std::string> outside(const std::string& text,
                                   const std::vector<core::Finding>& findings) {
    std::vector<std::string> out;
    for (const core::Finding& f : outside_of_own(findings, text, *restorer, false)) {
      out.push_back((f.continued ? "+" : "") + text.substr(f.begin, f.end - f.begin));
    }
    return out;
  }
  std::vector<std::string> whole(const std::string& text) {
    return outside(text, {own_finding(own_person, 0, text.size())});
  }

  Pseudonyms given{10};
  Tally tally;
  std::optional<Restorer> restorer;
};

TEST(OwnPlaceholders, AreNoPartOfAFinding) {
  struct Case {
    std::string text;
    std::vector<std::string> outside;
  };
  const Case cases[] = {
      {"<PERSON_1>", {}},
      {"PERSON_1", {}},
      {"(<PERSON_1>, 【PERSON_2】)。", {}},
      {"<PERSON_1> <EMAIL_1>", {}},
      {"Mr <PERSON_1>", {"Mr"}},
      {"<PERSON_1> Smith", {"Smith"}},
      {"<PERSON_1>先生", {"先生"}},
      {"a <PERSON_1> b &lt;PERSON_2&gt; 3", {"a", "+b", "+3"}},
      {"<PERSON_1>, <PERSON_2> c", {"c"}},
      {"<PERSON_1>!x ", {"!x"}},
      {"<PERSON_3>", {"<PERSON_3>"}},
      {"<PERSON_12>", {"<PERSON_12>"}},
      {"Amy", {"Amy"}},
  };
  for (const Case& c : cases) EXPECT_EQ(OwnExchange().whole(c.text), c.outside) << c.text;
}

TEST(OwnPlaceholders, MayBeCutByAFinding) {
  const std::string text = "Smith <PERSON_1> x";
  EXPECT_THAT(OwnExchange().outside(text, {own_finding(own_person, 0, 10)}), ElementsAre("Smith"));
  EXPECT_THAT(OwnExchange().outside(text, {own_finding(own_person, 10, 18)}), ElementsAre("x"));
  EXPECT_THAT(OwnExchange().outside(text, {own_finding(own_person, 7, 13)}), IsEmpty());
}

// A value that goes on in further pieces begins with the first one that stays.
TEST(OwnPlaceholders, LeaveWhatGoesOnABegin) {
  const std::string text = "<PERSON_1>abcdef";
  const auto pieces = [&](std::size_t cut) {
    std::vector<core::Finding> found{own_finding(own_person, 0, cut),
                                     own_finding(own_person, cut, 13),
                                     own_finding(own_person, 13, 16)};
    found[1].continued = found[2].continued = true;
    return OwnExchange().outside(text, found);
  };
  EXPECT_THAT(pieces(5), ElementsAre("abc", "+def"));
  EXPECT_THAT(pieces(10), ElementsAre("abc", "+def"));
  EXPECT_THAT(pieces(12), ElementsAre("ab", "+c", "+def"));
}

TEST(OwnPlaceholders, LeaveTheSecretsOfTheGatewayWhole) {
  const std::string text = "key-PERSON_1-x";
  auto found = own_finding(detectors::provider_credential, 0, text.size());
  EXPECT_THAT(OwnExchange().outside(text, {found}), ElementsAre(text));
}

TEST(OwnPlaceholders, DependOnNoCut) {
  const std::string text = "to PERSON_1 Smith, <PERSON_2>, Mr &lt;PERSON_1&gt; and <EMAIL_1>";
  const std::vector<core::Finding> findings{
      own_finding(own_person, 3, 17), own_finding(own_mail, 19, 40),
      own_finding(own_person, 20, 33), own_finding(own_mail, text.size() - 9, text.size())};
  OwnExchange exchange;
  const auto whole = outside_of_own(findings, text, *exchange.restorer, false);
  ASSERT_EQ(whole.size(), 3U);
  for (std::size_t step = 1; step < text.size(); ++step) {
    OwnPlaceholders own(*exchange.restorer, false);
    std::vector<core::Finding> taken;
    const auto take = [&](std::size_t settled) {
      const auto at = [&](std::size_t begin, std::size_t end) {
        EXPECT_GE(begin, own.settled());
        return std::string_view(text).substr(begin, end - begin);
      };
      for (const core::Finding& f : own.take(at, settled)) taken.push_back(f);
    };
    std::size_t next = 0;
    for (std::size_t from = 0; from < text.size(); from += step) {
      const std::size_t to = std::min(text.size(), from + step);
      own.feed(std::string_view(text).substr(from, to - from));
      // As a scanner has them: what overlaps comes at once.
      const std::size_t known = to >= 40 ? to : std::min<std::size_t>(to, 18);
      const std::size_t first = next;
      while (next < findings.size() && findings[next].end <= known) ++next;
      own.add(std::span(findings).subspan(first, next - first));
      take(next < findings.size() ? std::min(known, findings[next].begin) : known);
    }
    own.finish();
    take(text.size());
    ASSERT_EQ(taken.size(), whole.size()) << step;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(taken[i].begin, whole[i].begin) << step;
      EXPECT_EQ(taken[i].end, whole[i].end) << step;
      EXPECT_EQ(taken[i].continued, whole[i].continued) << step;
    }
  }
}

// Rules on all that can be found, and on patterns of the operator's own that match placeholders.
constexpr std::string_view all_in_answers = R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny}
access:
  - {id: everyone, effect: allow, who: {groups: [staff]}}
recognizers:
  - {name: ticket, category: pii, pattern: '\b[A-Z_]+_\d{1,6}\b', examples: {match: [EMAIL_1]}}
  - {name: marked, category: secret, pattern: '<[A-Z0-9_]+>', examples: {match: [<EMAIL_1>]}}
content:
  - id: all
    direction: response
    find: {categories: [pii, secret, name], confidence_min: 0}
    then: {action: ACTION}
)";

std::shared_ptr<const policies::PolicySet> in_answers(std::string_view action) {
  std::string yaml(all_in_answers);
  yaml.replace(yaml.find("ACTION"), 6, action);
  const auto complete = detectors::Catalog::complete();
  auto loaded = policies::PolicySet::parse(yaml, "test.yaml",
                                           {complete->types(), detectors::score_kinds(), complete});
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << d.message;
  return loaded.set;
}

// What models write around a placeholder: what speaks for a value most of all.
const std::vector<std::string>& written_contexts() {
  static const std::vector<std::string> all{
      "$",
      "Dear $,",
      "Best regards,\n$\n",
      "My name is $ and I live in $.",
      "Mr. $ said so.",
      "我叫$，住在$。",
      "联系人：$ 电话：$",
      "$先生、$女士",
      "$有限公司",
      "手机号是$，身份证号是$",
      "password: $",
      "PASSWORD=$",
      "api_key = \"$\"",
      "Authorization: $",
      "https://amy:$@localhost:8080/x",
      "https://x.example/?access_token=$&x=1",
      "postgres://u:$@db:5432/d",
      "card number $, account $",
      "born on $ in $",
      "IP $, port 8080",
      "{\"password\":\"$\",\"name\":\"$\",\"phone\":\"$\"}",
      "| name | mail |\n|---|---|\n| $ | $ |",
  };
  return all;
}

std::string filled(std::string text, std::string_view placeholder) {
  for (std::size_t at = 0; (at = text.find('$', at)) != std::string::npos;) {
    text.replace(at, 1, placeholder);
    at += placeholder.size();
  }
  return text;
}

// For each type that a rule can name: a value of it, and what a text of an answer becomes.
class OfAllTypes {
 public:
  explicit OfAllTypes(std::string_view action) : set_(in_answers(action)) {
    for (const core::FindingType* type : set_->catalog()->types())
      std::ignore = given_.of(*type, value);
  }
  static constexpr std::string_view value = "(v)";

  [[nodiscard]] std::vector<std::string> tags() const {
    const auto tags = given_.tags();
    return {tags.begin(), tags.end()};
  }
  Guarded guarded(std::string_view api, const std::vector<Delta>& deltas) {
    Tally tally;
    Restorer restorer(given_, tally);
    const std::vector<TransformMaker> makers{restorer.maker()};
    return guard_stream(api, stream_of(api, deltas), {}, *set_, {}, {}, makers, &restorer);
  }
  std::string streamed(const std::vector<std::string>& pieces) {
    std::vector<Delta> deltas;
    for (const std::string& piece : pieces) deltas.push_back({0, Field::content, piece});
    const Guarded out = guarded("openai_chat", deltas);
    return out.error.empty() ? texts_of(out.released)[{0, Field::content}] : out.error;
  }
  std::string whole(const std::string& text) {
    const Json body{
        {"object", "chat.completion"},
        {"choices",
         Json::array({{{"index", 0}, {"message", {{"role", "assistant"}, {"content", text}}}}})}};
    auto document =
        protocol::Document::parse_response(body.dump(), endpoint_of("openai_chat"), 200, {});
    ScannerPool pool(set_->catalog());
    const auto inspected = inspect(*document, pool);
    const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
    Tally tally;
    Judge judge(set_->content(facts, core::Direction::response), core::Direction::response, tally);
    const Redactor redactor("key");
    Replacer replacer(redactor);
    Restorer restorer(given_, tally);
    const std::vector<TransformMaker> makers{restorer.maker()};
    protocol::Edits edits;
    const auto done = redact(*document, *inspected, {judge, replacer, makers, &restorer},
                             core::Direction::response, edits);
    if (!done) return done.error().code;
    return Json::parse(document->apply(edits))["choices"][0]["message"]["content"];
  }

 private:
  std::shared_ptr<const policies::PolicySet> set_;
  Pseudonyms given_{1000};
};

// Placeholders of all types in one context, and what becomes of them.
std::pair<std::string, std::string> of_all_tags(const OfAllTypes& all, const std::string& context,
                                                const std::string& open, const std::string& close) {
  std::pair<std::string, std::string> out;
  for (const std::string& tag : all.tags()) {
    out.first += filled(context, open + tag + "_1" + close) + "\n\n";
    out.second += filled(context, OfAllTypes::value) + "\n\n";
  }
  return out;
}

TEST(RulesOnAnswers, FindNothingInPlaceholdersOfAnyType) {
  for (const std::string_view action : {"redact", "deny"}) {
    OfAllTypes all(action);
    ASSERT_GT(all.tags().size(), 40U);
    for (const std::string& context : written_contexts()) {
      for (const auto& [open, close] : {std::pair("<", ">"), {"", ""}}) {
        const auto [said, expected] = of_all_tags(all, context, open, close);
        EXPECT_EQ(all.whole(said), expected) << said;
      }
    }
  }
}

TEST(RulesOnAnswers, FindNothingInPlaceholdersOfStreams) {
  OfAllTypes all("redact");
  for (const std::string& context : written_contexts()) {
    const auto [said, expected] = of_all_tags(all, context, "[", "]");
    std::vector<std::string> pieces;
    std::size_t from = 0;
    for (const std::size_t start : character_starts(said)) {
      if (start < from + 11) continue;
      pieces.push_back(said.substr(from, start - from));
      from = start;
    }
    pieces.push_back(said.substr(from));
    EXPECT_EQ(all.streamed(pieces), expected) << said;
  }
}

}  // namespace
}  // namespace menshen::pipeline
