#include "proxy/protocol/requests.h"

#include "proxy/protocol/content.h"
#include "proxy/protocol/references.h"

#include <utility>

namespace menshen::protocol {

namespace {

using core::Role;
using Kind = core::OpaqueKind;

constexpr std::size_t model_bytes_max = 256;
constexpr std::size_t fallbacks_max = 16;

core::Error invalid_request(std::string code, std::string message, std::string where) {
  return core::client_error(core::ErrorKind::invalid_request, std::move(code), std::move(message),
                            std::move(where));
}

core::Error unknown_shape(std::string message, const Tape& tape, NodeId value) {
  return invalid_request("unknown_shape", std::move(message), tape.place(value));
}

bool holds_numbers(const Tape& tape, NodeId value) {
  for (NodeId at = value; at < tape.nodes[value].next; ++at) {
    if (tape.is(at, NodeKind::number) || tape.nodes[at].packed) return true;
  }
  return false;
}

// Prompts and inputs: texts, items, a stored template, or numbers of tokens, which can be read
// where the model's encoding is known.
void read_input(LeafWriter& writer, NodeId value) {
  const Tape& tape = writer.tape();
  const Scope user{Role::user, false};
  if (tape.is(value, NodeKind::number)) return writer.opaque(value, Kind::token_array);
  if (tape.is(value, NodeKind::object)) {
    writer.mark_whole(value, Kind::stored_reference);
    return writer.all(value, user);
  }
  if (!tape.is(value, NodeKind::array)) return read_content(writer, value, user);
  if (writer.token_list(value, user)) return;
  bool tokens = tape.nodes[value].packed;
  tape.each_element(value, [&](NodeId element) {
    const bool list = tape.is(element, NodeKind::number) || tape.is(element, NodeKind::array);
    const bool read = writer.reads_token_list(element);
    tokens = tokens || (list && !read && holds_numbers(tape, element));
  });
  if (tokens) writer.mark_opaque(value, Kind::token_array);
  tape.each_element(value, [&](NodeId element) {
    if (!writer.token_list(element, user)) read_item(writer, element, user);
  });
}

void read_messages(LeafWriter& writer, NodeId value) {
  const Scope user{Role::user, false};
  const Tape& tape = writer.tape();
  if (tape.is(value, NodeKind::null)) return;
  if (!tape.is(value, NodeKind::array) || tape.nodes[value].packed)
    return writer.fail(unknown_shape("This field must be a list of messages.", tape, value));
  tape.each_element(value, [&](NodeId message) {
    if (!tape.is(message, NodeKind::object))
      return writer.fail(unknown_shape("A message must be an object.", tape, message));
    read_message(writer, message, user);
  });
}

void mark_brought(LeafWriter& writer, NodeId model) {
  if (!writer.tape().is(model, NodeKind::string)) return;
  const core::OpaqueKinds kinds = brought_kinds(writer.tape().decoded(model));
  if (!kinds.empty()) writer.mark_opaque(model, kinds);
}

// A stored or searched context comes with some names of models.
void read_model(LeafWriter& writer, NodeId value) {
  mark_brought(writer, value);
  writer.text(value, metadata_scope);
}

// A model that the provider may use instead, as access rules read its name.
void add_model(LeafWriter& writer, NodeId model, std::vector<NodeId>& fallbacks) {
  const Tape& tape = writer.tape();
  const bool named = tape.is(model, NodeKind::string) && !tape.raw(model).empty() &&
                     tape.raw(model).size() <= model_bytes_max;
  if (!named || fallbacks.size() == fallbacks_max)
    return writer.fail(unknown_shape("Fallbacks must be few names of models.", tape, model));
  fallbacks.push_back(model);
  mark_brought(writer, model);
}

// A name or a list of names; switches and numbers name nothing, and what else it is cannot be
// judged.
void judge_models(LeafWriter& writer, NodeId value, std::vector<NodeId>& fallbacks) {
  const Tape& tape = writer.tape();
  const bool list = tape.is(value, NodeKind::array) && !tape.nodes[value].packed;
  if (list)
    return tape.each_element(value, [&](NodeId model) { add_model(writer, model, fallbacks); });
  if (tape.is(value, NodeKind::array) || tape.is(value, NodeKind::object))
    return writer.fail(unknown_shape("Fallbacks must be a list of models.", tape, value));
  if (tape.is(value, NodeKind::string) && is_in_use(tape, value))
    add_model(writer, value, fallbacks);
}

// Routers take them at any depth: providerOptions.gateway.models, litellm_params.model.
void judge_models_below(LeafWriter& writer, NodeId value, std::vector<NodeId>& fallbacks) {
  const Tape& tape = writer.tape();
  for (NodeId at = value; at < tape.nodes[value].next;) {
    const bool key = tape.is(at, NodeKind::key);
    const bool names = key && names_models(tape, at);
    if (names) judge_models(writer, at + 1, fallbacks);
    const bool done = names || (key && is_own_map(tape.nodes[at].word));
    at = done ? tape.nodes[at].next : at + 1;
  }
}

void read_fallbacks(LeafWriter& writer, NodeId value, std::vector<NodeId>& fallbacks) {
  judge_models(writer, value, fallbacks);
  writer.all(value, metadata_scope);
}

void read_other_top_field(LeafWriter& writer, NodeId key, NodeId value,
                          std::vector<NodeId>& fallbacks) {
  const Tape& tape = writer.tape();
  if (names_models(tape, key)) return read_fallbacks(writer, value, fallbacks);
  judge_models_below(writer, value, fallbacks);
  // Content that the provider holds or fetches passes no gateway.
  if (const core::OpaqueKinds kinds = reference_kinds(tape, key); !kinds.empty())
    return read_reference(writer, value, kinds);
  // What some servers put before the prompt.
  const bool documents = tape.raw(key) == "documents";
  writer.unknown(value, documents ? result_scope : metadata_scope, tape.nodes[key].word == no_word);
}

core::Result<NodeId> model_of(const Tape& tape, const Endpoint& endpoint) {
  const NodeId model = tape.find(0, "model"_w);
  if (model == no_node && endpoint.has_model()) return model;
  if (model == no_node || !tape.is(model, NodeKind::string) || tape.raw(model).empty()) {
    return invalid_request("model_missing", "The request must name a model.", "/model");
  }
  if (tape.raw(model).size() > model_bytes_max) {
    return invalid_request("model_too_long", "The name of the model is longer than 256 bytes.",
                           "/model");
  }
  return model;
}

// `absent`: what it means that the field is not there.
core::Result<bool> streams(const Tape& tape, bool absent) {
  const NodeId value = tape.find(0, "stream"_w);
  if (value == no_node || tape.is(value, NodeKind::null)) return absent;
  if (tape.is(value, NodeKind::boolean)) return tape.raw(value) == "true";
  return invalid_request("stream_not_boolean", "This field must be true or false.",
                         tape.place(value));
}

}  // namespace

core::Result<RequestFacts> read_request_head(const Tape& tape, const Endpoint& endpoint) {
  RequestFacts facts;
  const auto model = model_of(tape, endpoint);
  if (!model) return model.error();
  facts.model = *model;
  const auto stream = streams(tape, endpoint.streams == Streams::unless_refused);
  if (!stream) return stream.error();
  facts.stream = *stream;
  if (facts.stream && !endpoint.can_stream()) {
    return invalid_request("stream_unsupported", "This endpoint has no streams.", "/stream");
  }
  return facts;
}

void read_request_field(LeafWriter& writer, NodeId key, NodeId value, RequestFacts& facts) {
  writer.key(key);
  switch (writer.tape().nodes[key].word) {
    case "messages"_w: return read_messages(writer, value);
    case "input"_w:
    case "prompt"_w: return read_input(writer, value);
    case "suffix"_w: return writer.text(value, {Role::user, false});
    case "system"_w:
    case "instructions"_w:
      return read_content(writer, value, {Role::system, false, false, system_speaker});
    case "prediction"_w: {
      const Scope predicted{Role::assistant, false, false, writer.new_speaker()};
      return read_content(writer, value, predicted);
    }
    case "tools"_w:
    case "functions"_w: return read_tools(writer, value);
    case "function_call"_w:
    case "tool_choice"_w:
    case "response_format"_w:
    case "text"_w:
    case "output_format"_w:
    case "output_config"_w:
    case "structured_outputs"_w:
    case "guided_json"_w:
    case "guided_regex"_w:
    case "guided_choice"_w:
    case "guided_grammar"_w: return writer.all(value, {Role::definition, false});
    case "model"_w: return read_model(writer, value);
    case "models"_w:
    case "fallbacks"_w:
    case "fallback_models"_w: return read_fallbacks(writer, value, facts.fallbacks);
    case "metadata"_w:
    case "logit_bias"_w:
    case "chat_template_kwargs"_w: return writer.own(value, metadata_scope);
    case "audio"_w: return writer.all(value, metadata_scope);
    default: return read_other_top_field(writer, key, value, facts.fallbacks);
  }
}

core::Result<void> read_request_fields(LeafWriter& writer, RequestFacts& facts) {
  writer.tape().each_field(
      0, [&](NodeId key, NodeId value) { read_request_field(writer, key, value, facts); });
  if (writer.error()) return std::move(*writer.error());
  return {};
}

core::Result<RequestFacts> read_request(LeafWriter& writer, const Endpoint& endpoint) {
  auto facts = read_request_head(writer.tape(), endpoint);
  if (!facts) return facts.error();
  if (auto read = read_request_fields(writer, *facts); !read) return read.error();
  return facts;
}

}  // namespace menshen::protocol
