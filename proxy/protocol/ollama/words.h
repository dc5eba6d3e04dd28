// The words that are Ollama's alone (proxy/protocol/words.h). Source: its API reference and the
// types of its official clients.
#pragma once

#include "proxy/protocol/words.h"

namespace menshen::protocol::ollama {

// clang-format off
inline constexpr std::string_view own_words[] = {
    "done", "done_reason", "eval_count", "eval_duration", "keep_alive", "load", "load_duration",
    "main_gpu", "mirostat", "mirostat_eta", "mirostat_tau", "num_batch", "num_ctx", "num_gpu",
    "num_keep", "num_predict", "num_thread", "options", "penalize_newline", "prompt_eval_count",
    "prompt_eval_duration", "raw", "repeat_last_n", "repeat_penalty", "response", "template",
    "tfs_z", "think", "tool_name", "total_duration", "typical_p", "unload", "use_mmap",
};
// clang-format on
static_assert(are_different(own_words));

[[nodiscard]] inline const Vocabulary& words() {
  static const Vocabulary vocabulary(own_words);
  return vocabulary;
}

inline namespace literals {
consteval Word operator""_w(const char* text, std::size_t size) {
  return word_among(own_words, {text, size});
}
}  // namespace literals

}  // namespace menshen::protocol::ollama
