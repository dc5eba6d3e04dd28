// What a record says of the provider's answer: its id, the model that made it, why it ended. A
// provider that means harm writes into them what it likes.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

namespace menshen::pipeline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AnswerNames : public GatewayTest {
 protected:
  // The answer's id and model, whole and in a stream.
  const audit::Record& told(std::string_view id, std::string_view model, bool stream) {
    Json body{{"id", id},
              {"model", model},
              {"choices", Json::array({{{"index", 0},
                                        {"message", {{"role", "assistant"}, {"content", "Hi"}}},
                                        {"finish_reason", "stop"}}})}};
    if (stream) {
      body["choices"][0]["delta"] = {{"content", "Hi"}};
      body["choices"][0].erase("message");
    }
    const std::string text = stream ? sse(body) + "data: [DONE]\n\n" : body.dump();
    upstreams_.answers = {
        {.type = stream ? "text/event-stream" : "application/json", .pieces = {text}}};
    upstreams_.calls = 0;
    ask(chat("Hi", stream));
    return outcome();
  }
};

TEST_F(AnswerNames, StandInTheOutcome) {
  for (const bool stream : {false, true}) {
    const std::string_view id = "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT";
    const audit::Record& r = told(id, "qwen/qwen3-32b@2026.11+awq", stream);
    EXPECT_EQ(r.answer_id, id);
    EXPECT_EQ(r.answer_model, "qwen/qwen3-32b@2026.11+awq");
    EXPECT_THAT(r.finish, ElementsAre("stop"));
  }
}

TEST_F(AnswerNames, TheModelThatWasAskedForIsNotSaidAgain) {
  for (const bool stream : {false, true}) EXPECT_EQ(told("c", "m", stream).answer_model, "");
  upstreams_.targets = {{0, "core", "internal", "m-there"}};
  EXPECT_EQ(told("c", "m-there", false).answer_model, "");
  EXPECT_EQ(told("c", "m", false).answer_model, "m");
}

TEST_F(AnswerNames, AreWithheldWhereSomethingIsFoundOrCouldBeAnything) {
  const std::string names[] = {"li.lei@corp.example",
                               "13812345678",
                               "id:13812345678",
                               "AKIAIOSFODNN7QZ4RTUV",
                               "msk_qkb1jggz7b_rb0x2c88g1z4s7r5y7ax6t3gjac203wk6f8j",
                               "two words",
                               "a\nb",
                               "李雷",
                               "(withheld",
                               "\"",
                               std::string(129, 'x'),
                               std::string(100'000, 'x')};
  for (const bool stream : {false, true}) {
    EXPECT_EQ(told(std::string(128, 'x'), "m", stream).answer_id, std::string(128, 'x'));
    for (const std::string& name : names) {
      SCOPED_TRACE(name.substr(0, 40));
      // A rule may refuse the answer besides: the record has no more of it.
      const audit::Record& r = told(name, name, stream);
      EXPECT_EQ(r.answer_id, "(withheld)");
      EXPECT_EQ(r.answer_model, "(withheld)");
      EXPECT_THAT(audit::canonical(r, 1), Not(HasSubstr(Json(name).dump().substr(1, 40))));
    }
  }
}

TEST_F(AnswerNames, AreThoseOfAnAnswerAlone) {
  answer({.status = 429, .pieces = {R"({"id":"c","model":"n","error":{"message":"No."}})"}});
  ask(chat("Hi"));
  EXPECT_EQ(outcome().status, 429U);
  EXPECT_EQ(outcome().answer_id, "");
  EXPECT_EQ(outcome().answer_model, "");
  EXPECT_THAT(outcome().finish, IsEmpty());
}

// Where the record has "(withheld)" for the client's name, the provider's, which is the same, says
// no more.
TEST_F(AnswerNames, AModelThatIsWithheldIsTheOneThatWasAskedFor) {
  const std::string request =
      Json{{"model", "li.lei@corp.example"},
           {"messages", Json::array({{{"role", "user"}, {"content", "Hi"}}})}}
          .dump();
  answer({.pieces = {R"({"id":"c","model":"li.lei@corp.example","choices":[]})"}});
  ask(request);
  EXPECT_EQ(outcome().upstream_model, "(withheld)");
  EXPECT_EQ(outcome().answer_model, "");
}

}  // namespace
}  // namespace menshen::pipeline::testing
