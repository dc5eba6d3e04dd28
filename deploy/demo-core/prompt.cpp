#include "deploy/demo-core/prompt.h"

#include <algorithm>
#include <array>

namespace menshen::demo_core {
namespace {

bool mentions_tool(std::string_view text) {
  constexpr std::array words{"tool", "weather", "工具", "天气"};
  return std::ranges::any_of(
      words, [&](const char* word) { return text.find(word) != std::string_view::npos; });
}

std::string tool_name(const Json& tool) {
  return tool.contains("function") ? tool["function"].value("name", "") : tool.value("name", "");
}

std::string wanted_tool(const Json& body, std::string_view text) {
  if (!body.contains("tools") || body["tools"].empty()) return {};
  const Json choice = body.value("tool_choice", Json());
  if (choice.is_object()) {
    const std::string named = tool_name(choice);
    if (!named.empty()) return named;
  }
  const bool forced =
      choice == "required" || (choice.is_object() && choice.value("type", "") == "any");
  return forced || mentions_tool(text) ? tool_name(body["tools"][0]) : std::string();
}

// Where the tool's answer stands differs by API; each is told apart by its own words.
bool is_tool_result(const Json& message) {
  if (!message.is_object()) return false;
  if (message.value("role", "") == "tool") return true;
  if (message.value("type", "") == "function_call_output") return true;
  const Json content = message.value("content", Json());
  return content.is_array() && !content.empty() && content.back().is_object() &&
         content.back().value("type", "") == "tool_result";
}

const Json& conversation(std::string_view path, const Json& body) {
  if (path == "/v1/completions") return body.at("prompt");
  if (path == "/v1/responses" || path == "/v1/embeddings") return body.at("input");
  return body.at("messages");
}

// What holds the text of a part, or nothing.
const Json* inner(const Json& part) {
  if (part.is_array()) return part.empty() ? nullptr : &part.back();
  for (const char* key : {"text", "content", "output"}) {
    if (const auto found = part.find(key); found != part.end()) return &*found;
  }
  return nullptr;
}

// Whether every reasoning and signature below is one of ours.
bool is_sealed_by_us(const Json& value) {
  if (value.is_object()) {
    const std::string type = value.value("type", "");
    const char* field = type == "reasoning"  ? "encrypted_content"
                        : type == "thinking" ? "signature"
                                             : "";
    const auto sealed = value.find(field);
    if (sealed != value.end() && !sealed->is_null() && *sealed != sealed_reasoning()) return false;
  }
  return !value.is_structured() || std::ranges::all_of(value, is_sealed_by_us);
}

}  // namespace

const std::string& sealed_reasoning() {
  static const std::string sealed = [] {
    std::string made = "gAAAAABm";
    while (made.size() < 1024) made += "ZGVtbyByZWFzb25pbmcg";
    return made + "ZQ==";
  }();
  return sealed;
}

std::string text_of(const Json& content) {
  const Json* at = &content;
  while (at != nullptr && !at->is_string()) at = inner(*at);
  return at == nullptr ? std::string() : at->get<std::string>();
}

Prompt read_prompt(std::string_view path, const Json& body, bool* broken) {
  Prompt prompt;
  const Json& said = conversation(path, body);
  if (broken != nullptr) *broken = !is_sealed_by_us(said);
  prompt.model = body.at("model").get<std::string>();
  prompt.text = text_of(said);
  prompt.from_tool = said.is_array() && !said.empty() && is_tool_result(said.back());
  prompt.stream = body.value("stream", false);
  prompt.reasoning = body.contains("reasoning_effort") || body.contains("reasoning") ||
                     (body.contains("thinking") && body["thinking"].value("type", "") == "enabled");
  const Json include = body.value("include", Json::array());
  prompt.encrypted = std::ranges::find(include, "reasoning.encrypted_content") != include.end();
  const Json logprobs = body.value("logprobs", Json());
  prompt.logprobs = logprobs == true || logprobs.is_number();
  prompt.choices = std::clamp(body.value("n", 1), 1, 8);
  if (body.contains("stream_options") && body["stream_options"].is_object()) {
    prompt.include_usage = body["stream_options"].value("include_usage", false);
  }
  if (!prompt.from_tool) prompt.tool = wanted_tool(body, prompt.text);
  return prompt;
}

}  // namespace menshen::demo_core
