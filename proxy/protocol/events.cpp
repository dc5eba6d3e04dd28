#include "proxy/protocol/events.h"

#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/references.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace menshen::protocol {

namespace {

constexpr std::uint64_t path_prime = 0x9e3779b97f4a7c15ULL;

// Fields that describe a piece. None of them is text that goes on, but readers that join whatever
// comes join some of them.
bool is_static(Word word) noexcept {
  switch (word) {
    case "type"_w:
    case "id"_w:
    case "name"_w:
    case "role"_w:
    case "format"_w:
    case "index"_w:
    case "status"_w:
    case "object"_w:
    case "signature"_w:
    case "annotations"_w:
    case "citations"_w:
    case "citation"_w: return true;
    default: return false;
  }
}

bool type_agrees(const Tape& tape, std::string_view name) {
  if (name.empty()) return true;
  const NodeId type = tape.find(0, "type"_w);
  return type == no_node || !tape.is(type, NodeKind::string) || tape.decoded(type) == name;
}

// What some SDK or other takes for an error.
bool reports_error(const Tape& tape) {
  const NodeId error = tape.find(0, "error"_w);
  if (error == no_node) return false;
  switch (tape.nodes[error].kind) {
    case NodeKind::null: return false;
    case NodeKind::string: return !tape.raw(error).empty();
    case NodeKind::boolean: return tape.raw(error) == "true";
    case NodeKind::number: return tape.raw(error) != "0";
    default: return true;
  }
}

// A name or an id, which most send whole and some in pieces: its own text, and a piece of what it
// may go on with. Words of the APIs, such as the role of every chunk, are neither.
void read_static(LeafWriter& writer, Channels& channels, NodeId key, NodeId value,
                 const ChannelKey& place) {
  const Tape& tape = writer.tape();
  const Word word = tape.nodes[key].word;
  const bool varies = word == "id"_w || word == "name"_w;
  if (!tape.is(value, NodeKind::string) || word == "type"_w ||
      (!varies && tape.word_of(value) != no_word)) {
    return writer.all(value, metadata_scope);
  }
  ChannelKey channel = place;
  channel.field = word;
  channel.brief = true;
  const bool goes_on = channels.is_open(channel);
  // The piece comes first: where both hold a value, what is found in the whole text counts.
  writer.piece(value, metadata_scope, LeafKind::text, channel);
  if (goes_on) writer.text(value, metadata_scope);
}

}  // namespace

std::uint32_t index_of(LeafWriter& writer, NodeId object, Word word, std::uint32_t absent) {
  constexpr double index_max = 0x3fffffff;
  const Tape& tape = writer.tape();
  const NodeId value = tape.find(object, word);
  if (value == no_node || tape.is(value, NodeKind::null)) return absent;
  double index = -1;
  if (tape.is(value, NodeKind::number)) {
    const std::string_view raw = tape.raw(value);
    if (std::from_chars(raw.data(), raw.data() + raw.size(), index).ec != std::errc{}) index = -1;
  }
  if (index >= 0 && index <= index_max && std::floor(index) == index)
    return static_cast<std::uint32_t>(index);
  writer.fail(core::provider_error(core::ErrorKind::bad_upstream, "bad_stream_index",
                                   "An index in the provider's stream is no whole number.",
                                   tape.place(value)));
  return absent;
}

std::uint64_t path_of(std::uint64_t path, std::string_view name) noexcept {
  return (path ^ hash_bytes(name)) * path_prime;
}

void read_unknown_delta(LeafWriter& writer, Channels& channels, NodeId key, NodeId value,
                        const ChannelKey& place) {
  const Scope scope{core::Role::assistant, false};
  const Tape& tape = writer.tape();
  const Word word = tape.nodes[key].word;
  const bool cites = word == "citation"_w || word == "citations"_w;
  if (cites && !tape.is(value, NodeKind::string)) return read_citations(writer, value);
  if (is_static(word)) return read_static(writer, channels, key, value, place);
  ChannelKey below{place.group, place.part, no_word, false, path_of(place.path, tape.raw(key))};
  const auto read = [&](NodeId child) {
    if (!tape.is(child, NodeKind::object)) {
      if (tape.is(child, NodeKind::string) && is_data_url(tape.raw(child)))
        writer.mark_opaque(child);
      return writer.piece(child, scope, LeafKind::text, below);
    }
    tape.each_field(child, [&](NodeId child_key, NodeId grandchild) {
      writer.key(child_key);
      read_unknown_delta(writer, channels, child_key, grandchild, below);
    });
  };
  if (!tape.is(value, NodeKind::array)) return read(value);
  // Entries go on by their index, or by their place.
  const std::uint64_t path = below.path;
  std::uint32_t position = 0;
  tape.each_element(value, [&](NodeId element) {
    below.path = path * path_prime + 1 + index_of(writer, element, "index"_w, position++);
    read(element);
  });
}

void read_event(LeafWriter& writer, Channels& channels, Api api, std::string_view name,
                EventFacts& facts) {
  const bool is_chunk = api != Api::openai_responses && api != Api::anthropic_messages;
  // The SDKs of the messages API know errors by the type alone.
  facts.error = name == "error" || (api != Api::anthropic_messages && reports_error(writer.tape()));
  if (!is_chunk && !type_agrees(writer.tape(), name)) {
    return writer.fail(core::provider_error(
        core::ErrorKind::bad_upstream, "event_type_mismatch",
        "An event of the provider's stream has one type outside and another inside.", "/type"));
  }
  switch (api) {
    case Api::openai_responses: read_response_event(writer, channels, api, facts); break;
    case Api::anthropic_messages: read_message_event(writer, channels, api, facts); break;
    default: read_chunk(writer, channels, api, facts);
  }
  if (facts.error) facts.terminal = true;
  if (facts.terminal) facts.ends_all = true;
  channels.end_event(facts.speaks, facts.ends);
  if (facts.ends_all) channels.end_all();
}

}  // namespace menshen::protocol
