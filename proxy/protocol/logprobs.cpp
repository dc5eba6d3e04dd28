// Log-probabilities spell an answer (or a prompt) again, token by token, and spell what might have
// been said instead. Tokens of one rank are one text; their bytes are another, since a token may be
// part of a character.
#include "proxy/protocol/json_string.h"
#include "proxy/protocol/leaves.h"

#include <algorithm>

namespace menshen::protocol {

namespace {

constexpr Scope token_scope{core::Role::assistant, false};
constexpr std::uint64_t token_path = 1;  // no channel of a text has it

}  // namespace

bool LeafWriter::is_byte_list(NodeId array) const {
  const Node& node = tape_.nodes[array];
  if (node.kind != NodeKind::array || !node.packed || node.next != array + 1) return false;
  std::string_view rest = tape_.raw(array);
  rest = rest.substr(1, rest.size() - 2);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view number = trimmed(rest.substr(0, comma));
    const bool digits = number.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || number.size() > 3 || (number.size() == 3 && number > "255")) return false;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return true;
}

void LeafWriter::token(NodeId node, const TokenList& list, std::uint32_t rank, bool of_bytes) {
  const Node& source = tape_.nodes[node];
  if (source.begin == source.end) return;
  Leaf& leaf = add(node, LeafKind::token, token_scope);
  leaf.container = list.container;
  add_to_channel(leaf, {list.group, rank, list.list, of_bytes, token_path});
}

void LeafWriter::token_entry(NodeId entry, const TokenList& list, std::uint32_t rank) {
  if (tape_.is(entry, NodeKind::string)) return token(entry, list, rank, false);
  if (!tape_.is(entry, NodeKind::object)) return unexpected(entry, list, rank);
  tape_.each_field(entry, [&](NodeId field, NodeId value) {
    const Word word = tape_.nodes[field].word;
    const bool is_token = word == "token"_w || word == "decoded_token"_w;
    if (is_token && tape_.is(value, NodeKind::string)) return token(value, list, rank, false);
    if (word == "bytes"_w && is_byte_list(value)) {
      return token(value, list, rank, true);
    }
    if (word == "top_logprobs"_w && tape_.is(value, NodeKind::array)) {
      std::uint32_t alternative = 1;
      tape_.each_element(value, [&](NodeId child) { token_entry(child, list, alternative++); });
      return;
    }
    key(field);
    unexpected(value, list, rank);
  });
}

// What no list of tokens has is read as any other text; in a stream, which may go on.
void LeafWriter::unexpected(NodeId value, const TokenList& list, std::uint32_t rank) {
  if (list.group >= Channels::first_own_group) return unknown(value, token_scope, false);
  if (const core::OpaqueKinds kinds = held(value, false); !kinds.empty()) mark_opaque(value, kinds);
  const NodeId key = tape_.nodes[value].parent;
  const bool named = tape_.is(key, NodeKind::key);
  const std::uint64_t path = named ? path_of(token_path, tape_.raw(key)) : token_path + 1;
  pieces(value, token_scope, {.group = list.group, .part = rank, .field = list.list, .path = path},
         !named || tape_.nodes[key].word == no_word);
}

// Alternatives by token, {" the": -0.1}, or by the token's number, {"279": {"decoded_token": "
// the"}}.
void LeafWriter::token_map(NodeId object, const TokenList& list) {
  std::uint32_t rank = 1;
  tape_.each_field(object, [&](NodeId field, NodeId value) {
    if (tape_.is(value, NodeKind::object)) {
      key_leaf(field);
      token_entry(value, list, rank);
    } else {
      token(field, list, rank, false);
      unexpected(value, list, rank);
    }
    ++rank;
  });
}

void LeafWriter::token_entries(NodeId array, const TokenList& list) {
  tape_.each_element(array, [&](NodeId element) {
    const bool is_entry = tape_.find(element, "token"_w) != no_node;
    if (tape_.is(element, NodeKind::object) && !is_entry)
      token_map(element, list);
    else
      token_entry(element, list, 0);
  });
}

void LeafWriter::logprobs(NodeId value, std::uint32_t group, Word list) {
  if (tape_.is(value, NodeKind::array)) return token_entries(value, {value, group, list});
  if (!tape_.is(value, NodeKind::object)) return unexpected(value, {value, group, list}, 0);
  tape_.each_field(value, [&](NodeId field, NodeId child) {
    const Word word = tape_.nodes[field].word;
    key(field);
    if (word != no_word && tape_.is(child, NodeKind::array))
      token_entries(child, {value, group, word});
    else
      unexpected(child, {value, group, list}, 0);
  });
}

}  // namespace menshen::protocol
