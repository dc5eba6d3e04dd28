#include "proxy/protocol/deltas.h"

#include "proxy/protocol/content.h"
#include "proxy/protocol/events.h"

#include <string>

namespace menshen::protocol {

// A call of a tool, whose arguments come in pieces.
void DeltaReader::call(NodeId name, NodeId call, const ChannelKey& place) {
  if (!tape_.is(call, NodeKind::object)) return unknown(name, call, place);
  tape_.each_field(call, [&](NodeId key, NodeId value) {
    const Word word = tape_.nodes[key].word;
    writer_.key(key);
    switch (word) {
      case "function"_w:
      case "custom"_w: return this->call(key, value, place);
      case "arguments"_w:
        return writer_.piece(value, aside_scope, LeafKind::json_text, at_field(place, word));
      case "input"_w:
        return writer_.piece(value, aside_scope, LeafKind::text, at_field(place, word));
      default: return unknown(key, value, place);
    }
  });
}

void DeltaReader::calls(NodeId key, NodeId calls, const ChannelKey& place) {
  std::uint32_t position = 0;
  const auto read = [&](NodeId element) {
    ChannelKey of_call = place;
    // Part 0 is the function_call of older APIs.
    of_call.part = 1 + index_of(writer_, element, "index"_w, position++);
    // Some providers give every call the same index; the next one has an id of its own.
    if (has_text(tape_, tape_.find(element, "id"_w))) channels_.renew(place.group, of_call.part);
    call(key, element, of_call);
  };
  // One call that is no list is read as the first of one.
  if (!tape_.is(calls, NodeKind::array)) return read(calls);
  tape_.each_element(calls, read);
}

void DeltaReader::content(NodeId value, Scope scope, const ChannelKey& channel) {
  if (tape_.is(value, NodeKind::array)) {
    return tape_.each_element(value, [&](NodeId part) { content(part, scope, channel); });
  }
  if (!tape_.is(value, NodeKind::object))
    return writer_.piece(value, scope, LeafKind::text, channel);
  tape_.each_field(value, [&](NodeId key, NodeId child) {
    const Word word = tape_.nodes[key].word;
    writer_.key(key);
    if (word == "text"_w) return content(child, scope, channel);
    ChannelKey below = channel;
    below.path = path_of(channel.path, std::to_string(channel.field));
    if (word == "content"_w) return content(child, scope, below);
    unknown(key, child, below);
  });
}

void DeltaReader::audio(NodeId audio, const ChannelKey& place) {
  if (!tape_.is(audio, NodeKind::object)) return writer_.opaque(audio, core::OpaqueKind::audio);
  tape_.each_field(audio, [&](NodeId key, NodeId value) {
    writer_.key(key);
    switch (tape_.nodes[key].word) {
      case "transcript"_w: return content(value, answer_scope, at_field(place, "transcript"_w));
      case "data"_w: writer_.mark_opaque(value, core::OpaqueKind::audio); [[fallthrough]];
      case "id"_w:
      case "expires_at"_w: return writer_.all(value, metadata_scope);
      default: return unknown(key, value, place);
    }
  });
}

void DeltaReader::field(NodeId key, NodeId value, const ChannelKey& place) {
  const Word word = tape_.nodes[key].word;
  writer_.key(key);
  switch (word) {
    case "content"_w:
    case "refusal"_w: return content(value, answer_scope, at_field(place, word));
    case "reasoning"_w:
    case "reasoning_content"_w: return content(value, aside_scope, at_field(place, word));
    case "tool_calls"_w: return calls(key, value, place);
    case "function_call"_w: return call(key, value, place);
    case "audio"_w: return audio(value, place);
    default: return unknown(key, value, place);
  }
}

void DeltaReader::delta(NodeId delta, const ChannelKey& place) {
  if (!tape_.is(delta, NodeKind::object))
    return content(delta, answer_scope, at_field(place, "delta"_w));
  tape_.each_field(delta, [&](NodeId key, NodeId value) { field(key, value, place); });
}

}  // namespace menshen::protocol
