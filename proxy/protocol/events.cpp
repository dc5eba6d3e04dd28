#include "proxy/protocol/events.h"

#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/references.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace menshen::protocol {

namespace {

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

// Fields that any event may have beside its texts, and that come whole.
bool is_whole(Word word) noexcept {
  switch (word) {
    case "annotations"_w:
    case "citations"_w:
    case "content_filter_offsets"_w:
    case "content_filter_results"_w:
    case "context_management"_w:
    case "created"_w:
    case "created_by"_w:
    case "error"_w:
    case "finish_reason"_w:
    case "id"_w:
    case "index"_w:
    case "matched_stop"_w:
    case "metadata"_w:
    case "model"_w:
    case "native_finish_reason"_w:
    case "obfuscation"_w:
    case "object"_w:
    case "provider"_w:
    case "role"_w:
    case "sequence_number"_w:
    case "service_tier"_w:
    case "status"_w:
    case "stop"_w:
    case "stop_reason"_w:
    case "stop_sequence"_w:
    case "system_fingerprint"_w:
    case "type"_w:
    case "usage"_w: return true;
    default: return false;
  }
}

bool is_whole_by_name(std::string_view name) noexcept {
  constexpr std::array endings{std::string_view("_id"),      std::string_view("_at"),
                               std::string_view("_type"),    std::string_view("_reason"),
                               std::string_view("_results"), std::string_view("_time"),
                               std::string_view("_index"),   std::string_view("timestamp")};
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return name.ends_with(ending); });
}

// Names under which texts come in pieces, in one API or another.
bool names_text(std::string_view name) noexcept {
  constexpr std::array names{
      std::string_view("text"),       std::string_view("content"),    std::string_view("delta"),
      std::string_view("reasoning"),  std::string_view("thinking"),   std::string_view("message"),
      std::string_view("response"),   std::string_view("output"),     std::string_view("refusal"),
      std::string_view("arguments"),  std::string_view("input"),      std::string_view("summary"),
      std::string_view("transcript"), std::string_view("token"),      std::string_view("result"),
      std::string_view("answer"),     std::string_view("completion"), std::string_view("diff")};
  return name.ends_with("_text") || name.ends_with("_content") ||
         std::ranges::find(names, name) != names.end();
}

bool type_agrees(const Tape& tape, std::string_view name) {
  if (name.empty()) return true;
  const NodeId type = tape.find(0, "type"_w);
  return type == no_node || !tape.is(type, NodeKind::string) || tape.says(type, name);
}

bool is_said_again(const LeafWriter& writer, const Channels& channels, NodeId value,
                   const ChannelKey& channel) {
  const Tape& tape = writer.tape();
  return channel.stray && channel.brief &&
         channels.is_restated(channel, tape.raw(value), tape.word_of(value) != no_word);
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
  if (is_said_again(writer, channels, value, channel)) return writer.text(value, metadata_scope);
  const bool goes_on = channels.is_open(channel);
  // The piece comes first: where both hold a value, what is found in the whole text counts.
  writer.piece(value, metadata_scope, LeafKind::text, channel);
  if (goes_on) writer.text(value, metadata_scope);
  if (channel.stray) channels.remember(channel, tape.raw(value));
}

// A piece at a place of its own; what a stray field says again is not its next piece.
void read_piece(LeafWriter& writer, Channels& channels, NodeId value, const ChannelKey& channel) {
  const Scope scope{core::Role::assistant, false};
  const Tape& tape = writer.tape();
  writer.mark_written(value, !channel.stray);  // of a stray field the whole was marked
  if (!tape.is(value, NodeKind::string)) return writer.pieces(value, scope, channel, false);
  if (is_said_again(writer, channels, value, channel)) return writer.text(value, scope);
  writer.piece(value, scope, LeafKind::text, channel);
  if (channel.stray) channels.remember(channel, tape.raw(value));
}

// Citations come whole; a list of texts may come in pieces.
void read_cited(LeafWriter& writer, Channels& channels, NodeId value, const ChannelKey& place) {
  const Tape& tape = writer.tape();
  if (!tape.is(value, NodeKind::array)) return read_citations(writer, value);
  ChannelKey below = place;
  below.brief = below.stray = true;
  std::uint64_t position = 0;
  tape.each_element(value, [&](NodeId element) {
    below.path = path_of(place.path, ++position);
    if (!tape.is(element, NodeKind::string)) return read_citations(writer, element);
    read_piece(writer, channels, element, below);
  });
}

}  // namespace

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

void check_type(LeafWriter& writer, std::string_view name) {
  if (type_agrees(writer.tape(), name)) return;
  writer.fail(core::provider_error(
      core::ErrorKind::bad_upstream, "event_type_mismatch",
      "An event of the provider's stream has one type outside and another inside.", "/type"));
}

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

void read_unknown_delta(LeafWriter& writer, Channels& channels, NodeId key, NodeId value,
                        const ChannelKey& place) {
  const Tape& tape = writer.tape();
  const Word word = tape.nodes[key].word;
  const bool cites = word == "citation"_w || word == "citations"_w;
  ChannelKey below{.group = place.group,
                   .part = place.part,
                   .path = path_of(place.path, tape.raw(key)),
                   .brief = place.stray && !names_text(tape.raw(key)),
                   .stray = place.stray};
  if (cites && !tape.is(value, NodeKind::string)) return read_cited(writer, channels, value, below);
  if (is_static(word)) return read_static(writer, channels, key, value, place);
  const auto read = [&](NodeId child) {
    if (!tape.is(child, NodeKind::object)) return read_piece(writer, channels, child, below);
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
    below.path = path_of(path, 1 + index_of(writer, element, "index"_w, position++));
    read(element);
  });
}

bool read_stray(LeafWriter& writer, Channels& channels, NodeId key, NodeId value,
                const ChannelKey& place) {
  const Tape& tape = writer.tape();
  if (is_whole(tape.nodes[key].word) || is_whole_by_name(tape.raw(key))) {
    writer.unknown(value, metadata_scope, false);
    return false;
  }
  writer.mark_encoded(value);
  ChannelKey below = place;
  below.brief = below.stray = true;
  read_unknown_delta(writer, channels, key, value, below);
  return true;
}

void read_event(LeafWriter& writer, Channels& channels, const Endpoint& endpoint,
                std::string_view name, EventFacts& facts) {
  endpoint.read_event(writer, channels, name, facts);
  if (facts.error) facts.terminal = true;
  if (facts.terminal) facts.ends_all = true;
  channels.end_event(facts.speaks, facts.ends);
  if (facts.ends_all) channels.end_all();
}

}  // namespace menshen::protocol
