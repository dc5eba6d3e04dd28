#include "proxy/protocol/endpoint.h"

#include <algorithm>
#include <charconv>
#include <array>

namespace menshen::protocol {

namespace {

using core::Operation;

constexpr std::array table{
    Endpoint{Api::openai_chat, Family::openai, Operation::chat, "POST", "/v1/chat/completions",
             "openai_chat", true},
    Endpoint{Api::openai_completions, Family::openai, Operation::completion, "POST",
             "/v1/completions", "openai_completions", true},
    Endpoint{Api::openai_responses, Family::openai, Operation::chat, "POST", "/v1/responses",
             "openai_responses", true},
    Endpoint{Api::openai_embeddings, Family::openai, Operation::embeddings, "POST",
             "/v1/embeddings", "openai_embeddings", false},
    Endpoint{Api::anthropic_messages, Family::anthropic, Operation::chat, "POST", "/v1/messages",
             "anthropic_messages", true},
    Endpoint{Api::anthropic_count_tokens, Family::anthropic, Operation::chat, "POST",
             "/v1/messages/count_tokens", "anthropic_count_tokens", false},
    Endpoint{Api::models, Family::openai, Operation::models, "GET", "/v1/models", "models", false},
    Endpoint{Api::model, Family::openai, Operation::models, "GET", "/v1/models/", "model", false},
};

constexpr std::size_t model_id_bytes_max = 256;

constexpr bool is_model_id_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == ':' || c == '@' || c == '-';
}

// Segments between slashes, none empty, ".", or "..": what a proxy behind us could rewrite is not
// let through.
bool is_model_id(std::string_view id) {
  if (id.empty() || id.size() > model_id_bytes_max) return false;
  while (true) {
    const std::string_view segment = id.substr(0, id.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (!std::all_of(segment.begin(), segment.end(), is_model_id_byte)) return false;
    if (segment.size() == id.size()) return true;
    id.remove_prefix(segment.size() + 1);
  }
}

// What %XX stands for (RFC 3986, section 2.1): SDKs write the slash of an id so. A percent sign
// that begins no such stays, and makes no id.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned char byte = 0;
    const std::string_view digits = text.substr(at, 3);
    const bool escaped =
        digits.size() == 3 && digits[0] == '%' &&
        std::from_chars(digits.data() + 1, digits.data() + 3, byte, 16).ptr == digits.data() + 3;
    out.push_back(escaped ? static_cast<char>(byte) : text[at]);
    if (escaped) at += 2;
  }
  return out;
}

bool matches(const Endpoint& endpoint, std::string_view path) {
  if (endpoint.api != Api::model) return path == endpoint.path;
  return path.starts_with(endpoint.path) && is_model_id(listed_model(endpoint, path));
}

}  // namespace

std::string listed_model(const Endpoint& endpoint, std::string_view path) {
  return decoded(path.substr(endpoint.path.size()));
}

std::span<const Endpoint> endpoints() noexcept { return table; }

core::Result<const Endpoint*> find_endpoint(std::string_view method, std::string_view path) {
  for (const Endpoint& endpoint : table) {
    if (!matches(endpoint, path)) continue;
    if (endpoint.method == method) return &endpoint;
    return core::client_error(core::ErrorKind::method_not_allowed, "method_not_allowed",
                              "This path answers " + std::string(endpoint.method) + " requests.");
  }
  return core::client_error(core::ErrorKind::not_found, "unknown_path",
                            "The gateway has no such endpoint.");
}

Family family_of(std::string_view path, bool has_anthropic_version) noexcept {
  const bool messages = path == "/v1/messages" || path.starts_with("/v1/messages/");
  return messages || has_anthropic_version ? Family::anthropic : Family::openai;
}

}  // namespace menshen::protocol
