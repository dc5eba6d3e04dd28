// For tests of the guard over streams: policies that redact and refuse everything, APIs that
// stream, cuts at every byte, and one text of what was released.
#pragma once

#include "proxy/pipeline/testing.h"

#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline::testing {

inline constexpr std::string_view streaming_apis[] = {"openai_chat", "openai_completions",
                                                      "openai_responses", "anthropic_messages"};

inline const policies::PolicySet& redacting() {
  static const auto set = policy_from(redact_all_as_tag);
  return *set;
}
inline const policies::PolicySet& refusing() {
  static const auto set = policy_from(refuse_all);
  return *set;
}

// Every cut at once.
inline std::vector<std::size_t> every_byte(std::size_t size) {
  std::vector<std::size_t> cuts(size > 0 ? size - 1 : 0);
  std::iota(cuts.begin(), cuts.end(), 1U);
  return cuts;
}

inline std::string released_text(const Guarded& guarded, Field field = Field::content,
                                 int choice = 0) {
  return texts_of(guarded.released)[{choice, field}];
}

}  // namespace menshen::pipeline::testing
