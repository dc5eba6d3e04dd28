// Chat completions and completions.
#include "deploy/demo-core/render.h"

namespace menshen::demo_core {
namespace {

Json usage_of(const Task& task) {
  std::size_t output = 0;
  for (const Reply& reply : task.replies) output += reply.output_tokens;
  const std::size_t input = task.replies.front().input_tokens;
  return {
      {"prompt_tokens", input}, {"completion_tokens", output}, {"total_tokens", input + output}};
}

Json envelope(const Task& task, std::string_view prefix, std::string_view object) {
  return {{"id", std::string(prefix) + "-demo-" + std::to_string(task.serial)},
          {"object", object},
          {"created", created_seconds},
          {"model", task.prompt.model},
          {"system_fingerprint", "fp_menshen_demo"}};
}

Json byte_list(const std::string& piece) {
  Json bytes = Json::array();
  for (const char byte : piece) bytes.push_back(static_cast<unsigned char>(byte));
  return bytes;
}

Json chat_logprobs(const std::vector<std::string>& pieces) {
  Json content = Json::array();
  for (const std::string& piece : pieces) {
    const Json token{{"token", piece}, {"logprob", -0.25}, {"bytes", byte_list(piece)}};
    Json entry = token;
    entry["top_logprobs"] = Json::array({token});
    content.push_back(std::move(entry));
  }
  return {{"content", std::move(content)}, {"refusal", nullptr}};
}

Json tool_call(const Task& task, const Reply& reply) {
  return {{"id", "call_demo_" + std::to_string(task.serial)},
          {"type", "function"},
          {"function", {{"name", reply.tool}, {"arguments", join(reply.arguments)}}}};
}

std::string_view finish_reason(const Reply& reply) {
  return reply.tool.empty() ? "stop" : "tool_calls";
}

Json chat_choice(const Task& task, std::size_t index) {
  const Reply& reply = task.replies[index];
  Json message{{"role", "assistant"}, {"content", nullptr}, {"refusal", nullptr}};
  if (!reply.reasoning.empty()) message["reasoning_content"] = join(reply.reasoning);
  if (reply.tool.empty()) {
    message["content"] = join(reply.text);
  } else {
    message["tool_calls"] = Json::array({tool_call(task, reply)});
  }
  return {{"index", index},
          {"message", std::move(message)},
          {"logprobs", task.prompt.logprobs ? chat_logprobs(reply.text) : Json()},
          {"finish_reason", finish_reason(reply)}};
}

// Writes the chunks of a chat stream.
class ChatStream {
 public:
  explicit ChatStream(const Task& task)
      : task_(task), envelope_(envelope(task, "chatcmpl", "chat.completion.chunk")) {}

  std::vector<std::string> events() {
    for (std::size_t i = 0; i < task_.replies.size(); ++i) {
      push(i, {{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, {}, {});
    }
    for (std::size_t i = 0; i < task_.replies.size(); ++i) deltas(i);
    for (std::size_t i = 0; i < task_.replies.size(); ++i) {
      push(i, Json::object(), {}, finish_reason(task_.replies[i]));
    }
    if (task_.prompt.include_usage) {
      Json chunk = envelope_;
      chunk["choices"] = Json::array();
      chunk["usage"] = usage_of(task_);
      events_.push_back(event("", chunk));
    }
    events_.emplace_back("data: [DONE]\n\n");
    return std::move(events_);
  }

 private:
  void deltas(std::size_t index) {
    const Reply& reply = task_.replies[index];
    for (const std::string& piece : reply.reasoning)
      push(index, {{"reasoning_content", piece}}, {}, {});
    for (const std::string& piece : reply.text) {
      push(index, {{"content", piece}}, task_.prompt.logprobs ? chat_logprobs({piece}) : Json(),
           {});
    }
    if (reply.tool.empty()) return;
    Json call = tool_call(task_, reply);
    call["index"] = 0;
    call["function"]["arguments"] = "";
    push(index, {{"tool_calls", Json::array({call})}}, {}, {});
    for (const std::string& piece : reply.arguments) {
      const Json part{{"index", 0}, {"function", {{"arguments", piece}}}};
      push(index, {{"tool_calls", Json::array({part})}}, {}, {});
    }
  }

  void push(std::size_t index, Json delta, Json logprobs, std::string_view finish) {
    Json chunk = envelope_;
    chunk["choices"] = Json::array({{{"index", index},
                                     {"delta", std::move(delta)},
                                     {"logprobs", std::move(logprobs)},
                                     {"finish_reason", finish.empty() ? Json() : Json(finish)}}});
    events_.push_back(event("", chunk));
  }

  const Task& task_;
  Json envelope_;
  std::vector<std::string> events_;
};

Json text_logprobs(const std::vector<std::string>& pieces) {
  Json tokens = Json::array();
  Json values = Json::array();
  Json offsets = Json::array();
  std::size_t offset = 0;
  for (const std::string& piece : pieces) {
    tokens.push_back(piece);
    values.push_back(-0.25);
    offsets.push_back(offset);
    offset += piece.size();
  }
  return {{"tokens", tokens},
          {"token_logprobs", values},
          {"top_logprobs", nullptr},
          {"text_offset", offsets}};
}

Json text_choice(const Task& task, std::size_t index, const std::vector<std::string>& pieces,
                 bool last) {
  return {{"index", index},
          {"text", join(pieces)},
          {"logprobs", task.prompt.logprobs ? text_logprobs(pieces) : Json()},
          {"finish_reason", last ? Json("stop") : Json()}};
}

}  // namespace

Answer chat_answer(const Task& task) {
  if (task.prompt.stream) return stream_answer(ChatStream(task).events());
  Json body = envelope(task, "chatcmpl", "chat.completion");
  body["choices"] = Json::array();
  for (std::size_t i = 0; i < task.replies.size(); ++i)
    body["choices"].push_back(chat_choice(task, i));
  body["usage"] = usage_of(task);
  return json_answer(200, body);
}

Answer completion_answer(const Task& task) {
  Json body = envelope(task, "cmpl", "text_completion");
  body["choices"] = Json::array();
  if (!task.prompt.stream) {
    for (std::size_t i = 0; i < task.replies.size(); ++i) {
      body["choices"].push_back(text_choice(task, i, task.replies[i].text, true));
    }
    body["usage"] = usage_of(task);
    return json_answer(200, body);
  }
  std::vector<std::string> events;
  for (std::size_t i = 0; i < task.replies.size(); ++i) {
    const auto& pieces = task.replies[i].text;
    for (const std::string& piece : pieces) {
      body["choices"] = Json::array({text_choice(task, i, {piece}, &piece == &pieces.back())});
      events.push_back(event("", body));
    }
  }
  events.emplace_back("data: [DONE]\n\n");
  return stream_answer(events);
}

}  // namespace menshen::demo_core
