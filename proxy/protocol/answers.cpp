#include "proxy/protocol/answers.h"

#include "proxy/protocol/content.h"
#include "proxy/protocol/references.h"

#include <algorithm>
#include <charconv>

namespace menshen::protocol {

namespace {

using core::Role;

void read_choices(LeafWriter& writer, NodeId choices, Scope scope) {
  const Tape& tape = writer.tape();
  if (!tape.is(choices, NodeKind::array)) return writer.all(choices, scope);
  tape.each_element(choices, [&](NodeId choice) {
    if (!tape.is(choice, NodeKind::object)) return writer.all(choice, scope);
    tape.each_field(choice, [&](NodeId key, NodeId value) {
      if (tape.nodes[key].word == "text"_w) return writer.text(value, scope.spoken_by(nobody));
      read_choice_field(writer, key, value, scope);
    });
  });
}

void read_output(LeafWriter& writer, NodeId output, Scope scope) {
  if (!writer.tape().is(output, NodeKind::array)) return read_item(writer, output, scope);
  writer.tape().each_element(output, [&](NodeId item) { read_item(writer, item, scope); });
}

std::uint64_t count(const Tape& tape, NodeId usage, Word word) {
  const NodeId value = tape.find(usage, word);
  std::uint64_t number = 0;
  if (value == no_node || !tape.is(value, NodeKind::number)) return 0;
  const std::string_view raw = tape.raw(value);
  const auto [end, code] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  return code == std::errc{} && end == raw.data() + raw.size() ? number : 0;
}

}  // namespace

void read_choice_field(LeafWriter& writer, NodeId key, NodeId value, Scope scope) {
  const Tape& tape = writer.tape();
  if (tape.nodes[key].word != "logprobs"_w) writer.key(key);
  switch (tape.nodes[key].word) {
    case "message"_w:
    case "delta"_w:
      writer.end_speech();  // another choice is no continuation
      return read_message(writer, value, scope);
    case "logprobs"_w:
    case "prompt_logprobs"_w:
      return writer.logprobs(value, writer.own_group(), tape.nodes[key].word);
    default: return writer.unknown(value, metadata_scope, false);
  }
}

void read_answer_field(LeafWriter& writer, NodeId key, NodeId value, Scope scope) {
  const Tape& tape = writer.tape();
  writer.key(key);
  switch (tape.nodes[key].word) {
    case "choices"_w: return read_choices(writer, value, scope);
    case "content"_w: return read_content(writer, value, scope);
    case "output"_w: return read_output(writer, value, scope);
    case "output_text"_w: return read_content(writer, value, scope.without_answer());
    case "message"_w: return read_message(writer, value, scope);
    case "metadata"_w: return writer.own(value, metadata_scope);
    case "instructions"_w: return read_content(writer, value, {Role::system, false});
    case "tools"_w:
    case "tool_choice"_w:
    case "text"_w: return writer.all(value, {Role::definition, false});
    case "prompt_logprobs"_w:
      return writer.logprobs(value, writer.own_group(), "prompt_logprobs"_w);
    // Times of the provider's clock.
    case "created"_w:
    case "created_at"_w:
    case "completed_at"_w:
    case "expires_at"_w:
      if (tape.is(value, NodeKind::number)) return;
      return writer.all(value, metadata_scope);
    default: return writer.unknown(value, metadata_scope, false);
  }
}

void read_answer(LeafWriter& writer, NodeId object, bool answer) {
  const Scope scope{Role::assistant, answer, false, assistant_speaker};
  writer.tape().each_field(
      object, [&](NodeId key, NodeId value) { read_answer_field(writer, key, value, scope); });
}

Usage read_whole_answer(LeafWriter& writer) {
  read_answer(writer, 0, true);
  return read_usage(writer.tape(), 0);
}

Usage read_usage(const Tape& tape, NodeId object) {
  const NodeId usage = tape.find(object, "usage"_w);
  if (usage == no_node || !tape.is(usage, NodeKind::object)) return {};
  Usage counted;
  // Some servers name a count in both ways.
  counted.input_tokens =
      std::max(count(tape, usage, "prompt_tokens"_w), count(tape, usage, "input_tokens"_w)) +
      count(tape, usage, "cache_creation_input_tokens"_w) +
      count(tape, usage, "cache_read_input_tokens"_w);
  counted.output_tokens =
      std::max(count(tape, usage, "completion_tokens"_w), count(tape, usage, "output_tokens"_w));
  return counted;
}

}  // namespace menshen::protocol
