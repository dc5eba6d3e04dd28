// What the tests and the fuzz target of the pipeline share: policies from YAML, streams of each API
// made from pieces of text, and the text that a client would read from a released stream.
#pragma once

#include "detectors/catalog.h"
#include "detectors/scores.h"
#include "policies/policy_set.h"
#include "proxy/pipeline/stream_guard.h"
#include "proxy/protocol/adapter.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline::testing {

inline constexpr std::string_view redact_all_as_tag = R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny}
access:
  - {id: everyone, effect: allow, who: {groups: [staff]}}
content:
  - {id: personal, find: {categories: [pii]}, then: {action: redact, as: tag}}
  - {id: secrets, find: {categories: [secret]}, then: {action: redact, as: tag}}
)";

inline constexpr std::string_view refuse_all = R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny}
access:
  - {id: everyone, effect: allow, who: {groups: [staff]}}
content:
  - {id: nothing, find: {categories: [pii, secret]}, then: {action: deny, reason: Not here.}}
)";

// Texts are scanned by `catalog`; rules may name the types of all detectors.
inline std::shared_ptr<const policies::PolicySet> policy_from(
    std::string_view yaml,
    std::shared_ptr<const detectors::Catalog> catalog = detectors::Catalog::built_in()) {
  const auto all = detectors::Catalog::built_in();
  auto loaded = policies::PolicySet::parse(
      yaml, "test.yaml", {all->types(), detectors::score_kinds(), std::move(catalog)});
  if (!loaded.set) {
    for (const auto& d : loaded.diagnostics)
      std::fprintf(stderr, "%s: %s\n", d.where().c_str(), d.message.c_str());
    std::abort();
  }
  return loaded.set;
}

inline const core::Subject& staff() {
  static const core::Subject subject{"alice", core::SubjectKind::user, {"staff"}, "key1"};
  return subject;
}

inline const protocol::Endpoint& endpoint_of(std::string_view name) {
  const protocol::Endpoint* const endpoint = protocol::find_endpoint(name);
  if (endpoint == nullptr) std::abort();
  return *endpoint;
}

// Where a text may be cut so that both parts are text.
inline std::vector<std::size_t> character_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  return starts;
}

// One text of a stream.
enum class Field { content, reasoning, arguments };

struct Delta {
  int choice = 0;
  Field field = Field::content;
  std::string text;
};

using Json = nlohmann::ordered_json;

inline std::string sse(const Json& data, std::string_view event = {}) {
  std::string out;
  if (!event.empty()) out.append("event: ").append(event).append("\n");
  return out.append("data: ").append(data.dump()).append("\n\n");
}

inline Json chat_delta(const Delta& d) {
  switch (d.field) {
    case Field::content: return {{"content", d.text}};
    case Field::reasoning: return {{"reasoning_content", d.text}};
    case Field::arguments:
      return {{"tool_calls", Json::array({{{"index", 0}, {"function", {{"arguments", d.text}}}}})}};
  }
  return {};
}

inline std::string chat_stream(const std::vector<Delta>& deltas) {
  const auto chunk = [](int choice, const Json& delta, const Json& finish) {
    return sse({{"id", "chatcmpl-1"},
                {"object", "chat.completion.chunk"},
                {"created", 1700000000},
                {"model", "m"},
                {"choices",
                 Json::array({{{"index", choice}, {"delta", delta}, {"finish_reason", finish}}})}});
  };
  std::string out = chunk(0, {{"role", "assistant"}, {"content", ""}}, nullptr);
  std::map<int, bool> choices{{0, true}};
  for (const Delta& d : deltas) {
    choices[d.choice] = true;
    out += chunk(d.choice, chat_delta(d), nullptr);
  }
  for (const auto& [choice, used] : choices) out += chunk(choice, Json::object(), "stop");
  return out + "data: [DONE]\n\n";
}

inline std::string completions_stream(const std::vector<Delta>& deltas) {
  std::string out;
  for (const Delta& d : deltas) {
    out +=
        sse({{"id", "cmpl-1"},
             {"object", "text_completion"},
             {"choices",
              Json::array({{{"index", d.choice}, {"text", d.text}, {"finish_reason", nullptr}}})}});
  }
  out += sse({{"id", "cmpl-1"},
              {"object", "text_completion"},
              {"choices", Json::array({{{"index", 0}, {"text", ""}, {"finish_reason", "stop"}}})}});
  return out + "data: [DONE]\n\n";
}

inline std::string messages_stream(const std::vector<Delta>& deltas) {
  const auto block = [](const Delta& d) -> Json {
    switch (d.field) {
      case Field::content: return {{"type", "text"}, {"text", ""}};
      case Field::reasoning: return {{"type", "thinking"}, {"thinking", ""}};
      case Field::arguments:
        return {{"type", "tool_use"}, {"id", "toolu_1"}, {"name", "f"}, {"input", Json::object()}};
    }
    return {};
  };
  const auto delta = [](const Delta& d) -> Json {
    switch (d.field) {
      case Field::content: return {{"type", "text_delta"}, {"text", d.text}};
      case Field::reasoning: return {{"type", "thinking_delta"}, {"thinking", d.text}};
      case Field::arguments: return {{"type", "input_json_delta"}, {"partial_json", d.text}};
    }
    return {};
  };
  std::string out = sse({{"type", "message_start"},
                         {"message",
                          {{"id", "msg_1"},
                           {"type", "message"},
                           {"role", "assistant"},
                           {"model", "m"},
                           {"content", Json::array()},
                           {"usage", {{"input_tokens", 3}, {"output_tokens", 1}}}}}},
                        "message_start");
  int open = -1;
  const auto close = [&] {
    if (open >= 0)
      out += sse({{"type", "content_block_stop"}, {"index", open}}, "content_block_stop");
  };
  for (const Delta& d : deltas) {
    if (d.choice != open) {
      close();
      open = d.choice;
      out += sse({{"type", "content_block_start"}, {"index", open}, {"content_block", block(d)}},
                 "content_block_start");
    }
    out += sse({{"type", "content_block_delta"}, {"index", open}, {"delta", delta(d)}},
               "content_block_delta");
  }
  close();
  out += sse({{"type", "message_delta"},
              {"delta", {{"stop_reason", "end_turn"}, {"stop_sequence", nullptr}}},
              {"usage", {{"output_tokens", 9}}}},
             "message_delta");
  return out + sse({{"type", "message_stop"}}, "message_stop");
}

inline std::string responses_stream(const std::vector<Delta>& deltas) {
  const auto type = [](Field field) {
    return field == Field::content     ? "response.output_text"
           : field == Field::reasoning ? "response.reasoning_summary_text"
                                       : "response.function_call_arguments";
  };
  int sequence = 0;
  std::string out =
      sse({{"type", "response.created"},
           {"sequence_number", sequence++},
           {"response",
            {{"id", "resp_1"}, {"object", "response"}, {"model", "m"}, {"output", Json::array()}}}},
          "response.created");
  std::map<int, std::pair<Field, std::string>> texts;
  for (const Delta& d : deltas) {
    const std::string name = std::string(type(d.field)) + ".delta";
    texts[d.choice].first = d.field;
    texts[d.choice].second += d.text;
    out += sse({{"type", name},
                {"sequence_number", sequence++},
                {"item_id", "msg_" + std::to_string(d.choice)},
                {"output_index", d.choice},
                {d.field == Field::reasoning ? "summary_index" : "content_index", 0},
                {"delta", d.text}},
               name);
  }
  for (const auto& [index, text] : texts) {
    const std::string name = std::string(type(text.first)) + ".done";
    out += sse({{"type", name},
                {"sequence_number", sequence++},
                {"item_id", "msg_" + std::to_string(index)},
                {"output_index", index},
                {text.first == Field::reasoning ? "summary_index" : "content_index", 0},
                {text.first == Field::arguments ? "arguments" : "text", text.second}},
               name);
  }
  return out + sse({{"type", "response.completed"},
                    {"sequence_number", sequence++},
                    {"response",
                     {{"id", "resp_1"},
                      {"object", "response"},
                      {"status", "completed"},
                      {"output", Json::array()}}}},
                   "response.completed");
}

// One line of a stream of lines, or a whole answer.
inline std::string line_of(std::string_view api, std::string_view text, bool done) {
  Json line{{"model", "m"}, {"created_at", "2025-07-29T11:05:02.1Z"}};
  if (api == "ollama_generate")
    line["response"] = text;
  else
    line["message"] = {{"role", "assistant"}, {"content", text}};
  line["done"] = done;
  if (done) line["done_reason"] = "stop";
  return line.dump() + "\n";
}

inline std::string lines_stream(std::string_view api, const std::vector<Delta>& deltas) {
  std::string out;
  for (const Delta& d : deltas) out += line_of(api, d.text, false);
  return out + line_of(api, "", true);
}

inline std::string stream_of(std::string_view api, const std::vector<Delta>& deltas) {
  if (api == "openai_completions") return completions_stream(deltas);
  if (api == "openai_responses") return responses_stream(deltas);
  if (api == "anthropic_messages") return messages_stream(deltas);
  if (api.starts_with("ollama_")) return lines_stream(api, deltas);
  return chat_stream(deltas);
}

// The text of each choice and field, as an SDK would put it together.
inline std::map<std::pair<int, Field>, std::string> texts_of(std::string_view stream) {
  std::map<std::pair<int, Field>, std::string> texts;
  if (stream.starts_with('{')) {
    std::istringstream lines{std::string(stream)};
    for (std::string line; std::getline(lines, line);) {
      const Json answer = Json::parse(line);
      texts[{0, Field::content}] += answer.contains("message")
                                        ? answer["message"].value("content", "")
                                        : answer.value("response", "");
    }
    return texts;
  }
  std::size_t at = 0;
  while ((at = stream.find("data: {", at)) != std::string_view::npos) {
    const std::size_t end = stream.find('\n', at);
    const Json event = Json::parse(stream.substr(at + 6, end - at - 6));
    at = end;
    const std::string type = event.value("type", "");
    for (const Json& choice : event.value("choices", Json::array())) {
      const int index = choice.value("index", 0);
      if (choice.contains("text"))
        texts[{index, Field::content}] += choice["text"].get<std::string>();
      const Json delta = choice.value("delta", Json::object());
      texts[{index, Field::content}] += delta.value("content", "");
      if (delta.contains("reasoning_content"))
        texts[{index, Field::reasoning}] += delta["reasoning_content"].get<std::string>();
      for (const Json& call : delta.value("tool_calls", Json::array())) {
        texts[{index, Field::arguments}] += call["function"].value("arguments", "");
      }
    }
    if (type == "content_block_delta") {
      const int index = event["index"];
      const Json& delta = event["delta"];
      if (delta.contains("text"))
        texts[{index, Field::content}] += delta["text"].get<std::string>();
      if (delta.contains("thinking"))
        texts[{index, Field::reasoning}] += delta["thinking"].get<std::string>();
      if (delta.contains("partial_json"))
        texts[{index, Field::arguments}] += delta["partial_json"].get<std::string>();
    }
    if (type.ends_with(".delta")) {
      const Field field = type.find("arguments") != std::string::npos   ? Field::arguments
                          : type.find("reasoning") != std::string::npos ? Field::reasoning
                                                                        : Field::content;
      texts[{event["output_index"].get<int>(), field}] += event["delta"].get<std::string>();
    }
  }
  return texts;
}

struct Guarded {
  std::string released;
  std::string before_end;  // of it, what left before the stream was over
  std::string error;       // code; empty: the stream completed
  Tally tally;
  std::size_t held_bytes_peak = 0;
};

// Runs a stream through a guard, cut at the given byte offsets.
inline Guarded guard_stream(std::string_view api, std::string_view stream,
                            const std::vector<std::size_t>& cuts, const policies::PolicySet& set,
                            core::Limits limits = {}, StreamGuardOptions options = {},
                            std::span<const TransformMaker> transforms = {},
                            const Restorer* own = nullptr) {
  static const Redactor redactor("a key for tests");
  Replacer replacer(redactor);
  Guarded result;
  ScannerPool pool(set.catalog());
  const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
  Judge judge(set.content(facts, core::Direction::response), core::Direction::response,
              result.tally);
  const TextRules rules{judge, replacer, transforms, own};
  StreamGuard guard(endpoint_of(api), limits, pool, rules, set.defaults(), result.tally, options);
  std::vector<Release> out;
  const auto drain = [&] {
    for (const Release& release : out) result.released += release.bytes;
    out.clear();
    result.held_bytes_peak = std::max(result.held_bytes_peak, guard.held_bytes());
  };
  std::size_t from = 0;
  std::vector<std::size_t> ends = cuts;
  ends.push_back(stream.size());
  for (const std::size_t end : ends) {
    const auto fed = guard.feed(stream.substr(from, end - from), out);
    drain();
    if (!fed) {
      result.error = fed.error().code;
      return result;
    }
    from = end;
  }
  result.before_end = result.released;
  const auto finished = guard.finish(out);
  drain();
  if (!finished) result.error = finished.error().code;
  return result;
}

}  // namespace menshen::pipeline::testing
