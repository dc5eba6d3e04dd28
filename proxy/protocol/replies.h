// What the gateway itself says, in the shape of the API that was called, so that SDKs raise their
// own exceptions and tolerate pings.
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "core/score.h"
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

// Scores (and decision) of a streamed answer, in what the SDKs ignore: a comment, or for messages a
// ping with the field `menshen`. Its place is before the terminal event, behind which nobody reads.
[[nodiscard]] std::string scores_event(Api api, const core::Scores& scores,
                                       std::string_view decision);

// A provider's error whose body is not of the API, in its shape.
[[nodiscard]] std::string provider_error_body(Family family, unsigned status,
                                              std::string_view exchange);

// A provider's error that comes when the stream is already open: its `body`, a JSON document, as
// the API's last event. Where the head of an answer would say it, the event's error has `status`
// and, unless they are empty, `retry_after` and `retry_after_ms`.
struct RetryHint {
  std::string_view after;     // of the header retry-after
  std::string_view after_ms;  // of the header retry-after-ms
};
[[nodiscard]] std::string provider_error_event(Api api, unsigned status, std::string_view body,
                                               RetryHint retry, std::string_view exchange);

// Ids of the models in a provider's listing (either family's shape); an entry without one is
// passed over.
core::Result<std::vector<std::string>> parse_model_list(std::string_view body);
[[nodiscard]] std::string model_list(Family family, std::span<const std::string> ids);
[[nodiscard]] std::string model_object(Family family, std::string_view id);

}  // namespace menshen::protocol
