// The leaves of a request, and what the gateway itself needs of it.
#pragma once

#include "proxy/protocol/endpoint.h"
#include "proxy/protocol/leaves.h"

namespace menshen::protocol {

struct RequestFacts {
  NodeId model = no_node;
  bool stream = false;
};

// Codes: model_missing, model_too_long, stream_not_boolean, stream_unsupported,
// background_not_supported.
core::Result<RequestFacts> read_request(LeafWriter& writer, const Endpoint& endpoint);

}  // namespace menshen::protocol
