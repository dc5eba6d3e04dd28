// Requests and answers that are OpenAI's own.
#include "proxy/protocol/answers.h"
#include "proxy/protocol/openai/readers.h"
#include "proxy/protocol/openai/words.h"
#include "proxy/protocol/requests.h"

namespace menshen::protocol::openai {

namespace {

// A number that could be anybody's is none of a vector.
bool is_vector(const Tape& tape, NodeId value) {
  return tape.is(value, NodeKind::array) && tape.nodes[value].next == value + 1;
}

// Vectors are no text: their numbers are left alone, and their base64 but for secrets.
void read_embeddings(LeafWriter& writer, NodeId data) {
  const Tape& tape = writer.tape();
  if (!tape.is(data, NodeKind::array)) return writer.all(data, metadata_scope);
  tape.each_element(data, [&](NodeId entry) {
    if (!tape.is(entry, NodeKind::object)) return writer.all(entry, metadata_scope);
    tape.each_field(entry, [&](NodeId key, NodeId value) {
      writer.key(key);
      const bool vector = tape.nodes[key].word == "embedding"_w;
      if (vector && is_vector(tape, value)) return;
      if (vector && tape.is(value, NodeKind::string)) return writer.sealed(value);
      writer.all(value, metadata_scope);
    });
  });
}

}  // namespace

core::Result<RequestFacts> read_responses_request(LeafWriter& writer, const Endpoint& endpoint) {
  auto facts = read_request_head(writer.tape(), endpoint);
  if (!facts) return facts.error();
  // The answer to a background request would be fetched past the gateway.
  const Tape& tape = writer.tape();
  const NodeId background = tape.find(0, "background"_w);
  const bool absent = background == no_node || tape.is(background, NodeKind::null);
  const bool refused =
      !absent && tape.is(background, NodeKind::boolean) && tape.raw(background) == "false";
  if (!absent && !refused) {
    return core::client_error(core::ErrorKind::invalid_request, "background_not_supported",
                              "Background responses are not supported.", "/background");
  }
  if (auto read = read_request_fields(writer, *facts); !read) return read.error();
  return facts;
}

Usage read_embeddings_answer(LeafWriter& writer) {
  const Tape& tape = writer.tape();
  const Scope scope{core::Role::assistant, true, false, assistant_speaker};
  tape.each_field(0, [&](NodeId key, NodeId value) {
    if (tape.nodes[key].word != "data"_w) return read_answer_field(writer, key, value, scope);
    writer.key(key);
    read_embeddings(writer, value);
  });
  return read_usage(tape, 0);
}

}  // namespace menshen::protocol::openai
