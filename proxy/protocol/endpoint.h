// One endpoint of an API, as data, and the readers of its documents. The adapter of the API has its
// endpoints in a table; what is in no table is refused (law 1).
#pragma once

#include "core/error.h"
#include "core/exchange.h"

#include <cstdint>
#include <string_view>

namespace menshen::protocol {

class Adapter;
class Channels;
class LeafWriter;
struct Endpoint;
struct EventFacts;
struct RequestFacts;
struct Usage;

// Whether an answer comes as a stream.
enum class Streams : std::uint8_t {
  never,
  if_asked,        // where `stream` of the request is true
  unless_refused,  // but where it is false
};

// Writes the leaves of a request's body; what it returns an error for is refused.
using RequestReader = core::Result<RequestFacts>(LeafWriter& writer, const Endpoint& endpoint);
// Writes the leaves of an answer that is no stream; gives the tokens that it says were counted.
using AnswerReader = Usage(LeafWriter& writer);
// Writes the leaves of one event of a stream. `name`: the event field of server-sent events.
using EventReader = void(LeafWriter& writer, Channels& channels, std::string_view name,
                         EventFacts& facts);

// Readers are called once per document or event, never per leaf.
struct Endpoint {
  const Adapter& (*adapter)();
  core::Operation operation;
  std::string_view method;
  // As records name it. "{model}" stands for the name of a model; a path that ends with a slash is
  // followed by one, which may hold slashes.
  std::string_view path;
  std::string_view name;  // "openai_chat": records, metrics
  Streams streams = Streams::never;
  RequestReader* read_request = nullptr;  // null: it has no body
  AnswerReader* read_answer = nullptr;    // null: the gateway itself answers
  EventReader* read_event = nullptr;      // null: it has no streams

  [[nodiscard]] bool can_stream() const noexcept { return streams != Streams::never; }
  // Whether the path names the model.
  [[nodiscard]] bool has_model() const noexcept {
    return path.ends_with('/') || path.find('{') != std::string_view::npos;
  }
};

}  // namespace menshen::protocol
