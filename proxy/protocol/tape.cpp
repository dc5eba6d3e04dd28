#include "proxy/protocol/tape.h"

#include "proxy/protocol/json_string.h"
#include "proxy/protocol/tape_faults.h"

#include <span>

namespace menshen::protocol {

namespace {

constexpr std::size_t pointer_key_bytes_max = 128;

// The raw text of a key as a token of a JSON pointer.
void append_pointer_token(std::string& out, std::string_view key) {
  for (const char c : key) {
    if (c == '~')
      out.append("~0");
    else if (c == '/')
      out.append("~1");
    else
      out.push_back(c);
  }
}

std::string pointer_of(std::string_view bytes, std::span<const Node> nodes, NodeId id) {
  std::vector<std::string> parts;
  for (NodeId at = id; at != 0; at = nodes[at].parent) {
    const NodeId parent = nodes[at].parent;
    std::string part = "/";
    if (nodes[at].kind == NodeKind::key) {
      std::string key;
      append_decoded(key, bytes.substr(nodes[at].begin, nodes[at].end - nodes[at].begin));
      append_pointer_token(part, std::string_view(key).substr(0, pointer_key_bytes_max));
    } else if (nodes[parent].kind == NodeKind::array) {
      part += std::to_string(nodes[at].index);
    } else {
      continue;
    }
    parts.push_back(std::move(part));
  }
  std::string pointer;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) pointer += *part;
  return pointer;
}

}  // namespace

// Errors are logged, so they name no key that a sender may have chosen.
std::string place_of(std::string_view bytes, std::span<const Node> nodes, NodeId id) {
  for (NodeId at = id; at != 0; at = nodes[at].parent) {
    if (nodes[at].kind == NodeKind::key && nodes[at].word == no_word) {
      return "byte " + std::to_string(nodes[id].begin);
    }
  }
  return pointer_of(bytes, nodes, id);
}

NodeId Tape::find(NodeId object, Word word) const noexcept {
  if (!is(object, NodeKind::object)) return no_node;
  for (NodeId at = object + 1; at < nodes[object].next; at = nodes[at].next) {
    if (nodes[at].word == word) return at + 1;
  }
  return no_node;
}

Word Tape::word_of(NodeId value) const noexcept {
  if (value == no_node || !is(value, NodeKind::string)) return no_word;
  return nodes[value].escaped ? words->find(decoded(value)) : words->find(raw(value));
}

std::string Tape::decoded(NodeId string) const {
  std::string text;
  append_decoded(text, raw(string));
  return text;
}

bool Tape::says(NodeId value, std::string_view text) const {
  if (value == no_node || !is(value, NodeKind::string)) return false;
  return nodes[value].escaped ? decoded(value) == text : raw(value) == text;
}

std::string Tape::pointer(NodeId id) const { return pointer_of(bytes, nodes, id); }

std::string Tape::place(NodeId id) const { return place_of(bytes, nodes, id); }

}  // namespace menshen::protocol
