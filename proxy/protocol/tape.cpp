#include "proxy/protocol/tape.h"

#include "core/json_number.h"
#include "proxy/protocol/fold.h"
#include "proxy/protocol/json_string.h"

#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <span>

namespace menshen::protocol {

namespace {

namespace ondemand = simdjson::ondemand;

// Walks recurse, so a configured depth is no licence to exhaust the stack.
constexpr std::uint32_t recursion_max = 1024;
constexpr std::size_t kept_parser_bytes_max = 1024 * 1024;
constexpr std::size_t few_keys = 16;
constexpr std::size_t pointer_key_bytes_max = 128;
// A node for each 4 bytes keeps memory in proportion to the body; only a flood of empty values has
// more.
constexpr std::size_t bytes_per_node_min = 4;
constexpr std::size_t nodes_always_allowed = 64 * 1024;

core::Error refusal(std::string code, std::string message, std::string where) {
  return core::client_error(core::ErrorKind::invalid_request, std::move(code), std::move(message),
                            std::move(where));
}

core::Error invalid_json(std::string message, std::size_t at) {
  return refusal("invalid_json", std::move(message), "byte " + std::to_string(at));
}

// One key of an object that is being read.
struct Key {
  std::uint64_t hash = 0;
  std::string_view text;    // decoded
  std::string_view folded;  // the same bytes as `text` where that is folded
  NodeId node = 0;
};

// Memory that one thread uses again for each document.
struct Scratch {
  std::vector<Node> nodes;
  std::vector<Key> keys;
  std::deque<std::string> decoded_keys;  // and folded ones, of the objects that are open

  void reset() {
    nodes.clear();
    keys.clear();
    decoded_keys.clear();
    if (nodes.capacity() * sizeof(Node) > 2 * kept_parser_bytes_max)
      std::vector<Node>().swap(nodes);
    if (keys.capacity() * sizeof(Key) > 2 * kept_parser_bytes_max) std::vector<Key>().swap(keys);
  }
};

std::string_view without_trailing_blanks(std::string_view token) noexcept {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                            token.back() == '\t')) {
    token.remove_suffix(1);
  }
  return token;
}

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

// Errors are logged, so they name no key that a sender may have chosen.
std::string place_of(std::string_view bytes, std::span<const Node> nodes, NodeId id) {
  for (NodeId at = id; at != 0; at = nodes[at].parent) {
    if (nodes[at].kind == NodeKind::key && nodes[at].word == no_word) {
      return "byte " + std::to_string(nodes[id].begin);
    }
  }
  return pointer_of(bytes, nodes, id);
}

// The first byte that is no part of a character. Whole blocks are passed over while they are valid.
std::size_t invalid_utf8_at(std::string_view bytes) {
  constexpr std::size_t block = 4096;
  std::size_t at = 0;
  while (at + block < bytes.size()) {
    std::size_t end = at + block;
    while (end > at && (static_cast<unsigned char>(bytes[end]) & 0xc0) == 0x80) --end;
    if (end == at || !simdjson::validate_utf8(bytes.data() + at, end - at)) break;
    at = end;
  }
  while (at < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (at + size > bytes.size() || !simdjson::validate_utf8(bytes.data() + at, size)) return at;
    at += size;
  }
  return at;
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
    if (opened != simdjson::SUCCESS) return stage_one_error(opened);
    if (bytes_[first_byte()] != '{') {
      return refusal("not_an_object", "The body must be a JSON object.", "byte 0");
    }
    ondemand::object root;
    if (document.get_object().get(root) != simdjson::SUCCESS) {
      return invalid_json("The body is no complete JSON object.", bytes_.size());
    }
    document_ = &document;
    const NodeId id = open(NodeKind::object, first_byte(), 0);
    walk_object(root, id, 1);
    if (error_) return error_;
    close(id, end_of_container());
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS) {
      return refusal("trailing_bytes", "The body goes on after its JSON value.",
                     "byte " + std::to_string(offset(rest)));
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

  core::Error stage_one_error(simdjson::error_code code) const {
    if (code == simdjson::MEMALLOC) throw std::bad_alloc();  // nobody's document is at fault
    if (code == simdjson::UTF8_ERROR) {
      return refusal("invalid_utf8", "The body is not valid UTF-8.",
                     "byte " + std::to_string(invalid_utf8_at(bytes_)));
    }
    return invalid_json(code == simdjson::UNESCAPED_CHARS   ? "A string holds a control character."
                        : code == simdjson::UNCLOSED_STRING ? "A string does not end."
                        : code == simdjson::EMPTY           ? "The body is empty."
                                                            : "The body is no JSON.",
                        control_character());
  }

  // The place of the first control character inside a string, or the end.
  std::size_t control_character() const noexcept {
    bool inside = false;
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      if (inside && static_cast<unsigned char>(bytes_[i]) < 0x20) return i;
      if (inside && bytes_[i] == '\\')
        ++i;
      else if (bytes_[i] == '"')
        inside = !inside;
    }
    return bytes_.size();
  }

  // The closing bracket has been read: nothing but blanks lies between it and the next token.
  std::size_t end_of_container() const noexcept {
    const char* next = nullptr;
    if (document_->current_location().get(next) != simdjson::SUCCESS)
      next = bytes_.data() + bytes_.size();
    return without_trailing_blanks(std::string_view(bytes_).substr(0, offset(next))).size();
  }

  NodeId open(NodeKind kind, std::size_t begin, NodeId parent) {
    Node node;
    node.kind = kind;
    node.begin = static_cast<std::uint32_t>(begin);
    node.parent = parent;
    node.index = index_;
    scratch_.nodes.push_back(node);
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
  bool fail_at(NodeId id, std::string code, std::string message) {
    const std::string where = place_of(bytes_, scratch_.nodes, id);
    return fail(refusal(std::move(code), std::move(message), where));
  }

  bool check_string(NodeId id, std::string_view raw) {
    const auto fault = check_escapes(raw);
    if (!fault) return true;
    const std::size_t at = scratch_.nodes[id].begin + fault->at;
    switch (fault->fault) {
      case EscapeFault::syntax: return fail(invalid_json("A string holds an unknown escape.", at));
      case EscapeFault::nul:
        return fail(refusal("nul_character", "A string holds the character U+0000.",
                            "byte " + std::to_string(at)));
      case EscapeFault::lone_surrogate: break;
    }
    return fail(refusal("lone_surrogate", "A string holds half of a surrogate pair.",
                        "byte " + std::to_string(at)));
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
    std::string_view text(bytes_.data() + begin, end - begin);
    Node& node = scratch_.nodes[id];
    node.end = static_cast<std::uint32_t>(end);
    node.escaped = escaped;
    if (escaped) {
      if (!check_string(id, text)) return false;
      append_decoded(scratch_.decoded_keys.emplace_back(), text);
      text = scratch_.decoded_keys.back();
    }
    const std::uint64_t hash = hash_bytes(text);
    node.word = words_.find(text, hash);
    std::string_view folded = text;
    const bool as_it_is = node.word != no_word ? words_.is_folded(node.word) : is_folded(text);
    if (!as_it_is) folded = scratch_.decoded_keys.emplace_back(fold_case(text));
    node.folds_to_word = node.word == no_word && words_.folds_to_word(folded);
    scratch_.keys.push_back({hash, text, folded, id});
    return true;
  }

  // The keys of one object lie on top of the stack of keys.
  bool keys_differ(std::size_t base) {
    const auto begin = scratch_.keys.begin() + static_cast<std::ptrdiff_t>(base);
    const auto end = scratch_.keys.end();
    const auto equal = [](const Key& a, const Key& b) {
      return a.hash == b.hash && a.text == b.text;
    };
    if (static_cast<std::size_t>(end - begin) <= few_keys) {
      for (auto a = begin; a != end; ++a) {
        for (auto b = begin; b != a; ++b) {
          if (equal(*a, *b)) return duplicate(a->node);
        }
      }
      mark_twins(base);
      return true;
    }
    std::sort(begin, end, [](const Key& a, const Key& b) {
      return a.hash != b.hash ? a.hash < b.hash : a.text < b.text;
    });
    const auto twin = std::adjacent_find(begin, end, equal);
    if (twin != end) return duplicate(std::max(twin->node, (twin + 1)->node));
    mark_twins(base);
    return true;
  }
  // Keys that only case tells apart. Whether that matters is known to the readers of the tape.
  void mark_twins(std::size_t base) {
    const auto begin = scratch_.keys.begin() + static_cast<std::ptrdiff_t>(base);
    const auto end = scratch_.keys.end();
    const auto differs = [](const Key& key) { return key.folded.data() != key.text.data(); };
    if (std::none_of(begin, end, differs)) return;
    std::sort(begin, end, [](const Key& a, const Key& b) { return a.folded < b.folded; });
    for (auto key = begin; key + 1 < end; ++key) {
      if (key->folded != (key + 1)->folded) continue;
      scratch_.nodes[key->node].has_twin = true;
      scratch_.nodes[(key + 1)->node].has_twin = true;
    }
  }
  bool duplicate(NodeId key) {
    return fail_at(key, "duplicate_key", "An object has the same key twice.");
  }

  bool walk_object(ondemand::object& object, NodeId id, std::uint32_t depth) {
    const std::size_t base = scratch_.keys.size();
    const std::size_t decoded_base = scratch_.decoded_keys.size();
    for (auto result : object) {
      ondemand::field field;
      if (std::move(result).get(field) != simdjson::SUCCESS) return fail_here();
      if (scratch_.nodes.size() >= nodes_max_) return fail_crowded();
      const NodeId key = static_cast<NodeId>(scratch_.nodes.size());
      if (!add_key(field.key().raw(), id)) return false;
      if (!walk_value(field.value(), key, depth)) return false;
      scratch_.nodes[key].next = static_cast<std::uint32_t>(scratch_.nodes.size());
    }
    if (!keys_differ(base)) return false;
    scratch_.keys.resize(base);
    scratch_.decoded_keys.resize(decoded_base);
    return true;
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
    if (!accepted) return fail(invalid_json("A value is no JSON.", begin));
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
      return fail_at(id, "too_deep", "The body nests deeper than the limit json_depth_max.");
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
    if (token != literal) return fail(invalid_json("A value is no JSON.", begin));
    close(open(kind, begin, parent), begin + token.size());
    return true;
  }

  bool fail_crowded() {
    return fail(refusal("too_many_values", "The body holds too many values for its size.",
                        "byte " + std::to_string(scratch_.nodes.back().begin)));
  }

  bool fail_here() {
    const std::size_t at = scratch_.nodes.empty() ? 0 : scratch_.nodes.back().begin;
    return fail(invalid_json("The body is no JSON after this place.", at));
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

std::string Tape::pointer(NodeId id) const { return pointer_of(bytes, nodes, id); }

std::string Tape::place(NodeId id) const { return place_of(bytes, nodes, id); }

}  // namespace menshen::protocol
