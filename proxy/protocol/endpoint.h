// The endpoints of the data plane, as data: what is not in this table is refused (law 1).
#pragma once

#include "core/error.h"
#include "core/exchange.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace menshen::protocol {

// Whose shape errors, keys and headers have.
enum class Family : std::uint8_t { openai, anthropic };

enum class Api : std::uint8_t {
  openai_chat,
  openai_completions,
  openai_responses,
  openai_embeddings,
  anthropic_messages,
  anthropic_count_tokens,
  models,  // list; the family follows the caller's headers (anthropic-version)
  model,   // GET /v1/models/{id}
};

struct Endpoint {
  Api api;
  Family family;
  core::Operation operation;
  std::string_view method;
  std::string_view path;  // for Api::model the prefix "/v1/models/"
  std::string_view name;  // "openai_chat": records, metrics
  bool can_stream;
};

[[nodiscard]] std::span<const Endpoint> endpoints() noexcept;

// `path` without the query. Errors: not_found "unknown_path", method_not_allowed
// "method_not_allowed". Percent-encoded, doubled or dotted forms of a known path are unknown.
core::Result<const Endpoint*> find_endpoint(std::string_view method, std::string_view path);

// The model that a path of Api::model names, its escapes decoded.
[[nodiscard]] std::string listed_model(const Endpoint& endpoint, std::string_view path);

// The family whose error shape a caller of an unknown path most likely wants.
[[nodiscard]] Family family_of(std::string_view path, bool has_anthropic_version) noexcept;

}  // namespace menshen::protocol
