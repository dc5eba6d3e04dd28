// A document becomes a tape: stage 1 of simdjson, its On-Demand walk, and what both leave to the
// reader.
#include "core/json_number.h"
#include "proxy/protocol/json_string.h"
#include "proxy/protocol/tape.h"
#include "proxy/protocol/tape_faults.h"
#include "proxy/protocol/tape_keys.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace menshen::protocol {

namespace {

namespace ondemand = simdjson::ondemand;

// Walks recurse, so a configured depth is no licence to exhaust the stack.
constexpr std::uint32_t recursion_max = 1024;
constexpr std::size_t kept_parser_bytes_max = 1024 * 1024;
// A node for each 4 bytes keeps memory in proportion to the body; only a flood of empty values has
// more.
constexpr std::size_t bytes_per_node_min = 4;
constexpr std::size_t nodes_always_allowed = 64 * 1024;

// Memory that one thread uses again for each document.
struct Scratch {
  std::vector<Node> nodes;
  KeyStack keys;

  void reset() {
    constexpr std::size_t kept_bytes_max = 2 * kept_parser_bytes_max;
    nodes.clear();
    if (nodes.capacity() * sizeof(Node) > kept_bytes_max) std::vector<Node>().swap(nodes);
    keys.reset(kept_bytes_max);
  }
};

std::string_view without_trailing_blanks(std::string_view token) noexcept {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                            token.back() == '\t')) {
    token.remove_suffix(1);
  }
  return token;
}

class Builder {
 public:
  Builder(const std::string& bytes, const Vocabulary& words, std::uint32_t depth_max,
          Numbers numbers, Scratch& scratch)
      : bytes_(bytes),
        words_(words),
        depth_max_(std::min(depth_max, recursion_max)),
        numbers_(numbers),
        nodes_max_(nodes_always_allowed + bytes.size() / bytes_per_node_min),
        scratch_(scratch) {
    // Memory that is not touched costs nothing, but to grow a long list takes twice its size.
    if (bytes.size() > kept_parser_bytes_max) scratch_.nodes.reserve(nodes_max_);
  }

  std::optional<core::Error> build(ondemand::parser& parser) {
    ondemand::document document;
    const auto opened =
        parser.iterate(bytes_.data(), bytes_.size(), bytes_.capacity()).get(document);
    if (opened != simdjson::SUCCESS) return faults::stage_one(opened, bytes_);
    if (bytes_[first_byte()] != '{') return faults::not_an_object();
    ondemand::object root;
    if (document.get_object().get(root) != simdjson::SUCCESS) {
      return faults::invalid_json("The body is no complete JSON object.", bytes_.size());
    }
    document_ = &document;
    const NodeId id = open(NodeKind::object, first_byte(), 0);
    walk_object(root, id, 1);
    if (error_) return error_;
    close(id, end_of_container());
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS) {
      return faults::trailing_bytes(offset(rest));
    }
    return std::nullopt;
  }

 private:
  std::size_t offset(const char* at) const noexcept {
    return static_cast<std::size_t>(at - bytes_.data());
  }
  std::size_t first_byte() const noexcept {
    const std::size_t at = bytes_.find_first_not_of(" \t\r\n");
    return at == std::string::npos ? 0 : at;
  }

  // The closing bracket has been read: nothing but blanks lies between it and the next token.
  std::size_t end_of_container() const noexcept {
    const char* next = nullptr;
    if (document_->current_location().get(next) != simdjson::SUCCESS)
      next = bytes_.data() + bytes_.size();
    return without_trailing_blanks(std::string_view(bytes_).substr(0, offset(next))).size();
  }

  NodeId open(NodeKind kind, std::size_t begin, NodeId parent) {
    Node& node = scratch_.nodes.emplace_back();
    node.kind = kind;
    node.begin = static_cast<std::uint32_t>(begin);
    node.parent = parent;
    node.index = index_;
    return static_cast<NodeId>(scratch_.nodes.size() - 1);
  }
  void close(NodeId id, std::size_t end) {
    scratch_.nodes[id].end = static_cast<std::uint32_t>(end);
    scratch_.nodes[id].next = static_cast<std::uint32_t>(scratch_.nodes.size());
  }

  bool fail(core::Error error) {
    if (!error_) error_ = std::move(error);
    return false;
  }
  std::string place(NodeId id) const { return place_of(bytes_, scratch_.nodes, id); }

  bool check_string(NodeId id, std::string_view raw) {
    const auto fault = check_escapes(raw);
    return !fault || fail(faults::escape(*fault, scratch_.nodes[id].begin));
  }

  // The end of the string that begins at `begin`, behind its opening quote. Stage 1 has seen its
  // closing one.
  std::size_t closing_quote(std::size_t begin, bool& escaped) const noexcept {
    std::size_t at = begin;
    while (bytes_[at] != '"') {
      if (bytes_[at] == '\\') {
        escaped = true;
        ++at;
      }
      ++at;
    }
    return at;
  }

  bool add_key(const char* raw, NodeId object) {
    const std::size_t begin = offset(raw);
    const NodeId id = open(NodeKind::key, begin, object);
    bool escaped = false;
    const std::size_t end = closing_quote(begin, escaped);
    const std::string_view text(bytes_.data() + begin, end - begin);
    Node& node = scratch_.nodes[id];
    node.end = static_cast<std::uint32_t>(end);
    node.escaped = escaped;
    if (escaped && !check_string(id, text)) return false;
    scratch_.keys.push(text, id, node, words_);
    return true;
  }

  bool walk_object(ondemand::object& object, NodeId id, std::uint32_t depth) {
    const KeyStack::Mark mark = scratch_.keys.mark();
    for (auto result : object) {
      ondemand::field field;
      if (std::move(result).get(field) != simdjson::SUCCESS) return fail_here();
      if (scratch_.nodes.size() >= nodes_max_) return fail_crowded();
      const NodeId key = static_cast<NodeId>(scratch_.nodes.size());
      if (!add_key(field.key().raw(), id)) return false;
      if (!walk_value(field.value(), key, depth)) return false;
      scratch_.nodes[key].next = static_cast<std::uint32_t>(scratch_.nodes.size());
    }
    const NodeId twice = scratch_.keys.close(mark, scratch_.nodes);
    if (twice == no_node) return true;
    return fail(faults::duplicate_key(place(twice)));
  }

  bool walk_array(ondemand::array& array, NodeId id, std::uint32_t depth) {
    std::uint32_t index = 0;
    for (auto result : array) {
      ondemand::value value;
      if (std::move(result).get(value) != simdjson::SUCCESS) return fail_here();
      if (scratch_.nodes.size() >= nodes_max_) return fail_crowded();
      index_ = index++;
      if (!walk_value(value, id, depth)) return false;
    }
    return true;
  }

  bool walk_value(ondemand::value value, NodeId parent, std::uint32_t depth) {
    const std::string_view token = without_trailing_blanks(value.raw_json_token());
    const std::size_t begin = offset(token.data());
    switch (token[0]) {
      case '{':
      case '[': return walk_container(value, begin, parent, depth);
      case '"': return walk_string(value, token, parent);
      case 't': return walk_literal(token, "true", NodeKind::boolean, parent);
      case 'f': return walk_literal(token, "false", NodeKind::boolean, parent);
      case 'n': return walk_literal(token, "null", NodeKind::null, parent);
      default: break;
    }
    const bool accepted = numbers_ == Numbers::in_double ? core::is_common_number(token)
                                                         : core::is_json_number(token);
    if (!accepted) return fail(faults::invalid_json("A value is no JSON.", begin));
    if (scratch_.nodes[parent].kind == NodeKind::array && !core::is_long_number(token)) {
      scratch_.nodes[parent].packed = true;
      return true;
    }
    close(open(NodeKind::number, begin, parent), begin + token.size());
    return true;
  }

  bool walk_container(ondemand::value& value, std::size_t begin, NodeId parent,
                      std::uint32_t depth) {
    const bool is_object = bytes_[begin] == '{';
    const NodeId id = open(is_object ? NodeKind::object : NodeKind::array, begin, parent);
    if (depth >= depth_max_) {
      close(id, begin);
      return fail(faults::too_deep(place(id)));
    }
    if (is_object) {
      ondemand::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) return fail_here();
      if (!walk_object(object, id, depth + 1)) return false;
    } else {
      ondemand::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) return fail_here();
      if (!walk_array(array, id, depth + 1)) return false;
    }
    close(id, end_of_container());
    return true;
  }

  bool walk_string(ondemand::value& value, std::string_view token, NodeId parent) {
    const std::size_t begin = offset(token.data()) + 1;
    // Consumed here: skipping over a string followed by a colon would be taken for skipping a key.
    ondemand::raw_json_string raw;
    if (token.size() < 2 || value.get_raw_json_string().get(raw) != simdjson::SUCCESS) {
      return fail_here();
    }
    const NodeId id = open(NodeKind::string, begin, parent);
    close(id, begin + token.size() - 2);
    const std::string_view text = token.substr(1, token.size() - 2);
    if (text.find('\\') == std::string_view::npos) return true;
    scratch_.nodes[id].escaped = true;
    return check_string(id, text);
  }

  bool walk_literal(std::string_view token, std::string_view literal, NodeKind kind,
                    NodeId parent) {
    const std::size_t begin = offset(token.data());
    if (token != literal) return fail(faults::invalid_json("A value is no JSON.", begin));
    close(open(kind, begin, parent), begin + token.size());
    return true;
  }

  bool fail_crowded() { return fail(faults::too_many_values(scratch_.nodes.back().begin)); }

  bool fail_here() {
    const std::size_t at = scratch_.nodes.empty() ? 0 : scratch_.nodes.back().begin;
    return fail(faults::invalid_json("The body is no JSON after this place.", at));
  }

  const std::string& bytes_;
  const Vocabulary& words_;
  std::uint32_t depth_max_;
  Numbers numbers_;
  std::size_t nodes_max_;
  std::uint32_t index_ = 0;  // of the element that is read next
  Scratch& scratch_;
  ondemand::document* document_ = nullptr;
  std::optional<core::Error> error_;
};

std::optional<core::Error> build_nodes(const std::string& bytes, const Vocabulary& words,
                                       std::uint32_t depth_max, Numbers numbers, Scratch& scratch) {
  thread_local ondemand::parser parser;
  scratch.reset();
  Builder builder(bytes, words, depth_max, numbers, scratch);
  if (bytes.size() <= kept_parser_bytes_max) return builder.build(parser);
  // A parser keeps memory of several times its largest document; that of a long one is given back
  // at once.
  ondemand::parser once;
  return builder.build(once);
}

}  // namespace

core::Result<Tape> parse_tape(std::string bytes, const Vocabulary& words, std::uint32_t depth_max,
                              Numbers numbers) {
  thread_local Scratch scratch;
  if (bytes.size() >= simdjson::SIMDJSON_MAXSIZE_BYTES) {
    return core::client_error(core::ErrorKind::too_large, "body_too_large",
                              "The body is too large.");
  }
  bytes.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
  if (auto error = build_nodes(bytes, words, depth_max, numbers, scratch)) {
    scratch.reset();
    return std::move(*error);
  }
  Tape tape;
  tape.words = &words;
  tape.bytes = std::move(bytes);
  if (scratch.nodes.size() * sizeof(Node) > kept_parser_bytes_max) {
    tape.nodes = std::move(scratch.nodes);
    scratch.reset();
  } else {
    tape.nodes.assign(scratch.nodes.begin(), scratch.nodes.end());
  }
  return tape;
}

}  // namespace menshen::protocol
