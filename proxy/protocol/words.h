// The fixed words of an API: names of fields, and values such as roles and types. A word cannot
// hold anybody's data, so as a key it is no leaf, and as a value of metadata it is none either.
//
//   switch (vocabulary.find(key)) {
//     case "messages"_w: ...
//
// The common words are those that the shared readers understand in every API, and those that
// servers of several APIs use. Each API has words of its own besides, in its folder's words.h with
// an operator ""_w that knows them too; to the others they are text like any other. A name that is
// in no table does not compile. Sources: the API references of OpenAI and Anthropic and the types
// of their official SDKs.
#pragma once

#include "core/opaque.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace menshen::protocol {

// Index into the table plus one; no_word: not in it.
using Word = std::uint16_t;
inline constexpr Word no_word = 0;

// clang-format off
inline constexpr std::string_view common_words[] = {
    "$defs", "$ref", "$schema", "action", "added", "additionalProperties", "allOf",
    "allowed_callers", "annotations", "anyOf", "api_error", "approximate", "arguments", "array",
    "assistant", "assistant_id", "attachments", "audio", "audio_url", "authentication_error",
    "auto", "base64", "boolean", "bytes", "cache_control", "cache_creation_input_tokens",
    "cache_read_input_tokens", "cached_content", "cached_tokens", "call_id", "chat_template_kwargs",
    "choices", "citation", "citations", "cited_text", "client", "code", "code_execution",
    "code_interpreter_call", "completed", "completed_at", "completion_tokens", "concise", "const",
    "container", "container_id", "content", "content_filter", "content_filter_offsets",
    "content_filter_results", "context", "context_id", "context_management", "conversation",
    "conversation_id", "created", "created_at", "created_by", "custom", "data", "data_sources",
    "decoded_token", "default", "defer_loading", "definition", "delta", "description", "detail",
    "detailed", "developer", "disabled", "display_name", "document", "document_title",
    "eager_input_streaming", "effort", "enable_search", "enable_thinking", "enable_web_search",
    "enabled", "encrypted_content", "end_index", "enum", "environment", "error", "execution",
    "expires_at", "extra_body", "fallback_models", "fallbacks", "file", "file_data", "file_id",
    "file_ids", "file_search_call", "file_url", "filename", "files", "filter", "filtered",
    "finish_reason", "float", "format", "function", "function_call", "functions", "google_search",
    "guided_choice", "guided_grammar", "guided_json", "guided_regex", "hate", "high", "id", "image",
    "image_data", "image_generation_call", "image_url", "images", "in_progress", "incomplete",
    "index", "input", "input_audio", "input_embeds", "input_examples", "input_ids", "input_schema",
    "input_tokens", "input_video", "instructions", "integer", "invalid_request_error",
    "item_reference", "items", "json_schema", "knowledge_base_ids", "kv_transfer_params", "length",
    "list", "local", "logit_bias", "logprob", "logprobs", "logs", "low", "matched_stop", "maxItems",
    "maxLength", "max_tokens", "maximum", "mcp_servers", "media_type", "medium", "message",
    "messages", "metadata", "mime_type", "minItems", "minLength", "min_p", "minimal", "minimum",
    "mode", "model", "models", "multi_modal_data", "n", "name", "namespace", "native_finish_reason",
    "none", "not_found_error", "number", "obfuscation", "object", "oneOf", "output",
    "output_config", "output_format", "output_text", "output_tokens", "outputs", "overloaded_error",
    "parallel", "param", "parameters", "partial_image_b64", "partial_json", "pattern",
    "permission_error", "plugins", "prediction", "preset", "previous_response_id", "priority",
    "prompt", "prompt_embeds", "prompt_logprobs", "prompt_token_ids", "prompt_tokens", "properties",
    "provider", "queries", "query", "quote", "rate_limit_error", "reasoning", "reasoning.text",
    "reasoning_content", "redacted_thinking", "refusal", "repetition_penalty", "required",
    "response_format", "result", "results", "retrieval", "role", "safe", "scale", "schema", "score",
    "search", "search_options", "search_parameters", "search_result", "seed", "self_harm",
    "sequence_number", "server_label", "server_url", "service_tier", "severity", "sexual",
    "signature", "skip_special_tokens", "source", "standard", "start_index", "status", "stop",
    "stop_reason", "stop_sequence", "store", "stream", "strict", "string", "structured_outputs",
    "suffix", "summary", "system", "system_fingerprint", "temperature", "text", "thinking",
    "thinking_budget", "thinking_tokens", "thread_id", "timeout_error", "title", "token", "tokens",
    "tool", "tool_call_id", "tool_calls", "tool_changes", "tool_choice", "tool_definition",
    "tool_reference", "tool_resources", "tool_result", "tool_use", "tool_use_id", "tools", "top_k",
    "top_logprobs", "top_p", "total_tokens", "transcript", "type", "url", "url_context", "urls",
    "usage", "user", "user_id", "variables", "vector_store_ids", "version", "video", "video_url",
    "violence", "voice", "web_search", "web_search_call", "web_search_result", "xhigh",
};
// clang-format on

// Over the length and the bytes at both ends; used for duplicate keys too, where equal hashes are
// compared.
constexpr std::uint64_t hash_bytes(std::string_view text) noexcept {
  // Loads of fixed size: one of as many bytes as there are would go through memory.
  const auto load = [](const char* at, auto value) {
    if (!std::is_constant_evaluated()) {
      std::memcpy(&value, at, sizeof value);
      return std::uint64_t{value};
    }
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      sum |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
    return sum;
  };
  const std::size_t size = text.size();
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t middle = 0;
  if (size >= 8) {
    low = load(text.data(), std::uint64_t{});
    high = load(text.data() + size - 8, std::uint64_t{});
    middle = load(text.data() + size / 2 - 4, std::uint64_t{});
  } else if (size >= 4) {
    low = load(text.data(), std::uint32_t{});
    high = load(text.data() + size - 4, std::uint32_t{});
  } else if (size > 0) {
    low = load(text.data(), std::uint8_t{});
    high = load(text.data() + size - 1, std::uint8_t{});
    middle = load(text.data() + size / 2, std::uint8_t{});
  }
  std::uint64_t hash = (low ^ (size * 0x9e3779b97f4a7c15ULL)) * 0xff51afd7ed558ccdULL;
  hash = (hash ^ (hash >> 29) ^ high) * 0xc4ceb9fe1a85ec53ULL;
  hash = (hash ^ (hash >> 31) ^ middle) * 0x9fb21c651e98df25ULL;
  return hash ^ (hash >> 32);
}

// For the tables of words: that none stands twice.
template <std::size_t size>
consteval bool are_different(const std::string_view (&words)[size]) {
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (words[i] == words[j]) return false;
    }
  }
  return true;
}

// The number of a word in a vocabulary with these own words.
consteval Word word_among(std::span<const std::string_view> own, std::string_view text) {
  for (std::size_t i = 0; i < std::size(common_words); ++i) {
    if (common_words[i] == text) return static_cast<Word>(i + 1);
  }
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i] == text) return static_cast<Word>(std::size(common_words) + i + 1);
  }
  throw "not a word of the API";
}

// A string that the provider alone can read and wants back with the next request: its place in a
// document of the API, and the `type` of the object that has it.
struct ReturnedField {
  std::string_view place;  // words, and * for an entry of a list: "messages/*/content/*/signature"
  std::string_view type;
};

// The words of one API. Immutable; any thread. Words of different vocabularies are the same number
// only where they are common.
class Vocabulary {
 public:
  // `own`: lives as long. `returned`: named by words.
  explicit Vocabulary(std::span<const std::string_view> own,
                      std::span<const ReturnedField> returned = {});

  [[nodiscard]] std::span<const std::string_view> words() const noexcept { return words_; }
  // no_word: it is none of them.
  [[nodiscard]] Word find(std::string_view text, std::uint64_t hash) const noexcept;
  [[nodiscard]] Word find(std::string_view text) const noexcept {
    return find(text, hash_bytes(text));
  }
  // Whether a word is its own folded form (fold.h).
  [[nodiscard]] bool is_folded(Word word) const noexcept { return traits_[word - 1].folded; }
  // Whether `folded` (fold.h) is the folded form of a word.
  [[nodiscard]] bool folds_to_word(std::string_view folded) const noexcept;
  // What a field of this name refers to that the provider has, or fetches (references.h).
  [[nodiscard]] core::OpaqueKinds refers(Word word) const noexcept {
    return traits_[word - 1].refers;
  }
  // Whether the API has a returned field at this place: steps from the root, no_word for an entry.
  [[nodiscard]] bool returns(std::span<const Word> place, Word type) const noexcept;

 private:
  struct Traits {
    bool folded;
    core::OpaqueKinds refers;
  };
  std::vector<std::string_view> words_;
  std::vector<Traits> traits_;
  std::vector<Word> slots_;  // open addressing; a power of two
  std::vector<std::string_view> capitalised_;
  struct Returned {
    std::vector<Word> place;
    Word type;
  };
  std::vector<Returned> returned_;
};

inline namespace literals {
consteval Word operator""_w(const char* text, std::size_t size) {
  return word_among({}, {text, size});
}
}  // namespace literals

}  // namespace menshen::protocol
