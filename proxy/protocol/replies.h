// What the gateway itself says, in the shape of the API that was called, so that SDKs raise their
// own exceptions and tolerate pings.
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "proxy/protocol/endpoint.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {

// {"error":{"message","type","param","code","exchange"}} or
// {"type":"error","error":{"type","message",...},...}
[[nodiscard]] std::string error_body(Family family, const core::Error& error,
                                     std::string_view exchange);

// The same as the last event of a stream that is already open. After it the connection's stream
// ends.
[[nodiscard]] std::string error_event(Api api, const core::Error& error, std::string_view exchange);

// What keeps a silent stream alive: an SSE comment, or Anthropic's ping event.
[[nodiscard]] std::string_view ping(Api api) noexcept;

// Scores (and decision) of a streamed answer as an event that the SDKs ignore: after [DONE] an
// event `menshen.scores`; before response.completed a comment; before message_stop a ping with the
// field `menshen`. `before_terminal` says on which side of the API's own terminal event it belongs.
struct ScoresEvent {
  std::string bytes;
  bool before_terminal = false;
};
[[nodiscard]] ScoresEvent scores_event(Api api, const core::Scores& scores,
                                       std::string_view decision);

// Ids of the models in a provider's listing (either family's shape).
core::Result<std::vector<std::string>> parse_model_list(std::string_view body);
[[nodiscard]] std::string model_list(Family family, std::span<const std::string> ids);
[[nodiscard]] std::string model_object(Family family, std::string_view id);

}  // namespace menshen::protocol
