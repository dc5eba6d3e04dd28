// Chunks of chat completions and of completions.
#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/events.h"

#include <algorithm>

namespace menshen::protocol {

namespace {

constexpr Scope answer_scope{core::Role::assistant, true};
constexpr Scope aside_scope{core::Role::assistant, false};

// A call of a tool, whose arguments come in pieces. Its name comes whole.
void read_call(LeafWriter& writer, NodeId call, std::uint32_t choice, std::uint32_t part) {
  const Tape& tape = writer.tape();
  if (!tape.is(call, NodeKind::object)) return writer.all(call, aside_scope);
  tape.each_field(call, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    switch (word) {
      case "function"_w:
      case "custom"_w: writer.key(key); return read_call(writer, value, choice, part);
      case "arguments"_w:
        return writer.piece(value, aside_scope, LeafKind::json_text,
                            {choice, part, word, false, 0});
      case "input"_w:
        return writer.piece(value, aside_scope, LeafKind::text, {choice, part, word, false, 0});
      default: return read_unknown_delta(writer, key, value, choice, part, 1);
    }
  });
}

void read_calls(LeafWriter& writer, NodeId calls, std::uint32_t choice) {
  const Tape& tape = writer.tape();
  if (!tape.is(calls, NodeKind::array)) return writer.all(calls, aside_scope);
  std::uint32_t position = 0;
  tape.each_element(calls, [&](NodeId call) {
    const bool numbered = tape.find(call, "index"_w) != no_node;
    // Part 0 is the function_call of older APIs.
    read_call(writer, call, choice, 1 + (numbered ? index_of(tape, call, "index"_w) : position));
    ++position;
  });
}

// Content as a string, or as parts that each continue it.
void read_content_pieces(LeafWriter& writer, NodeId value, Scope scope, const ChannelKey& channel) {
  const Tape& tape = writer.tape();
  if (!tape.is(value, NodeKind::array)) return writer.piece(value, scope, LeafKind::text, channel);
  tape.each_element(value, [&](NodeId part) {
    if (!tape.is(part, NodeKind::object)) return writer.piece(part, scope, LeafKind::text, channel);
    tape.each_field(part, [&](NodeId key, NodeId child) {
      if (tape.nodes[key].word == "text"_w)
        return writer.piece(child, scope, LeafKind::text, channel);
      read_unknown_delta(writer, key, child, channel.group, channel.part, channel.field);
    });
  });
}

void read_audio_delta(LeafWriter& writer, NodeId audio, std::uint32_t choice) {
  const Tape& tape = writer.tape();
  if (!tape.is(audio, NodeKind::object)) return writer.opaque(audio);
  tape.each_field(audio, [&](NodeId key, NodeId value) {
    writer.key(key);
    if (tape.nodes[key].word == "data"_w) writer.mark_opaque(value);
    if (tape.nodes[key].word != "transcript"_w) return writer.readable(value);
    writer.piece(value, answer_scope, LeafKind::text, {choice, 0, "transcript"_w, false, 0});
  });
}

void read_delta(LeafWriter& writer, NodeId delta, std::uint32_t choice) {
  const Tape& tape = writer.tape();
  if (!tape.is(delta, NodeKind::object)) return writer.all(delta, answer_scope);
  tape.each_field(delta, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    switch (word) {
      case "content"_w:
      case "refusal"_w:
        return read_content_pieces(writer, value, answer_scope, {choice, 0, word, false, 0});
      case "reasoning"_w:
      case "reasoning_content"_w:
        return read_content_pieces(writer, value, aside_scope, {choice, 0, word, false, 0});
      case "tool_calls"_w: return read_calls(writer, value, choice);
      case "function_call"_w: return read_call(writer, value, choice, 0);
      case "audio"_w: return read_audio_delta(writer, value, choice);
      default: return read_unknown_delta(writer, key, value, choice, 0, 0);
    }
  });
}

void read_choice(LeafWriter& writer, Channels& channels, NodeId choice, EventFacts& facts) {
  const Tape& tape = writer.tape();
  if (!tape.is(choice, NodeKind::object)) return writer.all(choice, answer_scope);
  const std::uint32_t group = index_of(tape, choice, "index"_w);
  bool finished = false;
  tape.each_field(choice, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    switch (word) {
      case "delta"_w: return read_delta(writer, value, group);
      case "text"_w:
        return writer.piece(value, answer_scope, LeafKind::text, {group, 0, word, false, 0});
      case "logprobs"_w: return writer.logprobs(value, group, word);
      case "finish_reason"_w: finished = !tape.is(value, NodeKind::null); break;
      default: break;
    }
    read_choice_field(writer, key, value, answer_scope);
  });
  if (finished) channels.end_group(group, facts.ends);
}

}  // namespace

void read_chunk(LeafWriter& writer, Channels& channels, Api api, EventFacts& facts) {
  const Tape& tape = writer.tape();
  tape.each_field(0, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    if (word == "choices"_w && tape.is(value, NodeKind::array)) {
      return tape.each_element(
          value, [&](NodeId choice) { read_choice(writer, channels, choice, facts); });
    }
    if (word == "error"_w && !tape.is(value, NodeKind::null)) facts.error = facts.ends_all = true;
    read_answer_field(writer, key, value, api, answer_scope);
  });
  facts.usage = read_usage(tape, 0);
}

}  // namespace menshen::protocol
