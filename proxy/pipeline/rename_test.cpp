// A route that renames the model: answers have the name that the client asked for where it says so,
// in bodies and in streams of all APIs.
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

namespace menshen::pipeline::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view there = "qwen3-8b-2026";

struct Said {
  std::string path;
  std::string request;
  bool stream;
  std::string answer;  // of the provider: NAME where it names its model, MODEL elsewhere
};

std::string replaced(std::string text, std::string_view mark, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += by.size())
    text.replace(at, mark.size(), by);
  return text;
}

std::string said_of(const Said& said, std::string_view model, std::string_view name) {
  return replaced(replaced(said.answer, "MODEL", model), "NAME", name);
}

const std::vector<Said>& all_said() {
  const std::string messages = R"("messages":[{"role":"user","content":"Hi"}])";
  const std::string chat = R"({"model":"fast",)" + messages + "}";
  const std::string streamed = R"({"model":"fast","stream":true,)" + messages + "}";
  const std::string chunk = R"({"id":"c","object":"chat.completion.chunk","model": "NAME",)"
                            R"("choices":[{"index":0,"delta":{"content":"Hi MODEL"},)"
                            R"("finish_reason":"stop"}]})";
  static const std::vector<Said> said{
      {"/v1/chat/completions", chat, false,
       R"({"id":"c","model" : "NAME","choices":[{"index":0,)"
       R"("message":{"role":"assistant","content":"I am MODEL","model":"MODEL"}}]})"},
      {"/v1/chat/completions", streamed, true,
       "data: " + chunk + "\n\n: note\nid: 7\ndata: " + chunk + "\n\ndata: [DONE]\n\n"},
      {"/v1/completions", R"({"model":"fast","prompt":"Hi"})", false,
       R"({"model":"NAME","choices":[{"index":0,"text":"Hi"}]})"},
      {"/v1/embeddings", R"({"model":"fast","input":"Hi"})", false,
       R"({"object":"list","model":"NAME","data":[{"embedding":[0.1],"index":0}]})"},
      {"/v1/responses", R"({"model":"fast","input":"Hi","metadata":{"model":"MODEL"}})", false,
       R"({"id":"r","object":"response","model":"NAME","metadata":{"model":"MODEL"},"output":[]})"},
      {"/v1/responses", R"({"model":"fast","input":"Hi","stream":true})", true,
       "event: response.created\n"
       R"(data: {"type":"response.created","response":{"id":"r","model":"NAME","output":[]}})"
       "\n\nevent: response.completed\n"
       R"(data: {"type":"response.completed","response":{"id":"r","model":"NAME","output":[]}})"
       "\n\n"},
      {"/v1/messages", R"({"model":"fast","max_tokens":9,)" + messages + "}", false,
       R"({"id":"m","type":"message","role":"assistant","model":"NAME",)"
       R"("content":[{"type":"text","text":"MODEL"}]})"},
      {"/v1/messages", R"({"model":"fast","max_tokens":9,"stream":true,)" + messages + "}", true,
       "event: message_start\n"
       R"(data: {"type":"message_start","message":{"id":"m","type":"message",)"
       R"("role":"assistant","model":"NAME","content":[]}})"
       "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"},
      {"/openai/deployments/fast/chat/completions", "{" + messages + "}", false,
       R"({"id":"c","model":"NAME","choices":[{"index":0,)"
       R"("message":{"role":"assistant","content":"Hi"}}]})"},
      {"/api/chat", chat, true,
       R"({"model":"NAME","message":{"role":"assistant","content":"Hi "},"done":false})"
       "\n"
       R"({"model":"NAME","message":{"role":"assistant","content":""},"done":true})"
       "\n"},
      {"/api/generate", R"({"model":"fast","prompt":"Hi","stream":false})", false,
       R"({"model":"NAME","response":"Hi","done":true})"},
  };
  return said;
}

class RenamedModel : public GatewayTest {
 protected:
  // What the client gets of an answer, without the event that has the scores.
  std::string received(const Said& said, bool as_asked, std::string_view model = there) {
    upstreams_.targets = {{0, "core", "internal", std::string(there)}};
    upstreams_.targets[0].answers_as_asked = as_asked;
    const bool lines = said.path.starts_with("/api/");
    upstreams_.answers = {{.type = !said.stream ? "application/json"
                                   : lines      ? "application/x-ndjson"
                                                : "text/event-stream",
                           .pieces = {said_of(said, model, model)}}};
    upstreams_.calls = 0;
    std::string text = ask(said.request, said.path).received;
    if (const auto at = text.find("menshen"); at != std::string::npos) {
      const std::string_view end = lines ? "\n" : "\n\n";
      const auto before = text.rfind(end, at);
      const std::size_t begin = before == std::string::npos ? 0 : before + end.size();
      text.erase(begin, text.find(end, at) + end.size() - begin);
    }
    return text;
  }
};

TEST_F(RenamedModel, ReturnsUnderTheNameThatWasAskedFor) {
  for (const Said& said : all_said()) {
    SCOPED_TRACE(said.path + said.answer);
    // Whatever the provider makes of the name, and no other field or text.
    for (const std::string_view model : {there, std::string_view("other")})
      EXPECT_EQ(received(said, true, model), said_of(said, model, "fast"));
    EXPECT_EQ(outcome().model, "fast");
    EXPECT_EQ(outcome().upstream_model, there);
    EXPECT_EQ(outcome().decision, "allow");
  }
}

TEST_F(RenamedModel, IsTheUpstreamsUnlessTheRouteSaysSo) {
  for (const Said& said : all_said()) {
    SCOPED_TRACE(said.path + said.answer);
    EXPECT_EQ(received(said, false), said_of(said, there, there));
  }
}

// Where the route does not rename, the provider knows better which version answered.
TEST_F(RenamedModel, IsLeftWhereTheRouteKeepsTheName) {
  upstreams_.targets = {{0, "core", "internal", ""}};
  upstreams_.targets[0].answers_as_asked = true;
  upstreams_.answers = {{.pieces = {R"({"model":"m-2026","choices":[]})"}}};
  EXPECT_THAT(ask(chat("Hi")).received, HasSubstr("m-2026"));
}

TEST_F(RenamedModel, IsWrittenBesideWhatIsRedacted) {
  for (const bool stream : {false, true}) {
    upstreams_.targets = {{0, "core", "internal", "li.si@corp.example"}};
    upstreams_.targets[0].answers_as_asked = true;
    std::string text = R"({"model":"li.si@corp.example","choices":[{"index":0,"delta":)"
                       R"({"content":"Ask li.si@corp.example"},"finish_reason":"stop"}]})";
    if (stream) text = "data: " + text + "\n\ndata: [DONE]\n\n";
    upstreams_.answers = {
        {.type = stream ? "text/event-stream" : "application/json", .pieces = {text}}};
    upstreams_.calls = 0;
    const FakeClient& client = ask(chat("Hi", stream));
    EXPECT_THAT(client.received, HasSubstr(R"("model":"m")"));
    EXPECT_THAT(client.received, HasSubstr("Ask [EMAIL]"));
    EXPECT_THAT(client.received, Not(HasSubstr("li.si")));
  }
}

}  // namespace
}  // namespace menshen::pipeline::testing
