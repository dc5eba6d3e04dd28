// What the voices of several APIs share: JSON out, error objects, lists of models. For adapters
// alone.
#pragma once

#include "core/error.h"
#include "core/score.h"
#include "proxy/protocol/adapter.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {

using OrderedJson = nlohmann::ordered_json;

// On one line; what is no UTF-8 becomes U+FFFD.
[[nodiscard]] std::string dump(const OrderedJson& value);
// One server-sent event; without a name it has data alone.
[[nodiscard]] std::string sse_event(std::string_view name, const OrderedJson& data);
// A comment between events, which readers pass over.
inline constexpr std::string_view sse_ping = ": ping\n\n";

// The types of errors that official SDKs know, of the gateway's own and of a provider's status.
[[nodiscard]] std::string_view error_type(core::ErrorKind kind) noexcept;
[[nodiscard]] std::string_view error_type(unsigned status) noexcept;
[[nodiscard]] OrderedJson where_or_null(const core::Error& error);

// The error object of a provider's body; whatever the body is, it has a message and a type. With
// the status and the hint in it.
[[nodiscard]] OrderedJson provider_error_object(std::string_view body, unsigned status,
                                                RetryHint retry);

// {"decision": ..., "annotations": ..., "scores": {...}}
[[nodiscard]] OrderedJson scores_object(const Judgement& judgement);

// The names in the list `list` of a document, by the field `id` of each entry; an entry without one
// is passed over. Error: "bad_model_list".
[[nodiscard]] core::Result<std::vector<std::string>> parse_names(std::string_view body,
                                                                 std::string_view list,
                                                                 std::string_view id);

}  // namespace menshen::protocol
