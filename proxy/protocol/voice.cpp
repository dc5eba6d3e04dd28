#include "proxy/protocol/voice.h"

#include <cmath>

namespace menshen::protocol {

using core::ErrorKind;

std::string dump(const OrderedJson& value) {
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string sse_event(std::string_view name, const OrderedJson& data) {
  std::string bytes;
  if (!name.empty()) bytes.append("event: ").append(name).append("\n");
  return bytes.append("data: ").append(dump(data)).append("\n\n");
}

std::string_view error_type(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_request:
    case ErrorKind::method_not_allowed:
    case ErrorKind::unsupported_media:
    case ErrorKind::too_large:
    case ErrorKind::headers_too_large: return "invalid_request_error";
    case ErrorKind::unauthenticated: return "authentication_error";
    case ErrorKind::forbidden: return "permission_error";
    case ErrorKind::not_found: return "not_found_error";
    case ErrorKind::rate_limited: return "rate_limit_error";
    case ErrorKind::request_timeout:
    case ErrorKind::upstream_timeout: return "timeout_error";
    case ErrorKind::unavailable: return "overloaded_error";
    case ErrorKind::internal:
    case ErrorKind::bad_upstream:
    case ErrorKind::cancelled:
    case ErrorKind::invalid_config: return "api_error";
  }
  return "api_error";
}

std::string_view error_type(unsigned status) noexcept {
  switch (status) {
    case 404: return "not_found_error";
    case 408:
    case 504: return "timeout_error";
    case 429: return "rate_limit_error";
    case 503:
    case 529: return "overloaded_error";
    default: return status < 500 ? "invalid_request_error" : "api_error";
  }
}

OrderedJson where_or_null(const core::Error& error) {
  return error.where.empty() ? OrderedJson(nullptr) : OrderedJson(error.where);
}

OrderedJson provider_error_object(std::string_view body, unsigned status, RetryHint retry) {
  OrderedJson document = OrderedJson::parse(body, nullptr, false);
  OrderedJson error = OrderedJson::object();
  if (document.is_object()) {
    const bool nested = document.contains("error") && document["error"].is_object();
    error = nested ? document["error"] : document;
  }
  if (!error.contains("message") || !error["message"].is_string()) {
    const bool said = error.contains("error") && error["error"].is_string();
    error["message"] = said ? error["error"]
                            : OrderedJson("The provider answered " + std::to_string(status) + ".");
  }
  if (!error.contains("type") || !error["type"].is_string() || error["type"] == "error")
    error["type"] = error_type(status);
  error["status"] = status;
  if (!retry.after.empty()) error["retry_after"] = retry.after;
  if (!retry.after_ms.empty()) error["retry_after_ms"] = retry.after_ms;
  return error;
}

OrderedJson scores_object(const Judgement& judgement) {
  const auto rounded = [](float score) {
    return std::round(static_cast<double>(score) * 10000.0) / 10000.0;
  };
  OrderedJson values = OrderedJson::object();
  for (const core::Score& score : judgement.scores.all()) {
    values[std::string(score.kind->name)] = rounded(score.value);
  }
  OrderedJson object{{"decision", judgement.decision}};
  if (!judgement.annotations.empty()) object["annotations"] = judgement.annotations;
  object["scores"] = std::move(values);
  return object;
}

core::Result<std::vector<std::string>> parse_names(std::string_view body, std::string_view list,
                                                   std::string_view id) {
  // A parser of small documents: depth is bounded by the size that is accepted here.
  constexpr std::size_t list_bytes_max = 4 * 1024 * 1024;
  constexpr int depth_max = 16;
  const auto is_shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return depth < depth_max;
  };
  nlohmann::json document;
  if (body.size() <= list_bytes_max) document = nlohmann::json::parse(body, is_shallow, false);
  if (!document.is_object() || !document.contains(list) || !document[list].is_array()) {
    return core::provider_error(ErrorKind::bad_upstream, "bad_model_list",
                                "The provider's list of models cannot be read.");
  }
  std::vector<std::string> names;
  for (const auto& entry : document[list]) {
    const bool named = entry.is_object() && entry.contains(id) && entry[id].is_string();
    if (named) names.push_back(entry[id].get<std::string>());
  }
  return names;
}

}  // namespace menshen::protocol
