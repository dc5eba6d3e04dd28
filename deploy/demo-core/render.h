// Requests in, answers out: the APIs that the demo core speaks.
#pragma once

#include "deploy/demo-core/prompt.h"
#include "deploy/demo-core/reply.h"
#include "deploy/demo-core/wire.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace menshen::demo_core {

// One answer to be written in the shape of an API. `serial` numbers the answers of this process.
struct Task {
  Prompt prompt;
  std::vector<Reply> replies;  // one per choice
  std::uint64_t serial = 0;
};

inline constexpr std::int64_t created_seconds =
    1'735'689'600;  // 2025-01-01: answers do not depend on the clock

[[nodiscard]] Answer chat_answer(const Task& task);
[[nodiscard]] Answer completion_answer(const Task& task);
[[nodiscard]] Answer responses_answer(const Task& task);
[[nodiscard]] Answer messages_answer(const Task& task);

// `anthropic`: the caller sent anthropic-version, so listings and errors take that shape.
// `fixed`, when given, is the reply, and the prompt is not looked at.
[[nodiscard]] Answer answer_request(std::string_view method, std::string_view path,
                                    std::string_view body, bool anthropic, const FixedReply* fixed,
                                    std::uint64_t serial);

}  // namespace menshen::demo_core
