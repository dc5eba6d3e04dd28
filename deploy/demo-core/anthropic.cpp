// The Messages API.
#include "deploy/demo-core/render.h"

namespace menshen::demo_core {
namespace {

Json message_object(const Task& task, Json content, const Json& stop_reason,
                    std::size_t output_tokens) {
  return {
      {"id", "msg_demo_" + std::to_string(task.serial)},
      {"type", "message"},
      {"role", "assistant"},
      {"model", task.prompt.model},
      {"content", std::move(content)},
      {"stop_reason", stop_reason},
      {"stop_sequence", nullptr},
      {"usage",
       {{"input_tokens", task.replies.front().input_tokens}, {"output_tokens", output_tokens}}}};
}

Json thinking_block(std::string text, std::string_view signature) {
  return {{"type", "thinking"}, {"thinking", std::move(text)}, {"signature", signature}};
}

Json text_block(std::string text) { return {{"type", "text"}, {"text", std::move(text)}}; }

Json tool_block(const Task& task, Json input) {
  return {{"type", "tool_use"},
          {"id", "toolu_demo_" + std::to_string(task.serial)},
          {"name", task.replies.front().tool},
          {"input", std::move(input)}};
}

std::string_view stop_reason(const Reply& reply) {
  return reply.tool.empty() ? "end_turn" : "tool_use";
}

Json content_blocks(const Task& task) {
  const Reply& reply = task.replies.front();
  Json content = Json::array();
  if (!reply.reasoning.empty())
    content.push_back(thinking_block(join(reply.reasoning), sealed_reasoning()));
  if (reply.tool.empty()) {
    content.push_back(text_block(join(reply.text)));
  } else {
    content.push_back(tool_block(task, Json::parse(join(reply.arguments))));
  }
  return content;
}

// Writes the events of one streamed message.
class MessageStream {
 public:
  explicit MessageStream(const Task& task) : task_(task), reply_(task.replies.front()) {}

  std::vector<std::string> events() {
    push("message_start", {{"message", message_object(task_, Json::array(), nullptr, 1)}});
    if (!reply_.reasoning.empty()) thinking();
    if (reply_.tool.empty()) {
      block(text_block(""), "text_delta", "text", reply_.text);
    } else {
      block(tool_block(task_, Json::object()), "input_json_delta", "partial_json",
            reply_.arguments);
    }
    push("message_delta",
         {{"delta", {{"stop_reason", stop_reason(reply_)}, {"stop_sequence", nullptr}}},
          {"usage", {{"output_tokens", reply_.output_tokens}}}});
    push("message_stop", Json::object());
    return std::move(events_);
  }

 private:
  void thinking() {
    start(thinking_block("", ""));
    pieces("thinking_delta", "thinking", reply_.reasoning);
    delta({{"type", "signature_delta"}, {"signature", sealed_reasoning()}});
    stop();
  }

  void block(Json empty, std::string_view type, const char* key,
             const std::vector<std::string>& texts) {
    start(std::move(empty));
    if (index_ == 0) push("ping", Json::object());
    pieces(type, key, texts);
    stop();
  }

  void start(Json empty) {
    push("content_block_start", {{"index", index_}, {"content_block", std::move(empty)}});
  }
  void pieces(std::string_view type, const char* key, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) delta({{"type", type}, {key, text}});
  }
  void delta(Json change) {
    push("content_block_delta", {{"index", index_}, {"delta", std::move(change)}});
  }
  void stop() {
    push("content_block_stop", {{"index", index_}});
    ++index_;
  }

  void push(std::string_view type, const Json& rest) {
    Json data{{"type", type}};
    data.update(rest);
    events_.push_back(event(type, data));
  }

  const Task& task_;
  const Reply& reply_;
  int index_ = 0;
  std::vector<std::string> events_;
};

}  // namespace

Answer messages_answer(const Task& task) {
  if (task.prompt.stream) return stream_answer(MessageStream(task).events());
  const Reply& reply = task.replies.front();
  return json_answer(
      200, message_object(task, content_blocks(task), stop_reason(reply), reply.output_tokens));
}

}  // namespace menshen::demo_core
