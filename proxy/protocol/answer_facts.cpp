#include "proxy/protocol/answer_facts.h"

#include "proxy/protocol/document_impl.h"

#include <algorithm>
#include <array>

namespace menshen::protocol {

namespace {

// Of OpenAI's chat completions and responses, Anthropic, Ollama, and of servers that speak like
// them: vLLM, SGLang, TGI, DeepSeek, Mistral, Zhipu.
constexpr std::array<std::string_view, 26> finish_words{"abort",
                                                        "cancelled",
                                                        "completed",
                                                        "content_filter",
                                                        "end_turn",
                                                        "eos_token",
                                                        "error",
                                                        "failed",
                                                        "function_call",
                                                        "incomplete",
                                                        "insufficient_system_resource",
                                                        "length",
                                                        "load",
                                                        "max_output_tokens",
                                                        "max_tokens",
                                                        "model_context_window_exceeded",
                                                        "model_length",
                                                        "network_error",
                                                        "pause_turn",
                                                        "refusal",
                                                        "sensitive",
                                                        "stop",
                                                        "stop_sequence",
                                                        "tool_calls",
                                                        "tool_use",
                                                        "unload"};
static_assert(std::ranges::is_sorted(finish_words));
constexpr std::string_view other_finish = "(other)";

// A string as it reads, or its beginning.
std::string name_of(const Tape& tape, NodeId string) {
  // An escape of six bytes stands for one at least.
  constexpr std::size_t raw_bytes_max = 6 * AnswerFacts::name_bytes_max;
  const std::string_view raw = tape.raw(string);
  if (raw.size() > raw_bytes_max) return std::string(raw.substr(0, AnswerFacts::name_bytes_max));
  std::string name = tape.decoded(string);
  name.resize(std::min(name.size(), AnswerFacts::name_bytes_max));
  return name;
}

class FactsReader {
 public:
  FactsReader(const Tape& tape, AnswerFacts& facts) : tape_(tape), facts_(facts) {}

  // An answer, or an event of a stream.
  void document() {
    if (!tape_.is(0, NodeKind::object)) return;
    tape_.each_field(0, [&](NodeId key, NodeId value) {
      const bool is_response = tape_.raw(key) == "response";
      if (is_response || tape_.nodes[key].word == "message"_w) return inner(value, is_response);
      field(key, value);
    });
    // Elsewhere `status` is about other things.
    if (tape_.says(tape_.find(0, "object"_w), "response")) response(0);
  }

 private:
  // The message or response with which an event begins or ends one.
  void inner(NodeId object, bool is_response) {
    if (!tape_.is(object, NodeKind::object)) return;
    tape_.each_field(object, [&](NodeId key, NodeId value) { field(key, value); });
    if (is_response) response(object);
  }

  void field(NodeId key, NodeId value) {
    switch (tape_.nodes[key].word) {
      case "id"_w: return name(value, facts_.id);
      case "model"_w: return name(value, facts_.model);
      case "choices"_w: return choices(value);
      case "stop_reason"_w: return finish(value);
      case "delta"_w:
        if (tape_.is(value, NodeKind::object)) finish(tape_.find(value, "stop_reason"_w));
        return;
      default: break;
    }
    if (tape_.raw(key) == "done_reason") finish(value);
  }

  void name(NodeId value, std::string& out) {
    if (out.empty() && tape_.is(value, NodeKind::string)) out = name_of(tape_, value);
  }

  void choices(NodeId list) {
    if (!tape_.is(list, NodeKind::array)) return;
    tape_.each_element(list, [&](NodeId choice) {
      if (tape_.is(choice, NodeKind::object)) finish(tape_.find(choice, "finish_reason"_w));
    });
  }

  // Some servers write "null", or nothing, while a choice goes on.
  void finish(NodeId reason) {
    if (reason == no_node || !tape_.is(reason, NodeKind::string)) return;
    const std::string word = name_of(tape_, reason);
    if (!word.empty() && word != "null") facts_.add_finish(word);
  }

  void response(NodeId object) {
    const NodeId status = tape_.find(object, "status"_w);
    for (const std::string_view goes_on : {"in_progress", "queued"}) {
      if (tape_.says(status, goes_on)) return;
    }
    if (!tape_.says(status, "incomplete")) return finish(status);
    const NodeId reason = find(find(object, "incomplete_details"), "reason");
    const bool is_given = reason != no_node && tape_.is(reason, NodeKind::string);
    finish(is_given ? reason : status);
  }

  // A field that is a word of some APIs alone.
  [[nodiscard]] NodeId find(NodeId object, std::string_view name) const {
    NodeId found = no_node;
    if (object == no_node || !tape_.is(object, NodeKind::object)) return found;
    tape_.each_field(object, [&](NodeId key, NodeId value) {
      if (tape_.raw(key) == name) found = value;
    });
    return found;
  }

  const Tape& tape_;
  AnswerFacts& facts_;
};

}  // namespace

void AnswerFacts::add_finish(std::string_view reason) {
  const auto known = std::ranges::lower_bound(finish_words, reason);
  const bool is_known = known != finish_words.end() && *known == reason;
  const std::string_view word = is_known ? *known : other_finish;
  const auto at = std::ranges::lower_bound(finish, word);
  if (at == finish.end() || *at != word) finish.insert(at, word);
}

void Document::tell(AnswerFacts& facts) const { FactsReader(impl_->tape, facts).document(); }

}  // namespace menshen::protocol
