#include "proxy/protocol/leaves.h"

#include "proxy/protocol/json_string.h"

#include <algorithm>

namespace menshen::protocol {

namespace {

// Text that may be anything is taken for encoded data only when it is long.
constexpr std::size_t encoded_data_bytes_min = 512;
constexpr std::size_t encoded_data_bytes_min_in_opaque = 64;

constexpr bool is_base64_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '-' || c == '_' || c == '=' || c == '\\';
}

bool is_link(std::string_view raw) noexcept {
  const std::size_t colon = raw.find(':');
  if (colon > 16) return false;
  const std::string_view rest = raw.substr(colon + 1);
  return rest.starts_with("//") || rest.starts_with("\\/\\/");
}

bool has_no_speaker(core::Role role) noexcept {
  return role == core::Role::metadata || role == core::Role::definition;
}

// A data: URL, or long and all base64.
bool is_encoded_data(std::string_view raw, std::size_t bytes_min) noexcept {
  if (raw.size() > 5 && (raw[0] == 'd' || raw[0] == 'D') && raw[4] == ':' &&
      (raw.starts_with("data:") || raw.starts_with("DATA:") || raw.starts_with("Data:"))) {
    return true;
  }
  return raw.size() >= bytes_min && std::all_of(raw.begin(), raw.end(), is_base64_byte);
}

}  // namespace

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

void LeafWriter::key(NodeId key) {
  const Node& node = tape_.nodes[key];
  if (node.word == no_word && node.begin != node.end) add(key, LeafKind::key, metadata_scope);
}

void LeafWriter::text(NodeId string, Scope scope) {
  if (!tape_.is(string, NodeKind::string)) return all(string, scope);
  if (tape_.raw(string).empty()) return;
  if (has_no_speaker(scope.role) && tape_.word_of(string) != no_word) return;
  // What a tool returned is JSON as often as not; its escapes must not hide anything.
  const char first = tape_.raw(string).front();
  const bool json = scope.role == core::Role::tool && (first == '{' || first == '[');
  add(string, json ? LeafKind::json_text : LeafKind::text, scope);
  if (scope.speaker != nobody) join(json ? nobody : scope.speaker);
}

void LeafWriter::join(std::uint32_t speaker) {
  if (speaker != speaker_ || speaker == nobody) {
    speaker_ = speaker;
    speech_begin_ = leaves_.size() - 1;
    return;
  }
  Leaf& first = leaves_[speech_begin_];
  if (first.channel == no_channel) {
    speech_ = {.group = own_group()};
    add_to_channel(first, speech_);
  }
  add_to_channel(leaves_.back(), speech_);
  leaves_.back().begins_part = true;
}

void LeafWriter::json_text(NodeId string, Scope scope) {
  if (!tape_.is(string, NodeKind::string)) return all(string, scope);
  if (!tape_.raw(string).empty()) add(string, LeafKind::json_text, scope);
}

void LeafWriter::piece(NodeId string, Scope scope, LeafKind kind, const ChannelKey& channel) {
  if (!tape_.is(string, NodeKind::string)) return all(string, scope);
  if (!tape_.raw(string).empty()) add_to_channel(add(string, kind, scope), channel);
}

void LeafWriter::number(NodeId node, Scope scope) {
  if (is_long_number(tape_.raw(node))) add(node, LeafKind::number, scope);
}

void LeafWriter::all(NodeId value, Scope scope) {
  // A subtree is one run of nodes.
  for (NodeId at = value; at < tape_.nodes[value].next; ++at) {
    switch (tape_.nodes[at].kind) {
      case NodeKind::key: key(at); break;
      case NodeKind::string: text(at, scope); break;
      case NodeKind::number: number(at, scope); break;
      default: break;
    }
  }
}

bool LeafWriter::holds(NodeId value, bool links) const {
  for (NodeId at = value; at < tape_.nodes[value].next; ++at) {
    if (!tape_.is(at, NodeKind::string)) continue;
    if (is_encoded_data(tape_.raw(at), encoded_data_bytes_min) || (links && is_link(tape_.raw(at))))
      return true;
  }
  return false;
}

void LeafWriter::unknown(NodeId value, Scope scope, bool links) {
  if (holds(value, links)) add(value, LeafKind::opaque, metadata_scope);
  all(value, scope);
}

void LeafWriter::readable(NodeId value) {
  for (NodeId at = value; at < tape_.nodes[value].next; ++at) {
    switch (tape_.nodes[at].kind) {
      case NodeKind::key: key(at); break;
      case NodeKind::number: number(at, metadata_scope); break;
      case NodeKind::string:
        if (!is_encoded_data(tape_.raw(at), encoded_data_bytes_min_in_opaque))
          text(at, metadata_scope);
        break;
      default: break;
    }
  }
}

void LeafWriter::mark_opaque(NodeId value) {
  if (!tape_.is(value, NodeKind::null)) add(value, LeafKind::opaque, metadata_scope);
}

void LeafWriter::opaque(NodeId value) {
  mark_opaque(value);
  readable(value);
}

}  // namespace menshen::protocol
