// The leaves of a request, and what the gateway itself needs of it.
#pragma once

#include "proxy/protocol/endpoint.h"
#include "proxy/protocol/leaves.h"

#include <vector>

namespace menshen::protocol {

struct RequestFacts {
  NodeId model = no_node;
  std::vector<NodeId> fallbacks;  // further models that the provider may use instead
  bool stream = false;
};

// Codes: model_missing, model_too_long, stream_not_boolean, stream_unsupported,
// background_not_supported, unknown_shape; ambiguous_key by way of the writer.
core::Result<RequestFacts> read_request(LeafWriter& writer, const Endpoint& endpoint);

}  // namespace menshen::protocol
