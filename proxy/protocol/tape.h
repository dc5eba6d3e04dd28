// A JSON document, checked and flattened: one node per value and key, in document order.
//
// What stage 1 of simdjson and its On-Demand walk leave to the reader is checked here too: escapes,
// spellings of numbers and literals, duplicate keys, depth, bytes after the value. A tape is what
// every reader would read.
#pragma once

#include "core/error.h"
#include "proxy/protocol/words.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {

enum class NodeKind : std::uint8_t { object, array, key, string, number, boolean, null };

// A key is followed by its value; `next` is the node after the subtree (of a key: after its value).
// The parent of a value of an object is its key, whose parent is the object. The root is its own
// parent. Short numbers in arrays, which may be millions, have no nodes: the array is `packed`.
struct Node {
  std::uint32_t begin =
      0;  // bytes: strings and keys without their quotes, containers with their brackets
  std::uint32_t end = 0;
  std::uint32_t next = 0;
  std::uint32_t parent = 0;
  std::uint32_t index = 0;  // of an element of an array
  Word word = no_word;      // of a key
  NodeKind kind = NodeKind::null;
  bool escaped : 1 = false;  // a string or key with a backslash
  bool packed : 1 = false;
  // Of a key that is no word of the APIs: readers without regard to case take it for one.
  bool folds_to_word : 1 = false;
  // Of a key: such readers take it for another key of its object.
  bool has_twin : 1 = false;
};
static_assert(sizeof(Node) == 24);

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = 0xffffffff;

struct Tape {
  std::string bytes;
  std::vector<Node> nodes;
  const Vocabulary* words = nullptr;  // of its API

  [[nodiscard]] std::string_view raw(NodeId id) const noexcept {
    const Node& node = nodes[id];
    return std::string_view(bytes).substr(node.begin, node.end - node.begin);
  }
  [[nodiscard]] bool is(NodeId id, NodeKind kind) const noexcept { return nodes[id].kind == kind; }

  // The value of an object's field; no_node: it has none, or `object` is none.
  [[nodiscard]] NodeId find(NodeId object, Word word) const noexcept;
  // Whether the object has that field, and not as null.
  [[nodiscard]] bool has(NodeId object, Word word) const noexcept {
    const NodeId value = find(object, word);
    return value != no_node && !is(value, NodeKind::null);
  }
  // The word that a string value is; no_word: no string, or no word of the APIs.
  [[nodiscard]] Word word_of(NodeId value) const noexcept;
  [[nodiscard]] std::string decoded(NodeId string) const;
  // A string of this text; no_node is none.
  [[nodiscard]] bool says(NodeId value, std::string_view text) const;
  // RFC 6901, but that a key longer than 128 bytes is cut. It holds keys as the sender chose them.
  [[nodiscard]] std::string pointer(NodeId id) const;
  // For errors: the pointer, or "byte N" where a key on the way is none of the APIs' own.
  [[nodiscard]] std::string place(NodeId id) const;

  // Calls visit(child) for each node of an element of an array, visit(key, value) for each field of
  // an object.
  template <class Visit>
  void each_element(NodeId array, Visit visit) const {
    for (NodeId at = array + 1; at < nodes[array].next; at = nodes[at].next) visit(at);
  }
  template <class Visit>
  void each_field(NodeId object, Visit visit) const {
    for (NodeId at = object + 1; at < nodes[object].next; at = nodes[at].next) visit(at, at + 1);
  }
};

// Which numbers are let through: every number of JSON, or only those that a double holds, on which
// readers agree.
enum class Numbers : std::uint8_t { any, in_double };

// Codes: invalid_json, invalid_utf8, trailing_bytes, duplicate_key, too_deep, too_many_values,
// lone_surrogate, nul_character, not_an_object. Errors are of kind invalid_request and source
// client; `where` is a JSON pointer or "byte N".
core::Result<Tape> parse_tape(std::string bytes, const Vocabulary& words, std::uint32_t depth_max,
                              Numbers numbers = Numbers::any);

}  // namespace menshen::protocol
