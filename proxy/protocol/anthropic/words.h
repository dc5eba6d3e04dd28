// The words that are Anthropic's alone (proxy/protocol/words.h).
#pragma once

#include "proxy/protocol/words.h"

namespace menshen::protocol::anthropic {

// clang-format off
inline constexpr std::string_view own_words[] = {
    "adaptive", "billing_error", "budget_tokens", "cache_creation", "char_location",
    "citations_delta", "content_block", "content_block_delta", "content_block_location",
    "content_block_start", "content_block_stop", "document_index", "end_block_index",
    "end_char_index", "end_page_number", "end_turn", "ephemeral", "ephemeral_1h_input_tokens",
    "ephemeral_5m_input_tokens", "first_id", "has_more", "inference_geo", "input_json_delta",
    "is_error", "last_id", "message_delta", "message_start", "message_stop",
    "model_context_window_exceeded", "page_age", "page_location", "pause_turn", "ping",
    "server_tool_use", "signature_delta", "start_block_index", "start_char_index",
    "start_page_number", "stop_sequences", "text_delta", "thinking_delta", "web_search_tool_result",
};
// clang-format on
static_assert(are_different(own_words));

inline constexpr ReturnedField returned_fields[] = {
    {"messages/*/content/*/signature", "thinking"},
    {"messages/*/content/*/data", "redacted_thinking"},
    {"content/*/signature", "thinking"},
    {"content/*/data", "redacted_thinking"},
    {"message/content/*/signature", "thinking"},
    {"message/content/*/data", "redacted_thinking"},
    {"content_block/signature", "thinking"},
    {"content_block/data", "redacted_thinking"},
    {"delta/signature", "signature_delta"},
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

}  // namespace menshen::protocol::anthropic
