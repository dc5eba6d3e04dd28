// Anthropic's messages API.
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/anthropic/readers.h"
#include "proxy/protocol/anthropic/words.h"
#include "proxy/protocol/answers.h"
#include "proxy/protocol/requests.h"
#include "proxy/protocol/voice.h"

#include <array>

namespace menshen::protocol {

const Adapter& anthropic_adapter();

namespace anthropic {
namespace {

using core::Operation;
using json = OrderedJson;

constexpr std::array endpoints{
    Endpoint{anthropic_adapter, Operation::chat, "POST", "/v1/messages", "anthropic_messages",
             Streams::if_asked, read_request, read_whole_answer, read_message_event},
    Endpoint{anthropic_adapter, Operation::chat, "POST", "/v1/messages/count_tokens",
             "anthropic_count_tokens", Streams::never, read_request, read_whole_answer},
    Endpoint{anthropic_adapter, Operation::models, "GET", "/v1/models", "models"},
    Endpoint{anthropic_adapter, Operation::models, "GET", "/v1/models/", "model"},
};

constexpr std::array<std::string_view, 2> to_provider{"anthropic-version", "anthropic-beta"};
constexpr std::array<std::string_view, 3> to_client{"anthropic-ratelimit-*", "anthropic-priority-*",
                                                    "anthropic-fast-*"};
// What one client sends along must not decide what is kept for all.
constexpr std::array listing_headers{HeaderLine{"anthropic-version", "2023-06-01"}};

std::string_view type_of(core::ErrorKind kind) noexcept {
  const bool too_large =
      kind == core::ErrorKind::too_large || kind == core::ErrorKind::headers_too_large;
  return too_large ? "request_too_large" : error_type(kind);
}

json error_document(json error, std::string_view exchange) {
  return {{"type", "error"},
          {"error", std::move(error)},
          {"request_id", exchange},
          {"exchange", exchange}};
}

json error_document(const core::Error& error, std::string_view exchange) {
  return error_document({{"type", type_of(error.kind)},
                         {"message", error.message},
                         {"param", where_or_null(error)},
                         {"details", {{"error_code", error.code}}}},
                        exchange);
}

json model_json(std::string_view id) {
  return {
      {"type", "model"}, {"id", id}, {"display_name", id}, {"created_at", "1970-01-01T00:00:00Z"}};
}

class Anthropic final : public Adapter {
 public:
  Anthropic()
      : Adapter({.name = "anthropic",
                 .endpoints = endpoints,
                 .words = &words(),
                 .credential = {"x-api-key", ""},
                 .stream_type = "text/event-stream",
                 .to_provider = to_provider,
                 .to_client = to_client,
                 .listing_path = "/v1/models",
                 .listing_headers = listing_headers}) {}

  [[nodiscard]] Claim claim(const Head& head) const noexcept override {
    const bool messages = head.path == "/v1/messages" || head.path.starts_with("/v1/messages/");
    return messages || has_header(head, "anthropic-version") ? Claim::own : Claim::none;
  }
  // The SDK asks for its beta methods so.
  [[nodiscard]] bool takes_query(const Endpoint& endpoint,
                                 std::string_view query) const noexcept override {
    if (endpoint.operation == Operation::models)
      return endpoint.path == facts().listing_path && is_paging_query(query);
    return query == "beta=true";
  }

  [[nodiscard]] std::string error_body(const core::Error& error,
                                       std::string_view exchange) const override {
    return dump(error_document(error, exchange));
  }
  [[nodiscard]] std::string error_event(const Endpoint&, const core::Error& error,
                                        std::string_view exchange) const override {
    return sse_event("error", error_document(error, exchange));
  }
  [[nodiscard]] std::string_view ping() const noexcept override {
    return "event: ping\ndata: {\"type\":\"ping\"}\n\n";
  }
  // SDKs skip every event named ping, whatever its data.
  [[nodiscard]] std::string scores_event(const Endpoint&,
                                         const Judgement& judgement) const override {
    return sse_event("ping", {{"type", "ping"}, {"menshen", scores_object(judgement)}});
  }
  [[nodiscard]] std::string provider_error_body(unsigned status, const core::Error& error,
                                                std::string_view exchange) const override {
    json document = error_document(error, exchange);
    document["error"]["type"] = error_type(status);
    return dump(document);
  }
  [[nodiscard]] std::string provider_error_event(const Endpoint&, unsigned status,
                                                 std::string_view body, RetryHint retry,
                                                 std::string_view exchange) const override {
    return sse_event("error", error_document(provider_error_object(body, status, retry), exchange));
  }

  [[nodiscard]] core::Result<std::vector<std::string>> parse_model_list(
      std::string_view body) const override {
    return parse_names(body, "data", "id");
  }
  [[nodiscard]] std::string model_list(std::span<const std::string> ids) const override {
    json data = json::array();
    for (const std::string& id : ids) data.push_back(model_json(id));
    const json first = ids.empty() ? json(nullptr) : json(ids.front());
    const json last = ids.empty() ? json(nullptr) : json(ids.back());
    return dump(
        {{"data", std::move(data)}, {"has_more", false}, {"first_id", first}, {"last_id", last}});
  }
  [[nodiscard]] std::string model_object(std::string_view id) const override {
    return dump(model_json(id));
  }
};

}  // namespace
}  // namespace anthropic

const Adapter& anthropic_adapter() {
  static const anthropic::Anthropic adapter;
  return adapter;
}

}  // namespace menshen::protocol
