#include "policies/source_marks.h"

#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \n");
  return std::string(text.substr(begin, text.find_last_not_of(" \n") + 1 - begin));
}

std::vector<std::string> found(const SourceMarks& marks, std::string_view text,
                               core::Role role = core::Role::user) {
  std::vector<std::string_view> passages;
  marks.passages(text, role, passages);
  std::vector<std::string> out;
  for (const std::string_view passage : passages) out.push_back(trimmed(passage));
  return out;
}

std::vector<std::string> usual(std::string_view text, core::Role role = core::Role::user) {
  return found(SourceMarks(), text, role);
}

TEST(SourceMarks, OrdinaryPromptsHaveNoSources) {
  for (const char* text : {
           "",
           "What is the capital of France?",
           "In this context: what is a door god?",
           "Write a poem about context, documents and sources.",
           "## Context\nYou are a helpful assistant of Acme.\n",
           "Answer within <context> tags.",
           "Wrap it in <context></context> tags.",
           "What does <source src=\"a.mp4\" /> do?",
           "请写一首诗。参考资料很多，不用管。",
           "Here is my question: Query: SELECT 1",
       }) {
    EXPECT_THAT(usual(text), IsEmpty()) << text;
  }
}

TEST(SourceMarks, WhatASearchBroughtIsASource) {
  const std::string fact = "Refunds take 30 days.";
  for (const std::string& text : {
           "Context: " + fact + " Question: How long?",
           "Context:\n" + fact + "\n\nQuestion: How long?\nAnswer:",
           "Answer from the context. CONTEXT: " + fact,
           "Question: How long?\n**Context:** " + fact,
           "<context>" + fact + "</context> How long?",
           "Use what stands inside <context></context> tags.\n<context>\n" + fact + "\n</context>",
           "<DOCUMENTS count=\"1\">\n" + fact + "</documents>\nHow long?",
           "## Search results\n\n" + fact + "\n\n## Question\n\nHow long?",
           "参考资料：" + fact + "\n问题：要多久？",
           "请回答。参考资料: " + fact,
           "【参考资料】\n" + fact + "\n【问题】要多久？",
           "<参考资料>" + fact + "</参考资料>",
           "已知信息：\n" + fact,
           "Context information is below.\n" + fact + "\nQuery: How long?",
       }) {
    EXPECT_THAT(usual(text), ElementsAre(fact)) << text;
    EXPECT_THAT(usual(text, core::Role::system), ElementsAre(fact)) << text;
    EXPECT_THAT(usual(text, core::Role::assistant), IsEmpty()) << text;
  }
}

TEST(SourceMarks, APassageEndsAtTheLastQuestionBeforeTheNextLabel) {
  EXPECT_THAT(usual("Context: a\nQuestion: b\nAnswer: c\nContext: d\nQuestion: e"),
              ElementsAre("a", "d"));
  EXPECT_THAT(usual("Documents:\nQuestion: how long? Answer: a week.\n\nQuestion: now?"),
              ElementsAre("Question: how long? Answer: a week."));
  EXPECT_THAT(usual("<document index=\"1\">a</document>\n<document index=\"2\">b</document>"),
              ElementsAre("a", "b"));
}

TEST(SourceMarks, APolicySetAddsMarksAndMayDropTheUsualOnes) {
  const auto marks_of = [](std::string_view grounding) {
    const auto loaded = testing::parse(
        "apiVersion: menshen/v1\nkind: PolicySet\nmetadata: {name: n}\n"
        "access: [{id: a, effect: allow}]\ngrounding: {sources: " +
        std::string(grounding) + "}\n");
    EXPECT_NE(loaded.set, nullptr) << testing::listed(loaded);
    return loaded.set;
  };
  const auto added = marks_of(R"yaml({marks: [{tag: facts}, {label: "Notes:", roles: [user]},
    {begin: "(((", end: ")))"}], questions: [Task]})yaml");
  const SourceMarks& marks = added->source_marks();
  EXPECT_THAT(found(marks, "Context: a"), ElementsAre("a"));
  EXPECT_THAT(found(marks, "<facts>a</facts>"), ElementsAre("a"));
  EXPECT_THAT(found(marks, "Notes: a\nTask: b"), ElementsAre("a"));
  EXPECT_THAT(found(marks, "Notes: a", core::Role::system), IsEmpty());
  EXPECT_THAT(found(marks, "see (((a))) and (((b)))"), ElementsAre("a", "b"));
  EXPECT_THAT(found(marks, "see (((a"), IsEmpty());

  const auto alone = marks_of("{usual_marks: false, marks: [{roles: [system]}]}");
  EXPECT_THAT(found(alone->source_marks(), "Context: a"), IsEmpty());
  EXPECT_THAT(found(alone->source_marks(), "All of it.", core::Role::system),
              ElementsAre("All of it."));
  const auto none = marks_of("{usual_marks: false}");
  EXPECT_THAT(found(none->source_marks(), "Context: a"), IsEmpty());
}

TEST(SourceMarks, MistakesAreNamed) {
  const auto listed = [](std::string_view sources) {
    return testing::listed(
        testing::parse("apiVersion: menshen/v1\nkind: PolicySet\nmetadata: {name: n}\n"
                       "access: [{id: a, effect: allow}]\ngrounding: {sources: " +
                       std::string(sources) + "}\n"));
  };
  EXPECT_THAT(listed("{marks: [{tag: a, label: b}]}"), HasSubstr("one of tag, label and begin"));
  EXPECT_THAT(listed("{marks: [{label: b, end: c}]}"), HasSubstr("`end` belongs to `begin`"));
  EXPECT_THAT(listed("{marks: [{tag: \"<a>\"}]}"), HasSubstr("by its name alone"));
  EXPECT_THAT(listed("{marks: [{label: \":\"}]}"), HasSubstr("blank"));
  EXPECT_THAT(listed("{marks: [{roles: [tool]}]}"), HasSubstr("roles"));
}

// Openings that nothing closes are looked for once.
TEST(SourceMarks, UnclosedTagsEndAtOnce) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "<context><documents> Context: ";
  text += "end";
  EXPECT_THAT(usual(text).back(), "end");
}

}  // namespace
}  // namespace menshen::policies
