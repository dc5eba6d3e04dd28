// Which texts are placeholders, at every cut.
#include "proxy/pipeline/placeholder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace menshen::pipeline {
namespace {

const PlaceholderTags& usual_tags() {
  static const PlaceholderTags tags({"CN_MOBILE", "EMAIL", "PERSON", "ZONE", "ZONE_1"});
  return tags;
}

// "[2,12) PERSON 1 plain 0" for each.
std::vector<std::string> read(std::string_view text, std::vector<std::size_t> cuts = {},
                              bool is_json = false) {
  PlaceholderReader reader(usual_tags(), is_json);
  std::vector<Placeholder> found;
  cuts.push_back(text.size());
  std::size_t from = 0;
  for (const std::size_t to : cuts) {
    reader.feed(text.substr(from, to - from), found);
    EXPECT_LE(to - reader.settled(), PlaceholderReader::hold_back_max(usual_tags()));
    from = to;
  }
  reader.finish(found);
  EXPECT_EQ(reader.settled(), text.size());
  std::vector<std::string> out;
  for (const Placeholder& p : found) {
    const char* const form = p.form == PlaceholderForm::plain  ? ""
                             : p.form == PlaceholderForm::html ? " html"
                                                               : " url";
    out.push_back(std::string(text.substr(p.begin, p.end - p.begin)) + " = " + std::string(p.tag) +
                  " " + std::to_string(p.number) + form +
                  (p.depth > 0 ? " in " + std::to_string(p.depth) : ""));
  }
  return out;
}

std::vector<std::string> read_at_every_cut(std::string_view text, bool is_json = false) {
  const auto whole = read(text, {}, is_json);
  std::vector<std::size_t> bytes;
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    bytes.push_back(cut);
    EXPECT_EQ(read(text, {cut}, is_json), whole) << text << " cut at " << cut;
  }
  EXPECT_EQ(read(text, bytes, is_json), whole) << text;
  return whole;
}

struct Case {
  std::string_view text;
  std::vector<std::string> found;
};

TEST(Placeholders, AreReadInEveryFormThatModelsWrite) {
  const Case cases[] = {
      {"Dear <PERSON_1>, hello", {"<PERSON_1> = PERSON 1"}},
      {"<person_1> <Person_2> <pErSoN_3>",
       {"<person_1> = PERSON 1", "<Person_2> = PERSON 2", "<pErSoN_3> = PERSON 3"}},
      {"a &lt;PERSON_1&gt; b", {"&lt;PERSON_1&gt; = PERSON 1 html"}},
      {"&LT;PERSON_1&GT; &#60;EMAIL_2&#62; &#x3C;EMAIL_2&#x3e;",
       {"&LT;PERSON_1&GT; = PERSON 1 html", "&#60;EMAIL_2&#62; = EMAIL 2 html",
        "&#x3C;EMAIL_2&#x3e; = EMAIL 2 html"}},
      {R"(\u003cPERSON_1\u003e)", {R"(\u003cPERSON_1\u003e = PERSON 1)"}},
      {R"(\u003CPERSON_1\u003E)", {R"(\u003CPERSON_1\u003E = PERSON 1)"}},
      {"https://a.example/?q=%3CPERSON_1%3E&r=%3ccn%5Fmobile%5f2%3e",
       {"%3CPERSON_1%3E = PERSON 1 url", "%3ccn%5Fmobile%5f2%3e = CN_MOBILE 2 url"}},
      {"【PERSON_1】「PERSON_2」『PERSON_3』[PERSON_4]{PERSON_5}〈PERSON_6〉",
       {"【PERSON_1】 = PERSON 1", "「PERSON_2」 = PERSON 2", "『PERSON_3』 = PERSON 3",
        "[PERSON_4] = PERSON 4", "{PERSON_5} = PERSON 5", "〈PERSON_6〉 = PERSON 6"}},
      {"＜PERSON_1＞ ＜ＰＥＲＳＯＮ＿１＞ ［email_2］",
       {"＜PERSON_1＞ = PERSON 1", "＜ＰＥＲＳＯＮ＿１＞ = PERSON 1", "［email_2］ = EMAIL 2"}},
      {"<PERSON-1> <PERSON 1> <cn mobile 3> <CN-MOBILE-3>",
       {"<PERSON-1> = PERSON 1", "<PERSON 1> = PERSON 1", "<cn mobile 3> = CN_MOBILE 3",
        "<CN-MOBILE-3> = CN_MOBILE 3"}},
      {R"(\<PERSON\_1\> <PERSON\_1> \<PERSON_1\>)",
       {R"(\<PERSON\_1\> = PERSON 1)", R"(<PERSON\_1> = PERSON 1)", R"(\<PERSON_1\> = PERSON 1)"}},
      {"**<PERSON_1>** `<PERSON_1>` _<PERSON_1>_ <**PERSON_1**> <`PERSON_1`> < PERSON_1 >",
       {"<PERSON_1> = PERSON 1", "<PERSON_1> = PERSON 1", "<PERSON_1> = PERSON 1",
        "<**PERSON_1**> = PERSON 1", "<`PERSON_1`> = PERSON 1", "< PERSON_1 > = PERSON 1"}},
      {"PERSON_1 said, and PERSON_2. (PERSON_3)问PERSON_4说",
       {"PERSON_1 = PERSON 1", "PERSON_2 = PERSON 2", "PERSON_3 = PERSON 3",
        "PERSON_4 = PERSON 4"}},
      {"<PERSON_1>'s <PERSON_1>s <PERSON_1>先生 PERSON_1's",
       {"<PERSON_1> = PERSON 1", "<PERSON_1> = PERSON 1", "<PERSON_1> = PERSON 1",
        "PERSON_1 = PERSON 1"}},
      {"<PERSON_1 said; PERSON_1> said; <PERSON_1",
       {"<PERSON_1 = PERSON 1", "PERSON_1> = PERSON 1", "<PERSON_1 = PERSON 1"}},
      {"<PERSON_12> <PERSON_123456>",
       {"<PERSON_12> = PERSON 12", "<PERSON_123456> = PERSON 123456"}},
      {"<ZONE_1_2> <ZONE_1>", {"<ZONE_1_2> = ZONE_1 2", "<ZONE_1> = ZONE 1"}},
      {"see [PERSON_1](mailto:<EMAIL_1>)", {"PERSON_1 = PERSON 1", "<EMAIL_1> = EMAIL 1"}},
      {R"(a\nPERSON_1 \u4e09EMAIL_2 %20EMAIL_3)",
       {"PERSON_1 = PERSON 1", "EMAIL_2 = EMAIL 2", "EMAIL_3 = EMAIL 3"}},
      {R"(C:\Users\<PERSON_1>\x)", {"<PERSON_1> = PERSON 1"}},
  };
  for (const Case& c : cases) EXPECT_EQ(read_at_every_cut(c.text), c.found) << c.text;
}

TEST(Placeholders, AreNothingThatOnlyLooksAlike) {
  const std::string_view cases[] = {
      "<PERSON_0> <PERSON_01> <PERSON_1234567> <PERSON_> <PERSON>",
      "<PERSONA_1> <APERSON_1> <PHONE_1> <PERSON_1a> <PERSON_1_2>",
      "person_1 Person_1 PERSON 1 PERSON-1",
      "MY_PERSON_1 xPERSON_1 PERSON_1x PERSON_1_ 1PERSON_1",
      "<person_1 said; person_1> said",
      "</PERSON_1> </person_1>",
      "[PERSON_x] {PERSON_} (EMAIL)",
      "a < b && c > d; &lt;b&gt; 100% %3Cb%3E \\u003cb\\u003e \\\\\\ 【注】「好」",
      "<PERSON_１２３４５６７>",
  };
  for (const std::string_view text : cases) {
    EXPECT_THAT(read_at_every_cut(text), ::testing::IsEmpty()) << text;
  }
}

TEST(Placeholders, KnowTheStringsOfJsonThatTheyStandIn) {
  const Case cases[] = {
      {R"({"to":"<EMAIL_1>","n":["<EMAIL_2>"]})",
       {"<EMAIL_1> = EMAIL 1 in 1", "<EMAIL_2> = EMAIL 2 in 1"}},
      {R"({"q":"{\"to\": \"<EMAIL_1>\"}", "r":"<EMAIL_2>"})",
       {"<EMAIL_1> = EMAIL 1 in 2", "<EMAIL_2> = EMAIL 2 in 1"}},
      {R"({"q":"[\"{\\\"to\\\": \\\"<EMAIL_1>\\\"}\"]", "r":"<EMAIL_2>"})",
       {"<EMAIL_1> = EMAIL 1 in 3", "<EMAIL_2> = EMAIL 2 in 1"}},
      {R"({"q":"he said \"<EMAIL_1>\" and <EMAIL_2>"})",
       {"<EMAIL_1> = EMAIL 1 in 1", "<EMAIL_2> = EMAIL 2 in 1"}},
      {R"({"q":"\"<EMAIL_1>\"", "r":"\\\"<EMAIL_2>"})",
       {"<EMAIL_1> = EMAIL 1 in 1", "<EMAIL_2> = EMAIL 2 in 1"}},
      {R"({"a":"\u003cEMAIL_1\u003e"})", {R"(\u003cEMAIL_1\u003e = EMAIL 1 in 1)"}},
      {R"({"a":"x\\\u003cEMAIL_1\u003e"})", {R"(\u003cEMAIL_1\u003e = EMAIL 1 in 1)"}},
      {R"({"a":"\\<EMAIL\\_1\\>"})", {R"(\\<EMAIL\\_1\\> = EMAIL 1 in 1)"}},
      {R"({"a":"C:\\Users\\<EMAIL_1>\\b"})", {"<EMAIL_1> = EMAIL 1 in 1"}},
  };
  for (const Case& c : cases) EXPECT_EQ(read_at_every_cut(c.text, true), c.found) << c.text;
  for (const Case& c : cases) EXPECT_EQ(read_at_every_cut(c.text, false), c.found) << c.text;
  const Case prose[] = {
      {R"(He said: "<EMAIL_1>" and)", {"<EMAIL_1> = EMAIL 1"}},
      {R"(Use `{"to": "<EMAIL_1>"}` or "<EMAIL_2>".)",
       {"<EMAIL_1> = EMAIL 1 in 1", "<EMAIL_2> = EMAIL 2"}},
      {R"([Note] "<EMAIL_1>" {as said} "<EMAIL_2>")",
       {"<EMAIL_1> = EMAIL 1", "<EMAIL_2> = EMAIL 2"}},
      {"{\"broken: <EMAIL_1>\n\"<EMAIL_2>\"", {"<EMAIL_1> = EMAIL 1 in 1", "<EMAIL_2> = EMAIL 2"}},
  };
  for (const Case& c : prose) EXPECT_EQ(read_at_every_cut(c.text), c.found) << c.text;
}

// Held back is nothing before the first byte that may begin a placeholder of these tags.
TEST(Placeholders, HoldNothingBackBeforeOneMayBegin) {
  const std::pair<std::string_view, std::size_t> cases[] = {
      {"Hello, wor", 0},  {"a < b", 0},        {"a <", 1},    {"a <PERS", 5},
      {"a <PERT", 0},     {"an E", 1},         {"an EX", 0},  {"<PERSON_1>", 0},
      {"<PERSON_1", 9},   {"PERSON_1", 8},     {"见【", 3},   {"见【注", 0},
      {"R&lt", 3},        {"100%", 1},         {"100% o", 0}, {"<PERSON_1>'s", 0},
      {"[PERSON_1]", 10}, {"<PERSON_1>, ", 0}, {"\\", 1}};
  for (const auto& [text, held] : cases) {
    PlaceholderReader reader(usual_tags(), false);
    std::vector<Placeholder> found;
    reader.feed(text, found);
    EXPECT_EQ(text.size() - reader.settled(), held) << text;
  }
  // The longest that a model writes in the usual forms is short.
  EXPECT_LE(PlaceholderReader::hold_back_max(PlaceholderTags({"CN_RESIDENT_ID"})), 220U);
}

TEST(Placeholders, OfNoTagsHoldNothingBack) {
  const PlaceholderTags none({});
  PlaceholderReader reader(none, false);
  std::vector<Placeholder> found;
  reader.feed("<", found);
  EXPECT_EQ(reader.settled(), 1U);
}

}  // namespace
}  // namespace menshen::pipeline
