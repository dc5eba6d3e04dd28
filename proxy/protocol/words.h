// The fixed words of the APIs: names of fields, and values such as roles and types. A word of this
// table cannot hold anybody's data, so as a key it is no leaf, and as a value of metadata it is
// none either.
//
//   switch (find_word(key)) {
//     case "messages"_w: ...
//
// A name that is not in the table does not compile. Sources: the OpenAI and Anthropic API
// references and the types of their official SDKs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace menshen::protocol {

// Index into the table plus one; no_word: not in it.
using Word = std::uint16_t;
inline constexpr Word no_word = 0;

// clang-format off
inline constexpr std::string_view word_list[] = {
    "$defs", "$ref", "$schema", "accepted_prediction_tokens", "action", "adaptive", "added",
    "additionalProperties", "allOf", "allowed_callers", "allowed_tools", "annotation",
    "annotation_index", "annotations", "anyOf", "api_error", "approximate", "arguments", "array",
    "assistant", "assistant_id", "attachments", "audio", "audio_tokens", "audio_url",
    "authentication_error", "auto", "background", "base64", "best_of", "billing_error", "boolean",
    "budget_tokens", "bytes", "cache_control", "cache_creation", "cache_creation_input_tokens",
    "cache_read_input_tokens", "cached_content", "cached_tokens", "call_id", "char_location",
    "chat.completion", "chat.completion.chunk", "chat_template_kwargs", "choices", "citation",
    "citations", "citations_delta", "cited_text", "client", "code", "code_execution",
    "code_interpreter_call", "completed", "completed_at", "completion_tokens",
    "completion_tokens_details", "computer_call", "computer_call_output", "concise", "const",
    "container", "container_file_citation", "container_id", "content", "content_block",
    "content_block_delta", "content_block_location", "content_block_start", "content_block_stop",
    "content_filter", "content_filter_offsets", "content_filter_results", "content_index",
    "context", "context_id", "context_management", "conversation", "conversation_id", "created",
    "created_at", "created_by", "custom", "custom_tool_call", "custom_tool_call_output", "data",
    "data_sources", "decoded_token", "default", "defer_loading", "definition", "delta",
    "description", "detail", "detailed", "developer", "dimensions", "disabled", "display_name",
    "document", "document_index", "document_title", "eager_input_streaming", "echo", "effort",
    "embedding", "enable_search", "enable_thinking", "enable_web_search", "enabled",
    "encoding_format", "encrypted_content", "end_block_index", "end_char_index", "end_index",
    "end_page_number", "end_turn", "enum", "environment", "ephemeral", "ephemeral_1h_input_tokens",
    "ephemeral_5m_input_tokens", "error", "execution", "expires_at", "extra_body",
    "fallback_models", "fallbacks", "file", "file_citation", "file_data", "file_id", "file_ids",
    "file_search", "file_search_call", "file_url", "filename", "files", "filter", "filtered",
    "finish_reason", "first_id", "flex", "float", "format", "frequency_penalty", "function",
    "function_call", "function_call_output", "functions", "generate_summary", "google_search",
    "guided_choice", "guided_grammar", "guided_json", "guided_regex", "has_more", "hate", "high",
    "id", "image", "image_data", "image_generation_call", "image_tokens", "image_url", "images",
    "in_progress", "include", "include_usage", "incomplete", "incomplete_details", "index",
    "inference_geo", "input", "input_audio", "input_audio_tokens", "input_embeds", "input_examples",
    "input_file", "input_ids", "input_image", "input_json_delta", "input_schema", "input_text",
    "input_tokens", "input_tokens_details", "input_video", "instructions", "integer",
    "invalid_request_error", "is_error", "item", "item_id", "item_reference", "items",
    "json_object", "json_schema", "knowledge_base_ids", "kv_transfer_params", "last_id", "length",
    "list", "local", "local_shell_call", "local_shell_call_output", "logit_bias", "logprob",
    "logprobs", "logs", "low", "matched_stop", "maxItems", "maxLength", "max_completion_tokens",
    "max_output_tokens", "max_tokens", "max_tool_calls", "maximum", "mcp_approval_request",
    "mcp_approval_response", "mcp_call", "mcp_list_tools", "mcp_servers", "media_type", "medium",
    "message", "message_delta", "message_start", "message_stop", "messages", "metadata",
    "mime_type", "minItems", "minLength", "min_p", "minimal", "minimum", "modalities", "mode",
    "model", "model_context_window_exceeded", "models", "multi_modal_data", "n", "name",
    "namespace", "native_finish_reason", "none", "not_found_error", "null", "number", "obfuscation",
    "object", "oneOf", "output", "output_audio", "output_config", "output_format", "output_index",
    "output_text", "output_tokens", "output_tokens_details", "outputs", "overloaded_error",
    "owned_by", "page_age", "page_location", "parallel", "parallel_tool_calls", "param",
    "parameters", "part", "partial_image_b64", "partial_image_index", "partial_json", "pattern",
    "pause_turn", "permission_error", "ping", "plugins", "prediction", "presence_penalty", "preset",
    "previous_response_id", "priority", "prompt", "prompt_cache_hit_tokens", "prompt_cache_key",
    "prompt_cache_miss_tokens", "prompt_cache_retention", "prompt_embeds", "prompt_logprobs",
    "prompt_token_ids", "prompt_tokens", "prompt_tokens_details", "properties", "provider",
    "queries", "query", "quote", "rate_limit_error", "reasoning", "reasoning.text",
    "reasoning_content", "reasoning_effort", "reasoning_summary_part", "reasoning_summary_text",
    "reasoning_text", "reasoning_tokens", "redacted_thinking", "refusal",
    "rejected_prediction_tokens", "repetition_penalty", "required", "response",
    "response.audio.delta", "response.audio.done", "response.audio.transcript.delta",
    "response.audio.transcript.done", "response.code_interpreter_call_code.delta",
    "response.code_interpreter_call_code.done", "response.completed", "response.content_part.added",
    "response.content_part.done", "response.created", "response.custom_tool_call_input.delta",
    "response.custom_tool_call_input.done", "response.failed",
    "response.function_call_arguments.delta", "response.function_call_arguments.done",
    "response.image_generation_call.partial_image", "response.in_progress", "response.incomplete",
    "response.mcp_call_arguments.delta", "response.mcp_call_arguments.done",
    "response.output_item.added", "response.output_item.done",
    "response.output_text.annotation.added", "response.output_text.delta",
    "response.output_text.done", "response.queued", "response.reasoning_summary_part.added",
    "response.reasoning_summary_part.done", "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done", "response.reasoning_text.delta",
    "response.reasoning_text.done", "response.refusal.delta", "response.refusal.done",
    "response.web_search_call.completed", "response.web_search_call.in_progress",
    "response.web_search_call.searching", "response_format", "result", "results", "retrieval",
    "role", "safe", "safety_identifier", "scale", "schema", "score", "search", "search_options",
    "search_parameters", "search_result", "seed", "self_harm", "sequence_number", "server_label",
    "server_tool_use", "server_url", "service_tier", "severity", "sexual", "shell_call",
    "shell_call_output", "signature", "signature_delta", "skip_special_tokens", "source",
    "standard", "start_block_index", "start_char_index", "start_index", "start_page_number",
    "status", "stop", "stop_reason", "stop_sequence", "stop_sequences", "store", "stream",
    "stream_options", "strict", "string", "structured_outputs", "suffix", "summary",
    "summary_index", "summary_text", "system", "system_fingerprint", "temperature", "text",
    "text_completion", "text_delta", "text_offset", "text_tokens", "thinking", "thinking_budget",
    "thinking_delta", "thinking_tokens", "thread_id", "timeout_error", "title", "token",
    "token_logprobs", "tokens", "tool", "tool_call_id", "tool_calls", "tool_changes", "tool_choice",
    "tool_definition", "tool_reference", "tool_resources", "tool_result", "tool_use", "tool_use_id",
    "tools", "top_k", "top_logprobs", "top_p", "total_tokens", "transcript", "truncation", "type",
    "url", "url_citation", "url_context", "urls", "usage", "user", "user_id", "variables",
    "vector_store_ids", "verbosity", "version", "video", "video_url", "violence", "voice",
    "web_search", "web_search_call", "web_search_options", "web_search_preview",
    "web_search_result", "web_search_tool_result", "xhigh",
};
// clang-format on
inline constexpr std::size_t word_count = std::size(word_list);

// Over the length and the bytes at both ends; used for duplicate keys too, where equal hashes are
// compared.
constexpr std::uint64_t hash_bytes(std::string_view text) noexcept {
  const auto load = [](const char* at, std::size_t size) {
    std::uint64_t value = 0;
    if (!std::is_constant_evaluated()) {
      std::memcpy(&value, at, size);
      return value;
    }
    for (std::size_t i = 0; i < size; ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
    }
    return value;
  };
  const std::size_t size = text.size();
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t middle = 0;
  if (size >= 8) {
    low = load(text.data(), 8);
    high = load(text.data() + size - 8, 8);
    middle = load(text.data() + size / 2 - 4, 8);
  } else if (size > 0) {
    low = load(text.data(), size);
  }
  std::uint64_t hash = (low ^ (size * 0x9e3779b97f4a7c15ULL)) * 0xff51afd7ed558ccdULL;
  hash = (hash ^ (hash >> 29) ^ high) * 0xc4ceb9fe1a85ec53ULL;
  hash = (hash ^ (hash >> 31) ^ middle) * 0x9fb21c651e98df25ULL;
  return hash ^ (hash >> 32);
}

[[nodiscard]] Word find_word(std::string_view text, std::uint64_t hash) noexcept;
[[nodiscard]] inline Word find_word(std::string_view text) noexcept {
  return find_word(text, hash_bytes(text));
}

// Whether a word is its own folded form (fold.h).
[[nodiscard]] bool is_folded(Word word) noexcept;
// Whether `folded` (fold.h) is the folded form of a word.
[[nodiscard]] bool folds_to_word(std::string_view folded) noexcept;

inline namespace literals {
consteval Word operator""_w(const char* text, std::size_t size) {
  for (std::size_t i = 0; i < word_count; ++i) {
    if (word_list[i] == std::string_view(text, size)) return static_cast<Word>(i + 1);
  }
  throw "not a word of the APIs";
}
}  // namespace literals

}  // namespace menshen::protocol
