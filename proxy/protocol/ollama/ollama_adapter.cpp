// Ollama's own API. Its streams are lines of JSON, and what is not asked otherwise is a stream.
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/ollama/readers.h"
#include "proxy/protocol/ollama/words.h"
#include "proxy/protocol/voice.h"

#include <array>

namespace menshen::protocol {

const Adapter& ollama_adapter();

namespace ollama {
namespace {

using core::Operation;
using json = OrderedJson;

constexpr std::array endpoints{
    Endpoint{ollama_adapter, Operation::chat, "POST", "/api/chat", "ollama_chat",
             Streams::unless_refused, read_ollama_request, read_ollama_answer, read_line},
    Endpoint{ollama_adapter, Operation::completion, "POST", "/api/generate", "ollama_generate",
             Streams::unless_refused, read_ollama_request, read_ollama_answer, read_line},
    Endpoint{ollama_adapter, Operation::models, "GET", "/api/tags", "ollama_tags"},
};

std::string line(const json& document) { return dump(document) + "\n"; }

json error_document(const core::Error& error, std::string_view exchange) {
  return {{"error", error.message},
          {"code", error.code},
          {"param", where_or_null(error)},
          {"exchange", exchange}};
}

json model_json(std::string_view id) {
  return {{"name", id}, {"model", id},  {"modified_at", "1970-01-01T00:00:00Z"},
          {"size", 0},  {"digest", ""}, {"details", json::object()}};
}

class Ollama final : public Adapter {
 public:
  Ollama()
      : Adapter({.name = "ollama",
                 .endpoints = endpoints,
                 .words = &words(),
                 .credential = {"authorization", "Bearer "},
                 .stream_type = "application/x-ndjson",
                 .framing = Framing::lines,
                 .listing_path = "/api/tags"}) {}

  [[nodiscard]] Claim claim(const Head& head) const noexcept override {
    return head.path.starts_with("/api/") ? Claim::own : Claim::none;
  }
  [[nodiscard]] bool takes_query(const Endpoint&, std::string_view) const noexcept override {
    return false;
  }

  [[nodiscard]] std::string error_body(const core::Error& error,
                                       std::string_view exchange) const override {
    return dump(error_document(error, exchange));
  }
  [[nodiscard]] std::string error_event(const Endpoint&, const core::Error& error,
                                        std::string_view exchange) const override {
    return line(error_document(error, exchange));
  }
  // A blank in front of the next line: clients take every line for a document, an empty one too.
  [[nodiscard]] std::string_view ping() const noexcept override { return " "; }
  // A line that adds nothing to the text: clients pass over fields that they do not know.
  [[nodiscard]] std::string scores_event(const Endpoint& endpoint,
                                         const Judgement& judgement) const override {
    json piece = endpoint.operation == Operation::chat
                     ? json{{"message", {{"role", "assistant"}, {"content", ""}}}}
                     : json{{"response", ""}};
    piece["done"] = false;
    piece["menshen"] = scores_object(judgement);
    return line(piece);
  }
  [[nodiscard]] std::string provider_error_body(unsigned, const core::Error& error,
                                                std::string_view exchange) const override {
    return dump(error_document(error, exchange));
  }
  [[nodiscard]] std::string provider_error_event(const Endpoint&, unsigned status,
                                                 std::string_view body, RetryHint retry,
                                                 std::string_view exchange) const override {
    json error = provider_error_object(body, status, retry);
    error["error"] = error["message"];
    error.erase("message");
    error["exchange"] = exchange;
    return line(error);
  }

  [[nodiscard]] core::Result<std::vector<std::string>> parse_model_list(
      std::string_view body) const override {
    return parse_names(body, "models", "name");
  }
  [[nodiscard]] std::string model_list(std::span<const std::string> ids) const override {
    json models = json::array();
    for (const std::string& id : ids) models.push_back(model_json(id));
    return dump({{"models", std::move(models)}});
  }
  [[nodiscard]] std::string model_object(std::string_view id) const override {
    return dump(model_json(id));
  }
};

}  // namespace
}  // namespace ollama

const Adapter& ollama_adapter() {
  static const ollama::Ollama adapter;
  return adapter;
}

}  // namespace menshen::protocol
