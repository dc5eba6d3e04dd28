// The leaves of requests, and what a request says of itself. One reader serves all APIs; what is an
// API's own stands in its folder.
#pragma once

#include "proxy/protocol/endpoint.h"
#include "proxy/protocol/leaves.h"

#include <vector>

namespace menshen::protocol {

struct RequestFacts {
  NodeId model = no_node;         // no_node: only the path names it
  std::vector<NodeId> fallbacks;  // further models that the provider may use
  bool stream = false;
};

// A body of messages, items, prompts or inputs. Errors as of Document::parse_request.
core::Result<RequestFacts> read_request(LeafWriter& writer, const Endpoint& endpoint);

// Its parts: model and stream; then every field, or one. Errors of fields are the writer's.
core::Result<RequestFacts> read_request_head(const Tape& tape, const Endpoint& endpoint);
core::Result<void> read_request_fields(LeafWriter& writer, RequestFacts& facts);
void read_request_field(LeafWriter& writer, NodeId key, NodeId value, RequestFacts& facts);

}  // namespace menshen::protocol
