#include "proxy/protocol/leaves.h"

#include "core/json_number.h"
#include "proxy/protocol/references.h"
#include "proxy/protocol/tokens/token_text.h"

#include <utility>

namespace menshen::protocol {

namespace {

// Whether a number that has a fraction or an exponent reads otherwise as it is written than by its
// value.
bool spells_more_than(std::string_view raw, std::string_view value) noexcept {
  const std::string_view digits = core::spelled_digits(raw);
  return digits != value && core::is_long_number(digits);
}

constexpr unsigned all_kinds = (1U << core::all_opaque_kinds.size()) - 1;

// Numbers alone, and one at least: short ones have no nodes.
bool is_number_list(const Tape& tape, NodeId value) noexcept {
  if (!tape.is(value, NodeKind::array)) return false;
  for (NodeId at = value + 1; at < tape.nodes[value].next; ++at) {
    if (!tape.is(at, NodeKind::number)) return false;
  }
  return tape.nodes[value].packed || tape.nodes[value].next > value + 1;
}

core::Error list_error(const Tape& tape, NodeId list, const tokens::ListFault& fault) {
  using Fault = tokens::ListFault::Kind;
  using core::ErrorKind;
  std::string where = tape.place(list);
  if (where.starts_with('/')) where.append("/").append(std::to_string(fault.index));
  switch (fault.kind) {
    case Fault::no_token:
      return core::client_error(ErrorKind::invalid_request, "token_unknown",
                                "This is no token of the model's encoding.", std::move(where));
    case Fault::no_text:
      return core::client_error(ErrorKind::invalid_request, "tokens_no_text",
                                "From this token on the list stands for bytes that are no text.",
                                std::move(where));
    case Fault::too_long: break;
  }
  return core::client_error(
      ErrorKind::too_large, "token_text_too_long",
      "The texts that tokens stand for are longer than the limit request_body_bytes_max.",
      std::move(where));
}

bool has_no_speaker(core::Role role) noexcept {
  return role == core::Role::metadata || role == core::Role::definition;
}

}  // namespace

bool is_own_map(Word word) noexcept {
  switch (word) {
    case "$defs"_w:
    case "arguments"_w:
    case "chat_template_kwargs"_w:
    case "const"_w:
    case "default"_w:
    case "enum"_w:
    case "input"_w:
    case "input_examples"_w:
    case "kv_transfer_params"_w:
    case "logit_bias"_w:
    case "metadata"_w:
    case "properties"_w:
    case "variables"_w: return true;
    default: return false;
  }
}

Leaf& LeafWriter::add(NodeId node, LeafKind kind, Scope scope) {
  const Node& source = tape_.nodes[node];
  Leaf& leaf = leaves_.emplace_back();
  leaf.begin = source.begin;
  leaf.end = source.end;
  leaf.kind = kind;
  leaf.role = scope.role;
  leaf.escaped = source.escaped;
  leaf.answer = scope.answer;
  leaf.source = scope.source;
  leaf.pointer = node;
  return leaf;
}

void LeafWriter::add_to_channel(Leaf& leaf, const ChannelKey& channel) {
  switch (channels_.find_or_open(channel, leaf.channel)) {
    case Channels::Fault::none: leaf.begins_part = channels_.begins_part(); return;
    case Channels::Fault::ended:
      return fail(core::provider_error(core::ErrorKind::bad_upstream, "text_after_end",
                                       "The provider went on with a text that it had ended.",
                                       tape_.place(leaf.pointer)));
    case Channels::Fault::too_many:
      return fail(core::provider_error(core::ErrorKind::bad_upstream, "too_many_channels",
                                       "The provider's stream has more texts open than the limit "
                                       "stream_channels_max.",
                                       tape_.place(leaf.pointer)));
  }
}

void LeafWriter::key_leaf(NodeId key) {
  const Node& node = tape_.nodes[key];
  if (node.word == no_word && node.begin != node.end) add(key, LeafKind::key, metadata_scope);
}

void LeafWriter::check_key(NodeId key) {
  const Node& node = tape_.nodes[key];
  if (!node.has_twin && !(node.folds_to_word && of_request())) return;
  const char* code = "ambiguous_key";
  const char* message = "A key differs from another of its object, or of the API, by case alone.";
  fail(of_request()
           ? core::client_error(core::ErrorKind::invalid_request, code, message, tape_.place(key))
           : core::provider_error(core::ErrorKind::bad_upstream, code, message, tape_.place(key)));
}

void LeafWriter::key(NodeId key) {
  check_key(key);
  key_leaf(key);
}

void LeafWriter::text(NodeId string, Scope scope, bool is_data) {
  if (!tape_.is(string, NodeKind::string)) return all(string, scope);
  if (tape_.raw(string).empty()) return;
  if (has_no_speaker(scope.role) && tape_.word_of(string) != no_word) return;
  add(string, LeafKind::text, scope).returned = is_data;
  if (scope.speaker != nobody) join(scope.speaker);
}

bool LeafWriter::reads_token_list(NodeId value) const noexcept {
  return encoding_ != nullptr && is_number_list(tape_, value);
}

bool LeafWriter::token_list(NodeId value, Scope scope) {
  if (!is_number_list(tape_, value)) return false;
  has_token_lists_ = true;
  if (encoding_ == nullptr) return false;
  std::string text;
  const auto fault = tokens::read_list(*encoding_, tape_.raw(value), token_bytes_left_, text);
  if (fault) {
    fail(list_error(tape_, value, *fault));
    return true;
  }
  token_bytes_left_ -= text.size();
  add(value, LeafKind::token_list, scope);
  return true;
}

void LeafWriter::join(std::uint32_t speaker) {
  const bool thinks = speaker == thoughts_speaker;
  if (!thinks) {
    thought_ = {};
    if (speaker != std::exchange(speaker_, speaker)) said_ = {};
  }
  Run& run = thinks ? thought_ : said_;
  if (!run.begin) {
    run.begin = leaves_.size() - 1;
    return;
  }
  Leaf& first = leaves_[*run.begin];
  if (first.channel == no_channel) {
    run.channel = {.group = own_group()};
    add_to_channel(first, run.channel);
  }
  add_to_channel(leaves_.back(), run.channel);
  leaves_.back().begins_part = true;
}

void LeafWriter::json_text(NodeId string, Scope scope) {
  if (!tape_.is(string, NodeKind::string)) return own(string, scope);
  if (!tape_.raw(string).empty()) add(string, LeafKind::json_text, scope);
}

void LeafWriter::piece(NodeId string, Scope scope, LeafKind kind, const ChannelKey& channel) {
  if (!tape_.is(string, NodeKind::string))
    return pieces(string, scope, channel, kind == LeafKind::json_text);
  if (!tape_.raw(string).empty()) add_to_channel(add(string, kind, scope), channel);
}

void LeafWriter::pieces(NodeId value, Scope scope, const ChannelKey& channel, bool own_keys) {
  ChannelKey below = channel;
  below.speech = Speech::none;
  std::uint64_t position = 0;
  switch (tape_.nodes[value].kind) {
    case NodeKind::string: return piece(value, scope, LeafKind::text, channel);
    case NodeKind::number: return number(value, scope);
    case NodeKind::array:
      return tape_.each_element(value, [&](NodeId element) {
        below.path = path_of(channel.path, ++position);
        pieces(element, scope, below, own_keys);
      });
    case NodeKind::object:
      return tape_.each_field(value, [&](NodeId name, NodeId child) {
        own_keys ? key_leaf(name) : key(name);
        below.path = path_of(channel.path, hash_bytes(tape_.raw(name)));
        const Word word = tape_.nodes[name].word;
        pieces(child, scope, below, own_keys || word == no_word || is_own_map(word));
      });
    default: return;
  }
}

void LeafWriter::sealed(NodeId string) {
  if (!tape_.is(string, NodeKind::string)) return all(string, metadata_scope);
  text(string, metadata_scope, is_ciphertext(tape_.raw(string)));
}

void LeafWriter::number(NodeId node, Scope scope) {
  const std::string_view raw = tape_.raw(node);
  if (!core::is_long_number(raw)) return;
  const auto value = core::written_out(raw);
  // Readers see 1.3e10 as it is written, or as 13000000000: where both are long and differ, both
  // are texts.
  if (!value || spells_more_than(raw, *value)) add(node, LeafKind::number, scope);
  if (value) add(node, LeafKind::number, scope).escaped = true;
}

void LeafWriter::walk(NodeId value, Scope scope, Keys keys, Strings strings) {
  // A subtree is one run of nodes.
  const NodeId end = tape_.nodes[value].next;
  NodeId own_until = keys == Keys::own ? end : value;
  for (NodeId at = value; at < end; ++at) {
    const Node& node = tape_.nodes[at];
    switch (node.kind) {
      case NodeKind::key:
        key_leaf(at);
        if (at < own_until) break;
        check_key(at);
        // The keys below a key that no API has are the sender's own, too.
        if (node.word == no_word || is_own_map(node.word)) own_until = node.next;
        break;
      case NodeKind::string:
        text(at, scope, strings == Strings::of_media && is_base64_data(tape_.raw(at)));
        break;
      case NodeKind::number: number(at, scope); break;
      default: break;
    }
  }
}

core::OpaqueKinds LeafWriter::held(NodeId value, bool links) const {
  core::OpaqueKinds kinds;
  for (NodeId at = value; at < tape_.nodes[value].next; ++at) {
    const Node& node = tape_.nodes[at];
    if (node.kind == NodeKind::key && of_request())
      kinds |= resolved_kinds(tape_, at) | media_type_kinds(tape_, at);
    if (node.kind == NodeKind::string) kinds |= written_kinds(tape_.raw(at), links);
  }
  return kinds;
}

void LeafWriter::unknown(NodeId value, Scope scope, bool links, core::OpaqueKinds part) {
  if (const core::OpaqueKinds kinds = held(value, links); !kinds.empty())
    mark_opaque(value, kinds | part);
  const NodeId key = tape_.nodes[value].parent;
  const bool named = tape_.is(key, NodeKind::key) && tape_.nodes[key].word != no_word;
  walk(value, scope, named ? Keys::of_api : Keys::own);
}

void LeafWriter::mark_encoded(NodeId value) {
  for (NodeId at = value; at < tape_.nodes[value].next; ++at) {
    if (tape_.is(at, NodeKind::string) && is_encoded_data(tape_.raw(at)))
      return mark_opaque(value, core::OpaqueKind::other);
  }
}

void LeafWriter::mark_written(NodeId value, bool encoded) {
  core::OpaqueKinds kinds;
  for (NodeId at = value; at < tape_.nodes[value].next; ++at) {
    if (!tape_.is(at, NodeKind::string)) continue;
    if (encoded || is_data_url(tape_.raw(at))) kinds |= written_kinds(tape_.raw(at), false);
  }
  if (!kinds.empty()) mark_opaque(value, kinds);
}

void LeafWriter::mark_opaque(NodeId value, core::OpaqueKinds kinds) {
  if (tape_.is(value, NodeKind::null)) return;
  add(value, LeafKind::opaque, metadata_scope).kind_bits = kinds.bits() & all_kinds;
}

void LeafWriter::mark_whole(NodeId value, core::OpaqueKinds kinds) {
  using Opaque = core::OpaqueKind;
  constexpr core::OpaqueKinds encoded =
      Opaque::image | Opaque::audio | Opaque::video | Opaque::file | Opaque::encrypted_reasoning;
  unsigned below = held(value, true).bits();
  if (of_request() && kinds.has(Opaque::file)) below |= stored_file_kinds(tape_, value).bits();
  if ((kinds.bits() & encoded.bits()) != 0)
    below &= ~unsigned{core::OpaqueKinds(Opaque::other).bits()};
  mark_opaque(value, kinds | core::OpaqueKinds::of_bits(static_cast<std::uint16_t>(below)));
}

bool LeafWriter::mark_returned(NodeId value) {
  if (!is_in_use(tape_, value)) return false;
  mark_whole(value, core::OpaqueKind::encrypted_reasoning);
  const bool returned =
      tape_.is(value, NodeKind::string) && tape_.raw(value).size() <= returned_bytes_max_;
  leaves_.back().returned = returned;
  leaves_.back().container = returned ? block_ : 0;
  return returned;
}

void LeafWriter::opaque(NodeId value, core::OpaqueKinds kinds) {
  mark_whole(value, kinds);
  walk(value, metadata_scope, Keys::of_api, Strings::of_media);
}

}  // namespace menshen::protocol
