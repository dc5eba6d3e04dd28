#include "proxy/protocol/replies.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace menshen::protocol {

namespace {

using json = nlohmann::ordered_json;
using core::ErrorKind;

// The types that the official SDKs know; their exception classes follow the HTTP status.
std::string_view error_type(Family family, ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_request:
    case ErrorKind::method_not_allowed:
    case ErrorKind::unsupported_media: return "invalid_request_error";
    case ErrorKind::unauthenticated: return "authentication_error";
    case ErrorKind::forbidden: return "permission_error";
    case ErrorKind::not_found: return "not_found_error";
    case ErrorKind::too_large:
    case ErrorKind::headers_too_large:
      return family == Family::anthropic ? "request_too_large" : "invalid_request_error";
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

json where_or_null(const core::Error& error) {
  return error.where.empty() ? json(nullptr) : json(error.where);
}

json error_object(Family family, const core::Error& error, std::string_view exchange) {
  const std::string_view type = error_type(family, error.kind);
  if (family == Family::openai) {
    return {{"message", error.message},
            {"type", type},
            {"param", where_or_null(error)},
            {"code", error.code},
            {"exchange", exchange}};
  }
  return {{"type", type},
          {"message", error.message},
          {"param", where_or_null(error)},
          {"details", {{"error_code", error.code}}}};
}

json error_document(Family family, const core::Error& error, std::string_view exchange) {
  json object = error_object(family, error, exchange);
  if (family == Family::openai) return {{"error", std::move(object)}};
  return {{"type", "error"},
          {"error", std::move(object)},
          {"request_id", exchange},
          {"exchange", exchange}};
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string event(std::string_view name, const json& data) {
  std::string bytes;
  if (!name.empty()) bytes.append("event: ").append(name).append("\n");
  return bytes.append("data: ").append(dump(data)).append("\n\n");
}

double rounded(float score) { return std::round(static_cast<double>(score) * 10000.0) / 10000.0; }

json scores_object(const core::Scores& scores, std::string_view decision) {
  json values = json::object();
  for (const core::Score& score : scores.all()) {
    values[std::string(score.kind->name)] = rounded(score.value);
  }
  return {{"decision", decision}, {"scores", std::move(values)}};
}

}  // namespace

std::string error_body(Family family, const core::Error& error, std::string_view exchange) {
  return dump(error_document(family, error, exchange));
}

namespace {

// The published shape of the responses API has these fields at the top; its SDKs raise an exception
// when they see `error`.
std::string openai_error_event(Api api, json document) {
  if (api != Api::openai_responses) return event("", document);
  const json error = document["error"];
  document["type"] = "error";
  for (const char* field : {"code", "message", "param"}) {
    document[field] = error.contains(field) ? error[field] : json(nullptr);
  }
  document["sequence_number"] = 0;
  return event("error", document);
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

// The error object of a provider's body; whatever the body is, it has a message and a type.
json provider_error_object(std::string_view body, unsigned status) {
  json document = json::parse(body, nullptr, false);
  json error = json::object();
  if (document.is_object()) {
    const bool nested = document.contains("error") && document["error"].is_object();
    error = nested ? document["error"] : document;
  }
  if (!error.contains("message") || !error["message"].is_string()) {
    const bool said = error.contains("error") && error["error"].is_string();
    error["message"] =
        said ? error["error"] : json("The provider answered " + std::to_string(status) + ".");
  }
  if (!error.contains("type") || !error["type"].is_string() || error["type"] == "error")
    error["type"] = error_type(status);
  return error;
}

}  // namespace

std::string error_event(Api api, const core::Error& error, std::string_view exchange) {
  if (api == Api::anthropic_messages)
    return event("error", error_document(Family::anthropic, error, exchange));
  return openai_error_event(api, error_document(Family::openai, error, exchange));
}

std::string provider_error_body(Family family, unsigned status, std::string_view exchange) {
  const core::Error error = core::provider_error(
      ErrorKind::bad_upstream, "bad_upstream_body",
      "The provider answered " + std::to_string(status) + " with a body that is not of this API.");
  json document = error_document(family, error, exchange);
  document["error"]["type"] = error_type(status);
  return dump(document);
}

std::string provider_error_event(Api api, unsigned status, std::string_view body, RetryHint retry,
                                 std::string_view exchange) {
  json error = provider_error_object(body, status);
  error["status"] = status;
  if (!retry.after.empty()) error["retry_after"] = retry.after;
  if (!retry.after_ms.empty()) error["retry_after_ms"] = retry.after_ms;
  if (api == Api::anthropic_messages) {
    return event("error", {{"type", "error"},
                           {"error", std::move(error)},
                           {"request_id", exchange},
                           {"exchange", exchange}});
  }
  error["exchange"] = exchange;
  return openai_error_event(api, {{"error", std::move(error)}});
}

std::string_view ping(Api api) noexcept {
  if (api == Api::anthropic_messages) return "event: ping\ndata: {\"type\":\"ping\"}\n\n";
  return ": ping\n\n";
}

std::string scores_event(Api api, const core::Scores& scores, std::string_view decision) {
  const json object = scores_object(scores, decision);
  // SDKs skip every event named ping, whatever its data.
  if (api == Api::anthropic_messages) return event("ping", {{"type", "ping"}, {"menshen", object}});
  return ": menshen.scores " + dump(object) + "\n\n";
}

core::Result<std::vector<std::string>> parse_model_list(std::string_view body) {
  const auto malformed = [] {
    return core::provider_error(ErrorKind::bad_upstream, "bad_model_list",
                                "The provider's list of models cannot be read.");
  };
  // A parser of small documents: depth is bounded by the size that is accepted here.
  constexpr std::size_t list_bytes_max = 4 * 1024 * 1024;
  if (body.size() > list_bytes_max) return malformed();
  const auto is_shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return depth < 16;
  };
  const auto list = nlohmann::json::parse(body, is_shallow, false);
  if (!list.is_object() || !list.contains("data") || !list["data"].is_array()) return malformed();
  std::vector<std::string> ids;
  for (const auto& entry : list["data"]) {
    const bool named = entry.is_object() && entry.contains("id") && entry["id"].is_string();
    if (named) ids.push_back(entry["id"].get<std::string>());
  }
  return ids;
}

namespace {

json model_json(Family family, std::string_view id) {
  if (family == Family::openai) {
    return {{"id", id}, {"object", "model"}, {"created", 0}, {"owned_by", "menshen"}};
  }
  return {
      {"type", "model"}, {"id", id}, {"display_name", id}, {"created_at", "1970-01-01T00:00:00Z"}};
}

}  // namespace

std::string model_list(Family family, std::span<const std::string> ids) {
  json data = json::array();
  for (const std::string& id : ids) data.push_back(model_json(family, id));
  if (family == Family::openai) return dump({{"object", "list"}, {"data", std::move(data)}});
  const json first = ids.empty() ? json(nullptr) : json(ids.front());
  const json last = ids.empty() ? json(nullptr) : json(ids.back());
  return dump(
      {{"data", std::move(data)}, {"has_more", false}, {"first_id", first}, {"last_id", last}});
}

std::string model_object(Family family, std::string_view id) {
  return dump(model_json(family, id));
}

}  // namespace menshen::protocol
