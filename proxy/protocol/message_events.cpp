// Events of the messages API.
#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/events.h"

namespace menshen::protocol {

namespace {

constexpr Scope answer_scope{core::Role::assistant, true};
constexpr Scope aside_scope{core::Role::assistant, false};

Scope scope_of(Word field) noexcept { return field == "text"_w ? answer_scope : aside_scope; }

LeafKind kind_of(Word field) noexcept {
  return field == "partial_json"_w ? LeafKind::json_text : LeafKind::text;
}

// A field of a delta, or of a block that begins: the beginning of a text that goes on in deltas.
void read_piece(LeafWriter& writer, NodeId block, NodeId key, NodeId value, std::uint32_t group,
                bool begins) {
  const Tape& tape = writer.tape();
  const Word word = tape.nodes[key].word;
  switch (word) {
    case "text"_w:
    case "thinking"_w:
    case "partial_json"_w:
      return writer.piece(value, scope_of(word), kind_of(word),
                          {.group = group, .field = word, .speech = word != "partial_json"_w});
    default: break;
  }
  if (begins) return read_field(writer, block, key, value, aside_scope);
  read_unknown_delta(writer, key, value, group, 0, 0);
}

void read_pieces(LeafWriter& writer, NodeId block, std::uint32_t group, bool begins) {
  const Tape& tape = writer.tape();
  if (!tape.is(block, NodeKind::object)) return writer.all(block, aside_scope);
  // Results of tools that the provider runs come whole.
  const NodeId content = tape.find(block, "content"_w);
  if (content != no_node) return read_content(writer, block, aside_scope);
  tape.each_field(block, [&](NodeId key, NodeId value) {
    read_piece(writer, block, key, value, group, begins);
  });
}

void read_event_field(LeafWriter& writer, NodeId key, NodeId value, std::uint32_t group, Api api,
                      EventFacts& facts) {
  const Tape& tape = writer.tape();
  writer.key(key);
  switch (tape.nodes[key].word) {
    case "content_block"_w: return read_pieces(writer, value, group, true);
    case "delta"_w: return read_pieces(writer, value, group, false);
    case "message"_w:
      if (!tape.is(value, NodeKind::object)) return writer.all(value, aside_scope);
      facts.usage = read_usage(tape, value);
      return read_answer(writer, value, api, true);
    default: return writer.unknown(value, metadata_scope, false);
  }
}

}  // namespace

void read_message_event(LeafWriter& writer, Channels& channels, Api api, EventFacts& facts) {
  const Tape& tape = writer.tape();
  const Word type = tape.word_of(tape.find(0, "type"_w));
  if (type != "message_start"_w) facts.usage = read_usage(tape, 0);
  const std::uint32_t group = index_of(tape, 0, "index"_w);
  // The delta of message_delta says how the message ended; it continues no block.
  const bool of_message = type == "message_delta"_w;
  tape.each_field(0, [&](NodeId key, NodeId value) {
    if (of_message && tape.nodes[key].word == "delta"_w) return writer.all(value, metadata_scope);
    read_event_field(writer, key, value, group, api, facts);
  });
  switch (type) {
    case "content_block_start"_w: {
      const NodeId block = tape.find(0, "content_block"_w);
      const bool is_block = block != no_node && tape.is(block, NodeKind::object);
      const NodeId kind = is_block ? tape.find(block, "type"_w) : no_node;
      return channels.begin_kind(tape.word_of(kind), facts.ends);
    }
    case "message_delta"_w: return channels.begin_kind(no_word, facts.ends);
    case "content_block_stop"_w: return channels.end_group(group, facts.ends);
    case "message_stop"_w: facts.ends_all = facts.terminal = true; return;
    case "error"_w: facts.ends_all = facts.terminal = facts.error = true; return;
    default: return;
  }
}

}  // namespace menshen::protocol
