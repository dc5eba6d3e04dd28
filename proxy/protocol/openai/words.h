// The words that are OpenAI's alone (proxy/protocol/words.h).
#pragma once

#include "proxy/protocol/words.h"

namespace menshen::protocol::openai {

// clang-format off
inline constexpr std::string_view own_words[] = {
    "accepted_prediction_tokens", "allowed_tools", "annotation", "annotation_index", "audio_tokens",
    "background", "best_of", "chat.completion", "chat.completion.chunk",
    "completion_tokens_details", "computer_call", "computer_call_output", "container_file_citation",
    "content_index", "custom_tool_call", "custom_tool_call_output", "dimensions", "echo",
    "embedding", "encoding_format", "file_citation", "file_search", "flex", "frequency_penalty",
    "function_call_output", "generate_summary", "image_tokens", "include", "include_usage",
    "incomplete_details", "input_audio_tokens", "input_file", "input_image", "input_text",
    "input_tokens_details", "item", "item_id", "json_object", "local_shell_call",
    "local_shell_call_output", "max_completion_tokens", "max_output_tokens", "max_tool_calls",
    "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools", "modalities",
    "null", "output_audio", "output_index", "output_tokens_details", "owned_by",
    "parallel_tool_calls", "part", "partial_image_index", "presence_penalty",
    "prompt_cache_hit_tokens", "prompt_cache_key", "prompt_cache_miss_tokens",
    "prompt_cache_retention", "prompt_tokens_details", "reasoning_effort", "reasoning_summary_part",
    "reasoning_summary_text", "reasoning_text", "reasoning_tokens", "rejected_prediction_tokens",
    "response", "response.audio.delta", "response.audio.done", "response.audio.transcript.delta",
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
    "response.web_search_call.searching", "safety_identifier", "shell_call", "shell_call_output",
    "stream_options", "summary_index", "summary_text", "text_completion", "text_offset",
    "text_tokens", "token_logprobs", "truncation", "url_citation", "verbosity",
    "web_search_options", "web_search_preview",
};
// clang-format on
static_assert(are_different(own_words));

inline constexpr ReturnedField returned_fields[] = {
    {"input/*/encrypted_content", "reasoning"},
    {"output/*/encrypted_content", "reasoning"},
    {"response/output/*/encrypted_content", "reasoning"},
    {"item/encrypted_content", "reasoning"},
};

[[nodiscard]] inline const Vocabulary& words() {
  static const Vocabulary vocabulary(own_words, returned_fields);
  return vocabulary;
}

inline namespace literals {
consteval Word operator""_w(const char* text, std::size_t size) {
  return word_among(own_words, {text, size});
}
}  // namespace literals

}  // namespace menshen::protocol::openai
