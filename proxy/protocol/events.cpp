#include "proxy/protocol/events.h"

#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"

#include <algorithm>
#include <charconv>

namespace menshen::protocol {

namespace {

// Fields that describe a piece and are the same in each: none of them is text that goes on.
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
    case "annotations"_w: return true;
    default: return false;
  }
}

bool type_agrees(const Tape& tape, std::string_view name) {
  if (name.empty()) return true;
  const NodeId type = tape.find(0, "type"_w);
  return type == no_node || !tape.is(type, NodeKind::string) || tape.decoded(type) == name;
}

}  // namespace

std::uint32_t index_of(const Tape& tape, NodeId object, Word word) {
  constexpr std::uint32_t index_max = 0x3fffffff;
  const NodeId value = tape.find(object, word);
  if (value == no_node || !tape.is(value, NodeKind::number)) return 0;
  std::uint32_t index = 0;
  const std::string_view raw = tape.raw(value);
  const auto [end, code] = std::from_chars(raw.data(), raw.data() + raw.size(), index);
  return code == std::errc{} && end == raw.data() + raw.size() ? std::min(index, index_max)
                                                               : index_max;
}

void read_unknown_delta(LeafWriter& writer, NodeId key, NodeId value, std::uint32_t group,
                        std::uint32_t part, std::uint64_t path) {
  constexpr std::uint64_t prime = 0x9e3779b97f4a7c15ULL;
  const Scope scope{core::Role::assistant, false};
  const Tape& tape = writer.tape();
  writer.key(key);
  const Word word = tape.nodes[key].word;
  if (word == "citation"_w || word == "citations"_w) return read_citations(writer, value);
  if (is_static(word)) return writer.all(value, metadata_scope);
  path = (path ^ hash_bytes(tape.raw(key))) * prime;
  const auto descend = [&](NodeId object) {
    tape.each_field(object, [&](NodeId child_key, NodeId child) {
      read_unknown_delta(writer, child_key, child, group, part, path);
    });
  };
  switch (tape.nodes[value].kind) {
    case NodeKind::string:
      return writer.piece(value, scope, LeafKind::text, {group, part, no_word, false, path});
    case NodeKind::object: return descend(value);
    case NodeKind::array:
      return tape.each_element(value, [&](NodeId element) {
        path = path * prime + 1;
        if (tape.is(element, NodeKind::object)) return descend(element);
        writer.piece(element, scope, LeafKind::text, {group, part, no_word, false, path});
      });
    default: return writer.all(value, scope);
  }
}

void read_event(LeafWriter& writer, Channels& channels, Api api, std::string_view name,
                EventFacts& facts) {
  switch (api) {
    case Api::openai_responses:
    case Api::anthropic_messages:
      if (!type_agrees(writer.tape(), name)) {
        return writer.fail(core::provider_error(
            core::ErrorKind::bad_upstream, "event_type_mismatch",
            "An event of the provider's stream has one type outside and another inside.", "/type"));
      }
      if (api == Api::openai_responses)
        read_response_event(writer, channels, api, facts);
      else
        read_message_event(writer, channels, api, facts);
      break;
    default: read_chunk(writer, channels, api, facts);
  }
  if (facts.ends_all)
    channels.end_all();
  else
    channels.end_own_groups(facts.ends);
}

}  // namespace menshen::protocol
