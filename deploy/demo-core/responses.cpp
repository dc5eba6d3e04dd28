// The Responses API.
#include "deploy/demo-core/render.h"

namespace menshen::demo_core {
namespace {

Json response_object(const Task& task, std::string_view status, Json output) {
  const Reply& reply = task.replies.front();
  Json body{{"id", "resp_demo_" + std::to_string(task.serial)},
            {"object", "response"},
            {"created_at", created_seconds},
            {"status", status},
            {"error", nullptr},
            {"incomplete_details", nullptr},
            {"model", task.prompt.model},
            {"output", std::move(output)},
            {"parallel_tool_calls", true},
            {"metadata", Json::object()},
            {"usage", nullptr}};
  if (status == "completed") {
    body["usage"] = {{"input_tokens", reply.input_tokens},
                     {"output_tokens", reply.output_tokens},
                     {"total_tokens", reply.input_tokens + reply.output_tokens}};
  }
  return body;
}

Json text_part(std::string text) {
  return {{"type", "output_text"}, {"text", std::move(text)}, {"annotations", Json::array()}};
}

std::string item_id(const Task& task, std::string_view kind) {
  return std::string(kind) + "_demo_" + std::to_string(task.serial);
}

// An output item, finished or (for output_item.added) still empty.
Json reasoning_item(const Task& task, bool done) {
  Json summary = Json::array();
  if (done)
    summary.push_back({{"type", "summary_text"}, {"text", join(task.replies.front().reasoning)}});
  Json item{{"id", item_id(task, "rs")}, {"type", "reasoning"}, {"summary", summary}};
  if (task.prompt.encrypted && done) item["encrypted_content"] = sealed_reasoning();
  return item;
}

Json message_item(const Task& task, bool done) {
  Json content = Json::array();
  if (done) content.push_back(text_part(join(task.replies.front().text)));
  return {{"id", item_id(task, "msg")},
          {"type", "message"},
          {"status", done ? "completed" : "in_progress"},
          {"role", "assistant"},
          {"content", content}};
}

Json call_item(const Task& task, bool done) {
  const Reply& reply = task.replies.front();
  return {{"id", item_id(task, "fc")},
          {"type", "function_call"},
          {"status", done ? "completed" : "in_progress"},
          {"call_id", item_id(task, "call")},
          {"name", reply.tool},
          {"arguments", done ? join(reply.arguments) : ""}};
}

Json output_items(const Task& task) {
  const Reply& reply = task.replies.front();
  Json output = Json::array();
  if (!reply.reasoning.empty()) output.push_back(reasoning_item(task, true));
  output.push_back(reply.tool.empty() ? message_item(task, true) : call_item(task, true));
  return output;
}

// Writes the events of one streamed response.
class ResponseStream {
 public:
  explicit ResponseStream(const Task& task) : task_(task), reply_(task.replies.front()) {}

  std::vector<std::string> events() {
    push("response.created", {{"response", response_object(task_, "in_progress", Json::array())}});
    push("response.in_progress",
         {{"response", response_object(task_, "in_progress", Json::array())}});
    if (!reply_.reasoning.empty()) item(reasoning_item, [this] { reasoning(); });
    if (reply_.tool.empty()) {
      item(message_item, [this] { message(); });
    } else {
      item(call_item, [this] { call(); });
    }
    push("response.completed",
         {{"response", response_object(task_, "completed", output_items(task_))}});
    return std::move(events_);
  }

 private:
  template <class MakeItem, class Inside>
  void item(MakeItem make, Inside inside) {
    item_id_ = make(task_, false)["id"];
    push("response.output_item.added", {{"output_index", index_}, {"item", make(task_, false)}});
    inside();
    push("response.output_item.done", {{"output_index", index_}, {"item", make(task_, true)}});
    ++index_;
  }

  void reasoning() {
    const Json at{{"item_id", item_id_}, {"output_index", index_}, {"summary_index", 0}};
    const std::string text = join(reply_.reasoning);
    push("response.reasoning_summary_part.added", at,
         {{"part", {{"type", "summary_text"}, {"text", ""}}}});
    for (const std::string& piece : reply_.reasoning) {
      push("response.reasoning_summary_text.delta", at, {{"delta", piece}});
    }
    push("response.reasoning_summary_text.done", at, {{"text", text}});
    push("response.reasoning_summary_part.done", at,
         {{"part", {{"type", "summary_text"}, {"text", text}}}});
  }

  void message() {
    const Json at{{"item_id", item_id_}, {"output_index", index_}, {"content_index", 0}};
    const std::string text = join(reply_.text);
    push("response.content_part.added", at, {{"part", text_part("")}});
    for (const std::string& piece : reply_.text) {
      push("response.output_text.delta", at, {{"delta", piece}, {"logprobs", Json::array()}});
    }
    push("response.output_text.done", at, {{"text", text}, {"logprobs", Json::array()}});
    push("response.content_part.done", at, {{"part", text_part(text)}});
  }

  void call() {
    const Json at{{"item_id", item_id_}, {"output_index", index_}};
    for (const std::string& piece : reply_.arguments) {
      push("response.function_call_arguments.delta", at, {{"delta", piece}});
    }
    push("response.function_call_arguments.done", at,
         {{"name", reply_.tool}, {"arguments", join(reply_.arguments)}});
  }

  void push(std::string_view type, const Json& at, const Json& rest = Json::object()) {
    Json data{{"type", type}, {"sequence_number", events_.size()}};
    data.update(at);
    data.update(rest);
    events_.push_back(event(type, data));
  }

  const Task& task_;
  const Reply& reply_;
  std::string item_id_;
  int index_ = 0;
  std::vector<std::string> events_;
};

}  // namespace

Answer responses_answer(const Task& task) {
  if (task.prompt.stream) return stream_answer(ResponseStream(task).events());
  return json_answer(200, response_object(task, "completed", output_items(task)));
}

}  // namespace menshen::demo_core
