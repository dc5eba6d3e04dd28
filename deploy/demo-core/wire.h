// Answers as the bytes that go on the wire.
#pragma once

#include "deploy/demo-core/prompt.h"

#include <string>
#include <string_view>
#include <vector>

namespace menshen::demo_core {

// Sent one after the other; a stream's pieces with pauses between them.
struct Answer {
  std::vector<std::string> writes;
};

[[nodiscard]] Answer json_answer(unsigned status, const Json& body);

// `events` are whole server-sent events; each becomes a chunk.
[[nodiscard]] Answer stream_answer(const std::vector<std::string>& events);

// "data: ...\n\n", with an "event:" line before it when `type` is not empty.
[[nodiscard]] std::string event(std::string_view type, const Json& data);

// {"error": {...}} in the shape of the OpenAI API.
[[nodiscard]] Answer error_answer(unsigned status, std::string_view message);

}  // namespace menshen::demo_core
