// Transforms of a text: one that says a longer word and one that appends a sentence, behind
// redaction, in whole answers and streams of every API, at every cut.
#include "proxy/pipeline/transform.h"

#include "proxy/pipeline/testing.h"
#include "proxy/pipeline/transform_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace menshen::pipeline {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view short_word = "Alpha";
constexpr std::string_view long_word = "Alpha (the first letter)";
constexpr std::string_view last_sentence = " 已核对。Checked.";

// Says a longer word. What may be the begin of the word waits.
class Lengthen : public Transform {
 public:
  explicit Lengthen(std::string_view from, std::string_view to) : from_(from), to_(to) {}

  core::Result<void> feed(std::string_view bytes, std::vector<TextEdit>& edits) override {
    tail_.append(bytes);
    std::size_t at = 0;
    while (at < tail_.size()) {
      const std::string_view rest = std::string_view(tail_).substr(at);
      if (rest.starts_with(from_)) {
        edits.push_back({begin_ + at, begin_ + at + from_.size(), std::string(to_)});
        at += from_.size();
      } else if (from_.starts_with(rest)) {
        break;
      } else {
        ++at;
      }
    }
    tail_.erase(0, at);
    begin_ += at;
    return {};
  }
  core::Result<void> finish(std::vector<TextEdit>&) override { return {}; }
  [[nodiscard]] std::size_t settled() const noexcept override { return begin_; }

 private:
  std::string_view from_;
  std::string_view to_;
  std::string tail_;  // the text from begin_ on: it may be the word's begin
  std::size_t begin_ = 0;
};

// Appends a sentence. The last byte waits, for it may be the text's last.
class Append : public Transform {
 public:
  core::Result<void> feed(std::string_view bytes, std::vector<TextEdit>&) override {
    fed_ += bytes.size();
    return {};
  }
  core::Result<void> finish(std::vector<TextEdit>& edits) override {
    edits.push_back({fed_, fed_, std::string(last_sentence)});
    return {};
  }
  [[nodiscard]] std::size_t settled() const noexcept override {
    return fed_ - std::min<std::size_t>(fed_, 1);
  }

 private:
  std::size_t fed_ = 0;
};

bool says(const TextInfo& text) {
  return text.role == core::Role::assistant && text.kind == protocol::LeafKind::text;
}

TransformMaker lengthening(std::string_view from, std::string_view to) {
  return [=](const TextInfo& text) -> std::unique_ptr<Transform> {
    return says(text) ? std::make_unique<Lengthen>(from, to) : nullptr;
  };
}
const TransformMaker appends_sentence = [](const TextInfo& text) -> std::unique_ptr<Transform> {
  return says(text) ? std::make_unique<Append>() : nullptr;
};
const std::vector<TransformMaker> two_transforms{lengthening(short_word, long_word),
                                                 appends_sentence};

const policies::PolicySet& redacts_all() {
  static const auto set = policy_from(redact_all_as_tag);
  return *set;
}

constexpr std::string_view transformed_apis[] = {"openai_chat",      "openai_completions",
                                                 "openai_responses", "anthropic_messages",
                                                 "ollama_chat",      "ollama_generate"};

bool is_of_lines(std::string_view api) { return api.starts_with("ollama_"); }

Guarded guard_with(std::string_view api, std::string_view stream,
                   const std::vector<std::size_t>& cuts,
                   std::span<const TransformMaker> transforms = two_transforms,
                   const policies::PolicySet& set = redacts_all()) {
  return guard_stream(api, stream, cuts, set, {}, {}, transforms);
}

// A stream that says `text` in two pieces.
Guarded guard_in_two(const std::string& text, std::size_t cut,
                     std::span<const TransformMaker> transforms,
                     const policies::PolicySet& set = redacts_all()) {
  const std::string stream = chat_stream(
      {{0, Field::content, text.substr(0, cut)}, {0, Field::content, text.substr(cut)}});
  return guard_with("openai_chat", stream, {}, transforms, set);
}

// A whole answer of each API that says `text`, as JSON.
std::string answer_of(std::string_view api, const std::string& text) {
  if (api == "anthropic_messages")
    return Json{{"type", "message"},
                {"role", "assistant"},
                {"content", Json::array({{{"type", "text"}, {"text", text}}})}}
        .dump();
  if (api == "openai_responses")
    return Json{
        {"object", "response"},
        {"output",
         Json::array({{{"type", "message"},
                       {"role", "assistant"},
                       {"content", Json::array({{{"type", "output_text"}, {"text", text}}})}}})}}
        .dump();
  if (api == "openai_completions")
    return Json{{"object", "text_completion"},
                {"choices", Json::array({{{"index", 0}, {"text", text}}})}}
        .dump();
  if (is_of_lines(api)) return Json::parse(line_of(api, text, true)).dump();
  return Json{
      {"object", "chat.completion"},
      {"choices",
       Json::array({{{"index", 0}, {"message", {{"role", "assistant"}, {"content", text}}}}})}}
      .dump();
}

std::string text_in(std::string_view api, const Json& answer) {
  if (api == "anthropic_messages") return answer["content"][0]["text"];
  if (api == "openai_responses") return answer["output"][0]["content"][0]["text"];
  if (api == "openai_completions") return answer["choices"][0]["text"];
  if (api == "ollama_chat") return answer["message"]["content"];
  if (api == "ollama_generate") return answer["response"];
  return answer["choices"][0]["message"]["content"];
}

// The answer as it leaves; an error's code where it does not.
std::string transformed(std::string_view api, const std::string& body,
                        std::span<const TransformMaker> transforms = two_transforms) {
  auto document = protocol::Document::parse_response(body, endpoint_of(api), 200, {});
  if (!document) return document.error().code;
  ScannerPool pool(detectors::Catalog::built_in());
  const auto inspected = inspect(*document, pool);
  Tally tally;
  const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
  Judge judge(redacts_all().content(facts, core::Direction::response), core::Direction::response,
              tally);
  const Redactor redactor("key");
  Replacer replacer(redactor);
  protocol::Edits edits;
  const auto done = redact(*document, *inspected, {judge, replacer, transforms},
                           core::Direction::response, edits);
  return done ? document->apply(edits) : done.error().code;
}

const std::string text_before = "Al Alp Alpha, 问 zhang.san@corp.example \"Alpha\"\n或 Alph Alpha";
const std::string text_after =
    "Al Alp Alpha (the first letter), 问 [EMAIL] \"Alpha (the first letter)\"\n"
    "或 Alph Alpha (the first letter) 已核对。Checked.";

TEST(Transforms, ChangeWholeAnswersOfEveryApi) {
  for (const std::string_view api : transformed_apis) {
    const std::string body = transformed(api, answer_of(api, text_before));
    ASSERT_TRUE(Json::accept(body)) << body;
    EXPECT_EQ(text_in(api, Json::parse(body)), text_after);
  }
}

TEST(Transforms, ChangeStreamsOfEveryApiAtEveryCutOfTheText) {
  for (const std::string_view api : transformed_apis) {
    for (const std::size_t cut : character_starts(text_before)) {
      const auto guarded =
          guard_with(api,
                     stream_of(api, {{0, Field::content, text_before.substr(0, cut)},
                                     {0, Field::content, text_before.substr(cut)}}),
                     {});
      ASSERT_EQ(guarded.error, "");
      ASSERT_EQ((texts_of(guarded.released)[{0, Field::content}]), text_after) << "cut at " << cut;
    }
    std::vector<Delta> characters;
    std::size_t from = 0;
    for (const std::size_t cut : character_starts(text_before)) {
      characters.push_back({0, Field::content, text_before.substr(from, cut - from)});
      from = cut;
    }
    characters.push_back({0, Field::content, text_before.substr(from)});
    const Guarded guarded = guard_with(api, stream_of(api, characters), {});
    EXPECT_EQ((texts_of(guarded.released)[{0, Field::content}]), text_after);
  }
}

TEST(Transforms, ChangeStreamsAlikeAtEveryCutOfTheBytes) {
  for (const std::string_view api : transformed_apis) {
    std::vector<Delta> deltas{{0, Field::content, text_before.substr(0, 11)},
                              {1, Field::content, "Alp"},
                              {0, Field::content, text_before.substr(11)},
                              {1, Field::content, "ha"}};
    // A block or an item, then the next, which goes on with its text.
    const bool in_order = api == "anthropic_messages" || api == "openai_responses";
    if (in_order) std::swap(deltas[1], deltas[2]);
    if (is_of_lines(api)) std::erase_if(deltas, [](const Delta& d) { return d.choice == 1; });
    const std::string stream = stream_of(api, deltas);
    const Guarded whole = guard_with(api, stream, {});
    ASSERT_EQ(whole.error, "");
    if (!in_order && !is_of_lines(api)) {
      EXPECT_EQ((texts_of(whole.released)[{0, Field::content}]), text_after);
      EXPECT_EQ((texts_of(whole.released)[{1, Field::content}]),
                std::string(long_word) + std::string(last_sentence));
    }
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      ASSERT_EQ(guard_with(api, stream, {cut}).released, whole.released) << cut;
    }
  }
}

// What says the whole text again says what its pieces said.
TEST(Transforms, ChangeARepeatedTextAsItsPieces) {
  const Guarded guarded =
      guard_with("openai_responses",
                 responses_stream({{0, Field::content, "Al"}, {0, Field::content, "pha"}}), {});
  const std::size_t done = guarded.released.find("response.output_text.done");
  ASSERT_NE(done, std::string::npos);
  EXPECT_THAT(guarded.released.substr(done),
              HasSubstr(std::string(long_word) + std::string(last_sentence)));
  EXPECT_THAT(guarded.released.substr(done), HasSubstr(R"("item_id":"msg_0")"));
}

TEST(Transforms, LeaveAnswersThatAreJsonJson) {
  const std::string json =
      R"({"name":"Alpha","to":"zhang.san@corp.example","n":[1,"x\n\"Alpha\""]})";
  const Json expected{
      {"name", long_word}, {"to", "[EMAIL]"}, {"n", {1, "x\n\"" + std::string(long_word) + "\""}}};
  for (const std::string_view api : transformed_apis) {
    const std::string body = transformed(api, answer_of(api, " \n" + json));
    ASSERT_TRUE(Json::accept(body)) << body;
    EXPECT_EQ(Json::parse(text_in(api, Json::parse(body))), expected);
    for (std::size_t cut = 1; cut < json.size(); ++cut) {
      const Guarded guarded = guard_with(api,
                                         stream_of(api, {{0, Field::content, json.substr(0, cut)},
                                                         {0, Field::content, json.substr(cut)}}),
                                         {});
      ASSERT_EQ(guarded.error, "");
      ASSERT_EQ(Json::parse(texts_of(guarded.released)[{0, Field::content}]), expected) << cut;
    }
  }
}

TEST(Transforms, LeaveArgumentsOfToolsJson) {
  const std::string json = R"({"name":"Alpha"})";
  const std::vector<TransformMaker> everywhere{
      [](const TextInfo&) { return std::make_unique<Lengthen>(short_word, long_word); },
      [](const TextInfo&) { return std::make_unique<Append>(); }};
  for (const std::string_view api : {"openai_chat", "openai_responses", "anthropic_messages"}) {
    for (std::size_t cut = 1; cut < json.size(); ++cut) {
      std::vector<TransformMaker> of_arguments;
      for (const TransformMaker& maker : everywhere) {
        of_arguments.push_back([&](const TextInfo& text) -> std::unique_ptr<Transform> {
          return text.kind == protocol::LeafKind::json_text ? maker(text) : nullptr;
        });
      }
      const Guarded guarded = guard_with(api,
                                         stream_of(api, {{0, Field::arguments, json.substr(0, cut)},
                                                         {0, Field::arguments, json.substr(cut)}}),
                                         {}, of_arguments);
      ASSERT_EQ(guarded.error, "");
      ASSERT_EQ(Json::parse(texts_of(guarded.released)[{0, Field::arguments}]),
                (Json{{"name", long_word}}));
    }
  }
}

TEST(Transforms, WhatWouldBreakTheJsonOfATextRefusesIt) {
  const std::vector<TransformMaker> quoting{lengthening(short_word, "\"A\"")};
  const std::string json = R"({"name":"Alpha"})";
  EXPECT_EQ(transformed("openai_chat", answer_of("openai_chat", json), quoting),
            "transform_failed");
  const Guarded guarded =
      guard_with("openai_chat", chat_stream({{0, Field::content, json}}), {}, quoting);
  EXPECT_EQ(guarded.error, "transform_failed");
  EXPECT_THAT(guarded.released, Not(HasSubstr("name")));
  // In prose it is the document's strings that escape it.
  const std::string body =
      transformed("openai_chat", answer_of("openai_chat", "say Alpha"), quoting);
  EXPECT_EQ(text_in("openai_chat", Json::parse(body)), "say \"A\"");
}

// Of edits that overlap, the earlier transform's is made: a redaction always is.
TEST(Transforms, TheEarlierOneHasItsWay) {
  const std::vector<TransformMaker> overlapping{
      lengthening("to zhang.san@", "no one"), lengthening("corp.example and", "somewhere"),
      lengthening("and Alpha", "first"), lengthening("Alpha and", "second"), appends_sentence};
  const std::string text = "to zhang.san@corp.example and Alpha and";
  for (const std::size_t cut : character_starts(text)) {
    const Guarded guarded = guard_in_two(text, cut, overlapping);
    ASSERT_EQ((texts_of(guarded.released)[{0, Field::content}]),
              "to [EMAIL] first and" + std::string(last_sentence))
        << cut;
  }
}

TEST(Transforms, APartIsPutInBeforeTheEditThatBeginsThere) {
  const std::vector<TransformMaker> labelling{
      lengthening(short_word, long_word), [](const TextInfo& text) -> std::unique_ptr<Transform> {
        return text.answer ? std::make_unique<Prepend>() : nullptr;
      }};
  for (std::size_t cut = 1; cut < short_word.size(); ++cut) {
    const Guarded guarded = guard_in_two(std::string(short_word) + " ok", cut, labelling);
    EXPECT_EQ((texts_of(guarded.released)[{0, Field::content}]),
              "AI: " + std::string(long_word) + " ok");
  }
}

// A refusal leaves nothing of the value, and what stood before it has its edits.
TEST(Transforms, ARefusalReleasesWhatStoodBeforeItAsItWasChanged) {
  static const auto refuses_all = policy_from(refuse_all);
  const std::string text = "Alpha is at zhang.san@corp.example now";
  for (const std::size_t cut : character_starts(text)) {
    const Guarded guarded = guard_in_two(text, cut, two_transforms, *refuses_all);
    EXPECT_EQ(guarded.error, "content_refused");
    const std::string left = texts_of(guarded.released)[{0, Field::content}];
    EXPECT_TRUE((std::string(long_word) + " is at ").starts_with(left)) << left;
  }
}

// Held back is what one of the transforms has not settled, and no more.
TEST(Transforms, TheLeastSettledOneHoldsTheText) {
  const std::string stream = chat_stream({{0, Field::content, "one two "},
                                          {0, Field::content, "three Al"},
                                          {0, Field::content, "so "}});
  const std::size_t end = stream.find("\n\n", stream.find("three Al")) + 2;
  const std::vector<TransformMaker> alone{lengthening(short_word, long_word)};
  const Guarded waits = guard_with("openai_chat", stream.substr(0, end), {}, alone);
  EXPECT_THAT(waits.before_end, HasSubstr("one two "));
  EXPECT_THAT(waits.before_end, Not(HasSubstr("three Al")));
  EXPECT_EQ(guard_with("openai_chat", stream, {}, alone).released, stream);
}

// What one transform edits waits for the others as a whole: the slowest may settle a part of it.
TEST(Transforms, AnEditIsMadeWholeWhereTheSlowestSettlesAPartOfIt) {
  const std::vector<TransformMaker> wide{lengthening("x <EMAIL_1", "y")};
  for (const std::size_t cut : character_starts("x <EMAIL_1 z")) {
    const std::string text = "x <EMAIL_1 z";
    const Guarded guarded = guard_in_two(text, cut, wide);
    ASSERT_EQ((texts_of(guarded.released)[{0, Field::content}]), "y z") << "cut at " << cut;
  }
}

TEST(Transforms, OneThatCannotTellRefuses) {
  const std::vector<TransformMaker> failing{
      [](const TextInfo&) { return std::make_unique<CannotTell>(); }};
  const Guarded guarded =
      guard_with("openai_chat", chat_stream({{0, Field::content, "Hello "}}), {}, failing);
  EXPECT_EQ(guarded.error, "transform_failed");
  EXPECT_THAT(guarded.released, Not(HasSubstr("Hello")));
  EXPECT_EQ(transformed("openai_chat", answer_of("openai_chat", "Hello"), failing),
            "transform_failed");
}

// Many edits in one text cost no more each than few.
TEST(Transforms, ManyEditsOfOneTextAreMade) {
  std::string text;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    text += "Alpha zhang.san@corp.example ";
    expected += std::string(long_word) + " [EMAIL] ";
  }
  const std::string body = transformed("openai_chat", answer_of("openai_chat", text));
  EXPECT_EQ(text_in("openai_chat", Json::parse(body)), expected + std::string(last_sentence));
}

}  // namespace
}  // namespace menshen::pipeline
