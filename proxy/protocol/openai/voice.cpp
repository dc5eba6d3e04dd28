#include "proxy/protocol/openai/voice.h"

#include "proxy/protocol/openai/readers.h"
#include "proxy/protocol/voice.h"

namespace menshen::protocol::openai {

namespace {

using json = OrderedJson;

json error_document(const core::Error& error, std::string_view exchange) {
  return {{"error",
           {{"message", error.message},
            {"type", error_type(error.kind)},
            {"param", where_or_null(error)},
            {"code", error.code},
            {"exchange", exchange}}}};
}

// The published shape of the responses API has these fields at the top; its SDKs raise an exception
// when they see `error`.
std::string event(const Endpoint& endpoint, json document) {
  if (endpoint.read_event != read_response_event) return sse_event("", document);
  const json error = document["error"];
  document["type"] = "error";
  for (const char* field : {"code", "message", "param"}) {
    document[field] = error.contains(field) ? error[field] : json(nullptr);
  }
  document["sequence_number"] = 0;
  return sse_event("error", document);
}

json model_json(std::string_view id) {
  return {{"id", id}, {"object", "model"}, {"created", 0}, {"owned_by", "menshen"}};
}

}  // namespace

std::string Voice::error_body(const core::Error& error, std::string_view exchange) const {
  return dump(error_document(error, exchange));
}

std::string Voice::error_event(const Endpoint& endpoint, const core::Error& error,
                               std::string_view exchange) const {
  return event(endpoint, error_document(error, exchange));
}

std::string_view Voice::ping() const noexcept { return sse_ping; }

std::string Voice::scores_event(const Endpoint&, const Judgement& judgement) const {
  return ": menshen.scores " + dump(scores_object(judgement)) + "\n\n";
}

std::string Voice::provider_error_body(unsigned status, const core::Error& error,
                                       std::string_view exchange) const {
  json document = error_document(error, exchange);
  document["error"]["type"] = error_type(status);
  return dump(document);
}

std::string Voice::provider_error_event(const Endpoint& endpoint, unsigned status,
                                        std::string_view body, RetryHint retry,
                                        std::string_view exchange) const {
  json error = provider_error_object(body, status, retry);
  error["exchange"] = exchange;
  return event(endpoint, {{"error", std::move(error)}});
}

core::Result<std::vector<std::string>> Voice::parse_model_list(std::string_view body) const {
  return parse_names(body, "data", "id");
}

std::string Voice::model_list(std::span<const std::string> ids) const {
  json data = json::array();
  for (const std::string& id : ids) data.push_back(model_json(id));
  return dump({{"object", "list"}, {"data", std::move(data)}});
}

std::string Voice::model_object(std::string_view id) const { return dump(model_json(id)); }

}  // namespace menshen::protocol::openai
