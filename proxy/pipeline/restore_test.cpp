// The way back: what was called by a pseudonym is itself again, in whole answers and streams of
// every API, at every cut, whatever a model does to the placeholder, and JSON stays JSON.
#include "proxy/pipeline/restore.h"

#include "proxy/pipeline/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace menshen::pipeline {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::string_view restored_apis[] = {"openai_chat",      "openai_completions",
                                              "openai_responses", "anthropic_messages",
                                              "ollama_chat",      "ollama_generate"};

constexpr core::FindingType mail_type{"email", core::Category::pii, "EMAIL", "for tests"};
constexpr core::FindingType person_type{"person", core::Category::name, "PERSON", "for tests"};
constexpr core::FindingType key_type{"api_key", core::Category::secret, "API_KEY", "for tests"};

const policies::PolicySet& tags_all() {
  static const auto set = policy_from(redact_all_as_tag);
  return *set;
}

struct Way {
  explicit Way(const std::vector<std::pair<const core::FindingType*, std::string>>& values) {
    for (const auto& [type, value] : values) std::ignore = given.of(*type, value);
  }
  Guarded stream(std::string_view api, std::string_view bytes,
                 const std::vector<std::size_t>& cuts = {}) {
    Restorer restorer(given, tally);
    const std::vector<TransformMaker> makers{restorer.maker()};
    return guard_stream(api, bytes, cuts, tags_all(), {}, {}, makers);
  }
  std::string text(std::string_view api, const std::vector<std::string>& pieces,
                   Field field = Field::content) {
    std::vector<Delta> deltas;
    for (const std::string& piece : pieces) deltas.push_back({0, field, piece});
    const Guarded guarded = stream(api, stream_of(api, deltas));
    EXPECT_EQ(guarded.error, "");
    return texts_of(guarded.released)[{0, field}];
  }
  // A whole answer as it leaves.
  std::string body(std::string_view api, const std::string& bytes) {
    auto document = protocol::Document::parse_response(bytes, endpoint_of(api), 200, {});
    EXPECT_TRUE(document);
    ScannerPool pool(detectors::Catalog::built_in());
    const auto inspected = inspect(*document, pool);
    const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
    Judge judge(tags_all().content(facts, core::Direction::response), core::Direction::response,
                tally);
    const Redactor redactor("key");
    Replacer replacer(redactor);
    Restorer restorer(given, tally);
    const std::vector<TransformMaker> makers{restorer.maker()};
    protocol::Edits edits;
    const auto done =
        redact(*document, *inspected, {judge, replacer, makers}, core::Direction::response, edits);
    return done ? document->apply(edits) : done.error().code;
  }

  Pseudonyms given{100};
  Tally tally;
};

const std::vector<std::pair<const core::FindingType*, std::string>> usual{
    {&mail_type, "bob@corp.example"}, {&person_type, "张三"}, {&person_type, "Amy O'Neil"}};

const std::string said_before =
    "Dear <PERSON_1> & <PERSON_12>: <PERSON_2>'s mail is **<EMAIL_1>**, 见【PERSON_1】, "
    "x@y.example";
const std::string said_after =
    "Dear 张三 & <PERSON_12>: Amy O'Neil's mail is **bob@corp.example**, 见张三, [EMAIL]";

TEST(Restoring, PutsValuesBackInStreamsOfEveryApiAtEveryCutOfTheText) {
  Way way(usual);
  for (const std::string_view api : restored_apis) {
    std::vector<std::string> characters;
    std::size_t from = 0;
    for (const std::size_t cut : character_starts(said_before)) {
      ASSERT_EQ(way.text(api, {said_before.substr(0, cut), said_before.substr(cut)}), said_after)
          << api << " cut at " << cut;
      characters.push_back(said_before.substr(from, cut - from));
      from = cut;
    }
    characters.push_back(said_before.substr(from));
    EXPECT_EQ(way.text(api, characters), said_after);
  }
}

TEST(Restoring, PutsValuesBackAtEveryCutOfTheBytes) {
  Way way(usual);
  for (const std::string_view api : restored_apis) {
    const std::string stream = stream_of(api, {{0, Field::content, said_before.substr(0, 11)},
                                               {0, Field::content, said_before.substr(11)}});
    const Guarded whole = way.stream(api, stream);
    ASSERT_EQ(whole.error, "");
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      ASSERT_EQ(way.stream(api, stream, {cut}).released, whole.released) << api << " " << cut;
    }
  }
}

TEST(Restoring, PutsValuesBackWhereAnApiSaysTheWholeAgain) {
  Way way(usual);
  const Guarded guarded =
      way.stream("openai_responses",
                 responses_stream({{0, Field::content, "<EMA"}, {0, Field::content, "IL_1>"}}));
  const std::size_t done = guarded.released.find("response.output_text.done");
  ASSERT_NE(done, std::string::npos);
  EXPECT_THAT(guarded.released.substr(done), HasSubstr(R"("text":"bob@corp.example")"));
  EXPECT_EQ(guarded.released.find("EMAIL_1"), std::string::npos);
  ASSERT_EQ(way.tally.counts.size(), 1U);
  EXPECT_EQ(way.tally.counts[0].restored, 1U);
}

TEST(Restoring, PutsValuesBackInWholeAnswersAndTheirTools) {
  Way way({{&mail_type, R"(a"b\c@corp.example)"}, {&person_type, "张三"}});
  const Json chat{
      {"object", "chat.completion"},
      {"choices",
       Json::array(
           {{{"index", 0},
             {"message",
              {{"role", "assistant"},
               {"content", "ask <PERSON_1>"},
               {"tool_calls", Json::array({{{"id", "c"},
                                            {"type", "function"},
                                            {"function",
                                             {{"name", "send_email"},
                                              {"arguments", R"({"to":"<EMAIL_1>"})"}}}}})}}}}})}};
  const Json out = Json::parse(way.body("openai_chat", chat.dump()))["choices"][0]["message"];
  EXPECT_EQ(out["content"], "ask 张三");
  const std::string arguments = out["tool_calls"][0]["function"]["arguments"];
  EXPECT_EQ(Json::parse(arguments)["to"], R"(a"b\c@corp.example)");
  const Json messages{{"type", "message"},
                      {"role", "assistant"},
                      {"content", Json::array({{{"type", "tool_use"},
                                                {"id", "t"},
                                                {"name", "send_email"},
                                                {"input", {{"to", "<EMAIL_1>"}}}}})}};
  EXPECT_EQ(Json::parse(way.body("anthropic_messages", messages.dump()))["content"][0]["input"],
            (Json{{"to", R"(a"b\c@corp.example)"}}));
}

TEST(Restoring, PutsValuesBackInKeysOfWholeAnswers) {
  Way way({{&mail_type, R"(a"b\c@corp.example)"}, {&person_type, "张三"}});
  const Json input{{"<EMAIL_1>", "x"}, {"of", {{"[PERSON_1]", 1}, {"<EMAIL_2>", 2}}}};
  const Json expected{{R"(a"b\c@corp.example)", "x"}, {"of", {{"张三", 1}, {"<EMAIL_2>", 2}}}};
  const Json messages{
      {"type", "message"},
      {"role", "assistant"},
      {"content",
       Json::array({{{"type", "tool_use"}, {"id", "t"}, {"name", "f"}, {"input", input}}})}};
  EXPECT_EQ(Json::parse(way.body("anthropic_messages", messages.dump()))["content"][0]["input"],
            expected);
  const Json call{{"function", {{"name", "f"}, {"arguments", input}}}};
  const Json line{
      {"model", "m"},
      {"message", {{"role", "assistant"}, {"content", ""}, {"tool_calls", Json::array({call})}}},
      {"done", true}};
  const auto arguments = [](const std::string& out) {
    return Json::parse(out)["message"]["tool_calls"][0]["function"]["arguments"];
  };
  EXPECT_EQ(arguments(way.body("ollama_chat", line.dump())), expected);
  EXPECT_EQ(arguments(way.stream("ollama_chat", line.dump() + "\n").released), expected);
}

TEST(Restoring, LeavesPositionsAsTheProviderCountedThem) {
  Way way(usual);
  const Json cited{{"type", "url_citation"},
                   {"url_citation", {{"url", "x"}, {"start_index", 5}, {"end_index", 16}}}};
  Json message{{"role", "assistant"},
               {"content", "Dear <PERSON_1>!"},
               {"annotations", Json::array({cited})}};
  const Json body{{"object", "chat.completion"},
                  {"choices", Json::array({{{"index", 0}, {"message", message}}})}};
  message["content"] = "Dear 张三!";
  EXPECT_EQ(Json::parse(way.body("openai_chat", body.dump()))["choices"][0]["message"], message);
}

// Stands before the restorer, and has its way.
class Hidden : public Transform {
 public:
  core::Result<void> feed(std::string_view bytes, std::vector<TextEdit>& edits) override {
    if (fed_ == 0) edits.push_back({2, 4, "***"});
    fed_ += bytes.size();
    return {};
  }
  core::Result<void> finish(std::vector<TextEdit>&) override { return {}; }
  [[nodiscard]] std::size_t settled() const noexcept override { return fed_; }

 private:
  std::size_t fed_ = 0;
};

TEST(Restoring, CountsWhatIsPutBackAndNotWhatIsCovered) {
  Way way(usual);
  Restorer restorer(way.given, way.tally);
  const TransformMaker hides = [](const TextInfo& text) -> std::unique_ptr<Transform> {
    return text.answer ? std::make_unique<Hidden>() : nullptr;
  };
  const std::vector<TransformMaker> makers{hides, restorer.maker()};
  const auto said = [&](const std::string& text) {
    const Guarded guarded =
        guard_stream("openai_chat", stream_of("openai_chat", {{0, Field::content, text}}), {},
                     tags_all(), {}, {}, makers);
    return texts_of(guarded.released)[{0, Field::content}];
  };
  EXPECT_EQ(said("<EMAIL_1> <PERSON_9>"), "<E***IL_1> <PERSON_9>");
  EXPECT_TRUE(way.tally.counts.empty());
  EXPECT_EQ(said("<EMAIL_1> <PERSON_1>"), "<E***IL_1> 张三");
  ASSERT_EQ(way.tally.counts.size(), 1U);
  EXPECT_EQ(way.tally.counts[0].type, &person_type);
  EXPECT_EQ(way.tally.counts[0].restored, 1U);
}

// What models do to a placeholder, and what becomes of it.
struct Change {
  std::string_view name;
  std::function<std::string(std::string)> apply;     // to "<EMAIL_1>"
  std::function<std::string(std::string)> expected;  // of its value
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}
std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return text;
}
std::string same(std::string text) { return text; }
std::function<std::string(std::string)> around(std::string before, std::string after) {
  return [=](const std::string& text) { return before + text + after; };
}
std::function<std::string(std::string)> brackets(std::string open, std::string close) {
  return [=](const std::string& text) { return open + text.substr(1, text.size() - 2) + close; };
}

const std::vector<Change>& changes() {
  static const std::vector<Change> all{
      {"as it is", same, same},
      {"case", lower, same},
      {"bold", around("**", "**"), around("**", "**")},
      {"code", around("`", "`"), around("`", "`")},
      {"escaped",
       [](auto t) { return "\\<" + replaced(t.substr(1, t.size() - 2), "_", "\\_") + "\\>"; },
       same},
      {"html", brackets("&lt;", "&gt;"), [](auto v) { return replaced(v, "'", "&#39;"); }},
      {"full width", brackets("＜", "＞"), same},
      {"lenticular", brackets("【", "】"), same},
      {"corner", brackets("「", "」"), same},
      {"square", brackets("[", "]"), same},
      {"curly", brackets("{", "}"), same},
      {"hyphen", [](auto t) { return replaced(t, "_", "-"); }, same},
      {"blank", [](auto t) { return replaced(t, "_", " "); }, same},
      {"bare", brackets("", ""), same},
      {"half", brackets("<", ""), same},
      {"other half", brackets("", ">"), same},
      {"possessive", around("", "'s"), around("", "'s")},
      {"Chinese suffix", around("请", "先生"), around("请", "先生")},
      {"twice", [](auto t) { return t + " und " + lower(t); },
       [](auto v) { return v + " und " + v; }},
      {"translated around", around("Bitte an ", " senden. 请发给他"),
       around("Bitte an ", " senden. 请发给他")},
  };
  return all;
}

TEST(Restoring, SurvivesWhatModelsDoAtEveryCut) {
  Way way(usual);
  for (const auto& [placeholder, value] :
       {std::pair<std::string, std::string>{"<EMAIL_1>", "bob@corp.example"},
        {"<PERSON_1>", "张三"},
        {"<PERSON_2>", "Amy O'Neil"}}) {
    for (const Change& change : changes()) {
      const std::string said = "x " + change.apply(placeholder) + " y";
      const std::string expected = "x " + change.expected(value) + " y";
      for (const std::string_view api : {"openai_chat", "anthropic_messages"}) {
        for (const std::size_t cut : character_starts(said)) {
          ASSERT_EQ(way.text(api, {said.substr(0, cut), said.substr(cut)}), expected)
              << change.name << " cut at " << cut;
        }
      }
    }
  }
}

const std::vector<std::string>& hostile_values() {
  static const std::vector<std::string> all{
      "plain",  "a\"b",           "a\\b",       "\"},\"admin\":true,\"x\":{\"y\":\"",
      "tail\\", "\\\"",           "line\nfeed", "\x01\x02\ttab",
      "张三🙂", "\\u0041",        "</script>",  "<EMAIL_1>",
      "%22%5C", "\\\\\\\\\"\"\"", "'\"`",       "{\"k\":\"v\"}"};
  return all;
}

// What stands in so many documents, each a string of the one before.
Json innermost(const std::string& text, std::size_t depth) {
  Json value = Json::parse(text);
  while (--depth > 0) value = Json::parse(value.at("d").get<std::string>());
  return value;
}

// Restoring leaves JSON JSON, and in it stands the value, however deep and in whatever form.
TEST(Restoring, LeavesJsonJsonWithHostileValues) {
  for (const std::string& value : hostile_values()) {
    Way way({{&key_type, value}});
    for (const std::string_view placeholder :
         {"<API_KEY_1>", "[API_KEY_1]", "\\<API\\_KEY\\_1\\>"}) {
      Json said{{"k", placeholder}, {"n", 1}};
      const Json expected{{"k", value}, {"n", 1}};
      for (std::size_t depth = 1; depth <= 4; ++depth) {
        const std::string text = said.dump();
        for (const std::string& whole : {text, "Use:\n```json\n" + text + "\n``` \"or\" so"}) {
          const std::size_t begin = whole.find('{');
          for (std::size_t cut = 1; cut < whole.size(); cut += 2 * depth) {
            const std::string out =
                way.text("openai_chat", {whole.substr(0, cut), whole.substr(cut)});
            const std::string json = out.substr(begin, out.rfind('}') + 1 - begin);
            ASSERT_TRUE(Json::accept(json)) << json;
            ASSERT_EQ(innermost(json, depth), expected) << json;
          }
        }
        for (const std::string_view api :
             {"openai_chat", "openai_responses", "anthropic_messages"}) {
          const std::string out =
              way.text(api, {text.substr(0, text.size() / 2), text.substr(text.size() / 2)},
                       Field::arguments);
          ASSERT_EQ(innermost(out, depth), expected) << out;
        }
        said = Json{{"d", said.dump()}};
      }
    }
  }
}

TEST(Restoring, LeavesEveryCutOfArgumentsJson) {
  Way way({{&key_type, "a\"\\\n'b"}});
  const std::string text =
      R"({"a":["x\\<API_KEY_1>\"","\u003capi_key_1\u003e"],"<API_KEY_1>":null})";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    const std::string out =
        way.text("openai_chat", {text.substr(0, cut), text.substr(cut)}, Field::arguments);
    ASSERT_EQ(Json::parse(out),
              (Json{{"a", {"x\\a\"\\\n'b\"", "a\"\\\n'b"}}, {"a\"\\\n'b", nullptr}}))
        << out;
  }
}

TEST(Restoring, QuotesWhatStandsInNoStringOfArguments) {
  Way way({{&key_type, "a\"b"}});
  EXPECT_EQ(way.text("openai_chat", {R"({"k":<API_KEY_1>,"l":[API_KEY_1]})"}, Field::arguments),
            R"({"k":"a\"b","l":"a\"b"})");
}

TEST(Restoring, WritesUrlsAndHtmlAsTheyAre) {
  Way way({{&mail_type, "a+b@c.example"}, {&key_type, "<&\"'>"}});
  EXPECT_EQ(way.text("openai_chat", {"https://x.example/?to=%3CEMAIL_1%3E&k=%3CAPI%5FKEY%5F1%3E"}),
            "https://x.example/?to=a%2Bb%40c.example&k=%3C%26%22%27%3E");
  EXPECT_EQ(way.text("openai_chat", {"<b>&lt;API_KEY_1&gt;</b>"}),
            "<b>&lt;&amp;&quot;&#39;&gt;</b>");
}

TEST(Restoring, IsNotAppliedToItself) {
  Way way({{&key_type, "<EMAIL_1>"}, {&mail_type, "bob@corp.example"}});
  EXPECT_EQ(way.text("openai_chat", {"<API_KEY_1>"}), "<EMAIL_1>");
}

// A stream waits for what may begin a placeholder, and for nothing else.
TEST(Restoring, HoldsBackAFewBytes) {
  Way way(usual);
  const std::string stream = chat_stream({{0, Field::content, "Hello there, dear "},
                                          {0, Field::content, "<PERS"},
                                          {0, Field::content, "on of mine "}});
  const std::size_t held = stream.find("\n\n", stream.find("<PERS")) + 2;
  EXPECT_THAT(way.stream("openai_chat", stream.substr(0, held)).before_end,
              HasSubstr("Hello there, dear "));
  EXPECT_EQ(way.stream("openai_chat", stream).released, stream);
}

}  // namespace
}  // namespace menshen::pipeline
