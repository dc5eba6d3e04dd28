#include "proxy/protocol/content.h"

#include "proxy/protocol/block_kind.h"
#include "proxy/protocol/fold.h"
#include "proxy/protocol/references.h"

#include <optional>

namespace menshen::protocol {

namespace {

using core::Role;
using Kind = core::OpaqueKind;

std::optional<Role> role_of(Word role) noexcept {
  switch (role) {
    case "system"_w:
    case "developer"_w: return Role::system;
    case "user"_w: return Role::user;
    case "assistant"_w: return Role::assistant;
    case "tool"_w:
    case "function"_w: return Role::tool;
    default: return std::nullopt;
  }
}

// A message in place of which Moonshot reads what it has cached: "cache_id=...".
bool is_cached(const Tape& tape, NodeId message) {
  const NodeId role = tape.find(message, "role"_w);
  if (role == no_node || !tape.is(role, NodeKind::string)) return false;
  return tape.word_of(role) == no_word && fold_case(tape.decoded(role)) == "cache";
}

void read_block(LeafWriter& writer, NodeId block, Scope scope) {
  writer.tape().each_field(
      block, [&](NodeId key, NodeId value) { read_field(writer, block, key, value, scope); });
}

// Documents that can be read, and results of a search with their text, are sources; titles alone
// support nothing.
bool is_source(const Tape& tape, NodeId block, Scope scope) {
  switch (tape.word_of(tape.find(block, "type"_w))) {
    case "document"_w: {
      const NodeId source = tape.find(block, "source"_w);
      if (source == no_node) return true;
      const Word type = tape.word_of(tape.find(source, "type"_w));
      return type == "text"_w || type == "content"_w;
    }
    case "search_result"_w: return true;
    case "web_search_result"_w: return false;
    default: return scope.source;
  }
}

// A part of a message.
void read_part(LeafWriter& writer, NodeId part, Scope scope) {
  const Tape& tape = writer.tape();
  const BlockKind kind = kind_of(tape, part);
  const Word type = tape.word_of(tape.find(part, "type"_w));
  scope = part_scope(kind, scope);
  scope.source = is_source(tape, part, scope);
  const bool alone = type == "document"_w || type == "search_result"_w;
  if (alone || kind == BlockKind::result) scope.speaker = writer.new_speaker();
  if (kind == BlockKind::call) writer.end_speech();
  read_block(writer, part, scope);
}

void read_parts(LeafWriter& writer, NodeId array, Scope scope) {
  writer.tape().each_element(array, [&](NodeId part) { read_content(writer, part, scope); });
}

// Calls of tools, each of them or all in an array: what the model said, but no answer.
void read_calls(LeafWriter& writer, NodeId value) {
  const Scope scope{Role::assistant, false};
  const Tape& tape = writer.tape();
  if (!tape.is(value, NodeKind::null)) writer.end_speech();
  if (tape.is(value, NodeKind::object)) return read_block(writer, value, scope);
  if (!tape.is(value, NodeKind::array)) return writer.all(value, scope);
  tape.each_element(value, [&](NodeId call) {
    if (tape.is(call, NodeKind::object))
      read_block(writer, call, scope);
    else
      writer.all(call, scope);
  });
}

// A field that the readers of blocks have no reading of its own for.
void read_other_field(LeafWriter& writer, NodeId key, NodeId value, Scope scope) {
  const Tape& tape = writer.tape();
  const core::OpaqueKinds media = media_kinds(tape.nodes[key].word);
  // Of fields that the APIs know alone: there are few of them, and each looks the type up.
  const bool known = tape.nodes[key].word != no_word;
  const core::OpaqueKinds part =
      known ? part_kinds(tape, tape.nodes[key].parent) : core::OpaqueKinds();
  if (!media.empty()) return writer.opaque(value, media | part);
  if (!known && writer.of_request() && names_cached_media(tape, key)) {
    const core::OpaqueKinds cached = part_kinds(tape, tape.nodes[key].parent);
    return read_reference(writer, value, cached | Kind::stored_reference);
  }
  const core::OpaqueKinds refers =
      writer.of_request() ? reference_kinds(tape, key) : core::OpaqueKinds();
  if (!refers.empty()) return read_reference(writer, value, refers | part);
  writer.unknown(value, scope, true, part);
}

// A label that a sound has without a byte of it.
bool is_sound_label(Word word) noexcept {
  return word == "transcript"_w || word == "expires_at"_w || word == "format"_w;
}

// What a source is where it cannot be read, and whether a text in its place is but a label.
struct SourceOf {
  core::OpaqueKinds kinds;
  bool label;
};

SourceOf source_of(const Tape& tape, NodeId block) {
  const Word type = tape.word_of(tape.find(block, "type"_w));
  core::OpaqueKinds kinds = media_kinds(type);
  if (kinds.empty()) kinds = Kind::file;
  return {kinds, type == "search_result"_w};
}

// Where a document or an image comes from. Plain text can be read; the rest cannot, or is not here.
void read_source(LeafWriter& writer, NodeId value, Scope scope, const SourceOf& of) {
  const Tape& tape = writer.tape();
  if (tape.is(value, NodeKind::array) && !tape.nodes[value].packed) {
    return tape.each_element(value, [&](NodeId source) { read_source(writer, source, scope, of); });
  }
  if (tape.is(value, NodeKind::string) && !written_kinds(tape.raw(value), !of.label).empty())
    return writer.opaque(value, of.kinds);
  if (!tape.is(value, NodeKind::object)) return writer.all(value, metadata_scope);
  const Word type = tape.word_of(tape.find(value, "type"_w));
  if (type != "text"_w && type != "content"_w) return writer.opaque(value, of.kinds);
  tape.each_field(value, [&](NodeId key, NodeId child) {
    writer.key(key);
    switch (tape.nodes[key].word) {
      case "data"_w:
      case "content"_w: return read_content(writer, child, scope);
      case "type"_w:
      case "media_type"_w: return writer.all(child, metadata_scope);
      default: return read_other_field(writer, key, child, scope.without_answer());
    }
  });
}

// Sound that the model speaks or spoke: it may come with what was said.
void read_audio(LeafWriter& writer, NodeId value, Scope scope) {
  const Tape& tape = writer.tape();
  if (!tape.is(value, NodeKind::object)) return writer.opaque(value, Kind::audio);
  const bool here = tape.has(value, "data"_w);
  const bool said = tape.has(value, "transcript"_w);
  // An id refers to sound that the provider keeps, whatever was said in it; in an answer it comes
  // with the sound.
  const bool refers = !here && (said ? writer.of_request() && tape.has(value, "id"_w) : true);
  bool labels = said && !refers;
  tape.each_field(value, [&](NodeId key, NodeId child) {
    const bool id = tape.nodes[key].word == "id"_w;  // of an answer, or null
    labels =
        labels && (id || is_sound_label(tape.nodes[key].word) || tape.is(child, NodeKind::null));
  });
  if (!labels)
    writer.mark_whole(value, refers ? Kind::audio | Kind::stored_reference : Kind::audio);
  tape.each_field(value, [&](NodeId key, NodeId child) {
    writer.key(key);
    if (tape.nodes[key].word == "transcript"_w)
      writer.text(child, scope);
    else
      writer.all(child, metadata_scope);
  });
}

// What the provider alone can read, where its API has it and the assistant's. False: it is no such
// field, and not read.
bool read_returned(LeafWriter& writer, NodeId key, NodeId value, Scope scope) {
  if (scope.role != Role::assistant || !is_returned(writer.tape(), key)) return false;
  if (writer.mark_returned(value))
    writer.sealed(value);
  else
    writer.all(value, metadata_scope);
  return true;
}

// `data` of a redacted_thinking block and `result` of an image_generation_call.
void read_encoded(LeafWriter& writer, NodeId block, NodeId value, Scope scope) {
  const NodeId type = writer.tape().find(block, "type"_w);
  const Word word = writer.tape().word_of(type);
  const bool encrypted = writer.of_request() && writer.tape().says(type, "reasoning.encrypted");
  if (encrypted || word == "redacted_thinking"_w)
    return writer.opaque(value, Kind::encrypted_reasoning);
  if (word == "image_generation_call"_w) return writer.opaque(value, Kind::image);
  const core::OpaqueKinds part = part_kinds(writer.tape(), block);
  if (writer.of_request() && !part.empty() && is_in_use(writer.tape(), value))
    return writer.opaque(value, part);
  writer.unknown(value, scope.without_answer(), true, part);
}

// Arguments of a call, JSON inside a string (OpenAI) or as it is (Anthropic), or free text of a
// custom tool.
void read_input(LeafWriter& writer, NodeId value, Scope scope) {
  if (writer.tape().is(value, NodeKind::string)) return writer.text(value, scope);
  writer.own(value, scope.without_answer());
}

core::Error unknown_shape(const Tape& tape, NodeId value) {
  return core::client_error(core::ErrorKind::invalid_request, "unknown_shape",
                            "This field must be a list of objects.", tape.place(value));
}

void read_tool(LeafWriter& writer, NodeId tool) {
  if (writer.of_request() && !runs_at_the_client(writer.tape(), tool))
    writer.mark_whole(tool, Kind::hosted_tool);
  writer.all(tool, {Role::definition, false});
}

// The tools that a server was found to have are a result; those of other items can be called.
void read_tools_of(LeafWriter& writer, NodeId block, NodeId value) {
  if (kind_of(writer.tape(), block) != BlockKind::listing) return read_tools(writer, value);
  writer.all(value, {Role::definition, false});
}

// `tool` of a block: a change of the tools in the middle of a conversation, or a name.
void read_tool_field(LeafWriter& writer, NodeId value) {
  if (writer.tape().is(value, NodeKind::object)) return read_tool(writer, value);
  writer.all(value, metadata_scope);
}

// As no signature of a text is, but encrypted thoughts are.
bool is_long(const Tape& tape, NodeId value) noexcept {
  return tape.is(value, NodeKind::string) && tape.raw(value).size() >= encoded_data_bytes_min;
}

// What the provider alone can read, where its API has it; elsewhere it is a field like others.
void read_sealed(LeafWriter& writer, NodeId block, NodeId key, NodeId value, Scope scope) {
  if (read_returned(writer, key, value, scope)) return;
  switch (writer.tape().nodes[key].word) {
    case "signature"_w:
      if (is_long(writer.tape(), value)) return writer.opaque(value, Kind::encrypted_reasoning);
      return writer.unknown(value, metadata_scope, true);
    case "encrypted_content"_w: return read_other_field(writer, key, value, scope.without_answer());
    default: return read_encoded(writer, block, value, scope);
  }
}

}  // namespace

void read_field(LeafWriter& writer, NodeId block, NodeId key, NodeId value, Scope scope) {
  const Scope aside = scope.without_answer();
  writer.key(key);
  switch (writer.tape().nodes[key].word) {
    case "text"_w:
    case "content"_w:
    case "transcript"_w: return read_content(writer, value, scope);
    case "refusal"_w: return writer.text(value, {Role::assistant, scope.answer});
    case "thinking"_w:
    case "reasoning"_w:
    case "reasoning_content"_w:
    case "summary"_w: return read_content(writer, value, aside.spoken_by(thoughts_speaker));
    case "title"_w:
    case "context"_w:
    case "code"_w: return read_content(writer, value, aside);
    case "action"_w: return writer.all(value, aside);
    case "results"_w: return writer.all(value, result_scope);
    case "output"_w:
    case "outputs"_w:
    case "logs"_w: return read_content(writer, value, result_scope.spoken_by(writer.new_speaker()));
    case "function"_w:
    case "custom"_w:
    case "function_call"_w:
    case "tool_calls"_w: return read_calls(writer, value);
    case "arguments"_w:
    case "partial_json"_w: return writer.json_text(value, aside);
    case "input"_w: return read_input(writer, value, aside);
    case "source"_w:
      return read_source(writer, value, aside.spoken_by(scope.speaker),
                         source_of(writer.tape(), block));
    case "audio"_w: return read_audio(writer, value, scope);
    case "tools"_w: return read_tools_of(writer, block, value);
    case "tool"_w: return read_tool_field(writer, value);
    case "tool_changes"_w: return read_content(writer, value, {Role::definition, false});
    case "signature"_w:
    case "encrypted_content"_w:
    case "data"_w:
    case "result"_w: return read_sealed(writer, block, key, value, scope);
    case "logprobs"_w: return writer.logprobs(value, writer.own_group(), "logprobs"_w);
    case "type"_w:
    case "role"_w:
    case "name"_w:
    case "id"_w:
    case "call_id"_w:
    case "tool_call_id"_w:
    case "tool_use_id"_w:
    case "container_id"_w:
    case "status"_w:
    case "index"_w:
    case "detail"_w:
    case "filename"_w:
    case "media_type"_w:
    case "format"_w:
    case "cache_control"_w: return writer.all(value, metadata_scope);
    case "annotations"_w:
    case "citations"_w: return read_citations(writer, value);
    case "metadata"_w: return writer.own(value, metadata_scope);
    default: return read_other_field(writer, key, value, aside);
  }
}

void read_content(LeafWriter& writer, NodeId value, Scope scope) {
  switch (writer.tape().nodes[value].kind) {
    case NodeKind::object: return read_part(writer, value, scope);
    case NodeKind::array: return read_parts(writer, value, scope);
    case NodeKind::string:
      if (writer.of_request() && names_stored_files(writer.tape().raw(value), scope.role))
        writer.mark_opaque(value, Kind::stored_reference);
      return writer.text(value, scope);
    default: return writer.text(value, scope);
  }
}

void read_message(LeafWriter& writer, NodeId value, Scope scope) {
  const Tape& tape = writer.tape();
  if (!tape.is(value, NodeKind::object)) return read_content(writer, value, scope);
  if (writer.of_request() && is_cached(tape, value))
    writer.mark_opaque(value, Kind::stored_reference);
  const auto role = role_of(tape.word_of(tape.find(value, "role"_w)));
  // An answer is the assistant's, whatever it says of itself.
  if (role && !scope.answer) scope = {*role, false, *role == Role::tool};
  scope.speaker = scope.role == Role::system ? system_speaker
                  : scope.role == Role::user ? user_speaker
                  : scope.role == Role::tool ? writer.new_speaker()
                                             : assistant_speaker;
  read_block(writer, value, scope);
}

void read_item(LeafWriter& writer, NodeId value, Scope scope) {
  const Tape& tape = writer.tape();
  if (!tape.is(value, NodeKind::object)) return read_content(writer, value, scope);
  // An id alone refers to an item that the provider has stored, too.
  const bool anonymous = !tape.has(value, "type"_w) && !tape.has(value, "role"_w);
  const bool refers = tape.word_of(tape.find(value, "type"_w)) == "item_reference"_w;
  if (refers || (anonymous && tape.has(value, "id"_w)))
    return writer.opaque(value, Kind::stored_reference);
  if (writer.of_request() && refers_to_an_item(tape, value))
    writer.mark_opaque(value, Kind::stored_reference);
  const BlockKind kind = kind_of(tape, value);
  if (kind == BlockKind::plain) return read_message(writer, value, scope);
  if (kind == BlockKind::call) writer.end_speech();
  read_block(writer, value, item_scope(kind, scope));
}

void read_citations(LeafWriter& writer, NodeId value) {
  const Tape& tape = writer.tape();
  if (tape.is(value, NodeKind::array)) {
    return tape.each_element(value, [&](NodeId citation) { read_citations(writer, citation); });
  }
  if (!tape.is(value, NodeKind::object)) return writer.all(value, metadata_scope);
  const bool quotes = tape.has(value, "cited_text"_w);
  tape.each_field(value, [&](NodeId key, NodeId child) {
    const Word word = tape.nodes[key].word;
    const bool source = word == "cited_text"_w || word == "document_title"_w || word == "title"_w;
    writer.key(key);
    writer.all(child, {Role::metadata, false, quotes && source});
  });
}

void read_tools(LeafWriter& writer, NodeId value) {
  const Tape& tape = writer.tape();
  const bool list = tape.is(value, NodeKind::array) && !tape.nodes[value].packed;
  if (!list && !tape.is(value, NodeKind::null) && writer.of_request())
    return writer.fail(unknown_shape(tape, value));
  if (!list) return writer.all(value, {Role::definition, false});
  tape.each_element(value, [&](NodeId tool) {
    if (!tape.is(tool, NodeKind::object) && writer.of_request())
      return writer.fail(unknown_shape(tape, tool));
    read_tool(writer, tool);
  });
}

Channels::Begins what_begins(const Tape& tape, NodeId block) {
  using Begins = Channels::Begins;
  if (block == no_node || !tape.is(block, NodeKind::object)) return Begins::thought;
  const BlockKind kind = kind_of(tape, block);
  if (kind == BlockKind::call || kind == BlockKind::result) return Begins::call;
  const Word type = tape.word_of(tape.find(block, "type"_w));
  return type == "message"_w || type == "text"_w ? Begins::speech : Begins::thought;
}

void read_reference(LeafWriter& writer, NodeId value, core::OpaqueKinds kinds) {
  if (is_in_use(writer.tape(), value)) writer.mark_whole(value, kinds);
  writer.all(value, metadata_scope);
}

}  // namespace menshen::protocol
