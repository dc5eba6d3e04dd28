// The fixed words of the APIs: names of fields, and values such as roles and types. A word of this table cannot
// hold anybody's data, so as a key it is no leaf, and as a value of metadata it is none either.
//
//   switch (find_word(key)) {
//     case "messages"_w: ...
//
// A name that is not in the table does not compile. Sources: the OpenAI and Anthropic API references and the
// types of their official SDKs.
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

inline constexpr std::string_view word_list[] = {
    "action", "added", "annotations", "api_error", "arguments", "assistant", "audio", "audio_url",
    "authentication_error", "auto", "background", "base64", "best_of", "billing_error", "bytes",
    "cache_control", "cache_creation", "cache_creation_input_tokens", "cache_read_input_tokens",
    "cached_tokens", "call_id", "chat.completion", "chat.completion.chunk", "choices", "citation",
    "citations", "citations_delta", "code", "code_interpreter_call", "completed", "completed_at",
    "completion_tokens", "completion_tokens_details", "computer_call", "computer_call_output",
    "container", "container_id", "content", "content_block", "content_block_delta",
    "content_block_start", "content_block_stop", "content_filter", "content_filter_offsets",
    "content_filter_results", "content_index", "context", "context_management", "conversation", "created",
    "created_at", "custom", "custom_tool_call", "custom_tool_call_output", "data", "decoded_token",
    "default", "delta", "description", "detail", "developer", "dimensions", "disabled", "document",
    "effort", "embedding", "enabled", "encoding_format", "encrypted_content", "end_turn", "ephemeral",
    "error", "expires_at", "file", "file_data", "file_id", "file_ids", "file_search_call", "file_url",
    "filename", "finish_reason", "flex", "float", "format", "frequency_penalty", "function",
    "function_call", "function_call_output", "functions", "guided_choice", "guided_grammar",
    "guided_json", "guided_regex", "high", "id", "image", "image_generation_call", "image_url",
    "in_progress", "include", "incomplete", "incomplete_details", "index", "input", "input_audio",
    "input_audio_tokens", "input_file", "input_image", "input_json_delta", "input_schema", "input_text",
    "input_tokens", "input_tokens_details", "input_video", "instructions", "invalid_request_error",
    "item", "item_id", "item_reference", "items", "json_object", "json_schema", "length", "list",
    "local_shell_call", "local_shell_call_output", "logit_bias", "logprob", "logprobs", "logs", "low",
    "matched_stop", "max_completion_tokens", "max_output_tokens", "max_tokens", "max_tool_calls",
    "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools", "mcp_servers",
    "media_type", "medium", "message", "message_delta", "message_start", "message_stop", "messages",
    "metadata", "mime_type", "min_p", "modalities", "model", "n", "name", "native_finish_reason", "none",
    "not_found_error", "null", "object", "obfuscation", "output", "output_audio", "output_config",
    "output_format", "output_index", "output_text", "output_tokens", "output_tokens_details", "outputs",
    "overloaded_error", "parallel_tool_calls", "param", "parameters", "part", "partial_image_b64",
    "partial_json", "permission_error", "ping", "plugins", "prediction", "presence_penalty",
    "previous_response_id", "priority", "prompt", "prompt_cache_key", "prompt_cache_retention",
    "prompt_logprobs", "prompt_tokens", "prompt_tokens_details", "properties", "provider", "queries",
    "quote", "rate_limit_error", "reasoning", "reasoning_content", "reasoning_effort",
    "reasoning_summary_part", "reasoning_summary_text", "reasoning_text", "reasoning_tokens",
    "redacted_thinking", "refusal", "repetition_penalty", "required", "response", "response.audio.delta",
    "response.audio.done", "response.audio.transcript.delta", "response.audio.transcript.done",
    "response.code_interpreter_call_code.delta", "response.code_interpreter_call_code.done",
    "response.completed", "response.content_part.added", "response.content_part.done",
    "response.created", "response.custom_tool_call_input.delta", "response.custom_tool_call_input.done",
    "response.failed", "response.function_call_arguments.delta", "response.function_call_arguments.done",
    "response.in_progress", "response.incomplete", "response.mcp_call_arguments.delta",
    "response.mcp_call_arguments.done", "response.output_item.added", "response.output_item.done",
    "response.output_text.annotation.added", "response.output_text.delta", "response.output_text.done",
    "response.queued", "response.reasoning_summary_part.added", "response.reasoning_summary_part.done",
    "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done",
    "response.reasoning_text.delta", "response.reasoning_text.done", "response.refusal.delta",
    "response.refusal.done", "response_format", "result", "results", "role", "safety_identifier",
    "schema", "search_result", "seed", "sequence_number", "server_tool_use", "service_tier",
    "shell_call", "shell_call_output", "signature", "signature_delta", "source", "standard", "status",
    "stop", "stop_reason", "stop_sequence", "stop_sequences", "store", "stream", "stream_options",
    "strict", "structured_outputs", "suffix", "summary", "summary_index", "summary_text", "system",
    "system_fingerprint", "temperature", "text", "text_completion", "text_delta", "text_offset",
    "thinking", "thinking_delta", "timeout_error", "title", "token", "token_logprobs", "tokens", "tool",
    "tool_call_id", "tool_calls", "tool_choice", "tool_result", "tool_use", "tool_use_id", "tools",
    "top_k", "top_logprobs", "top_p", "total_tokens", "transcript", "truncation", "type", "url", "usage",
    "user", "verbosity", "video", "video_url", "web_search_call", "web_search_options",
};
inline constexpr std::size_t word_count = std::size(word_list);

// Over the length and the bytes at both ends; used for duplicate keys too, where equal hashes are compared.
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

inline namespace literals {
consteval Word operator""_w(const char* text, std::size_t size) {
  for (std::size_t i = 0; i < word_count; ++i) {
    if (word_list[i] == std::string_view(text, size)) return static_cast<Word>(i + 1);
  }
  throw "not a word of the APIs";
}
}  // namespace literals

}  // namespace menshen::protocol
