// What a request asks of the demo core, whichever API it came through.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace menshen::demo_core {

using Json = nlohmann::ordered_json;

struct Prompt {
  std::string model;
  std::string text;  // the last thing said: by the user, or by a tool
  bool from_tool = false;
  bool stream = false;
  bool reasoning = false;  // thinking was asked for
  bool encrypted = false;  // and what it was, encrypted, to be sent back
  bool logprobs = false;
  bool include_usage = false;
  int choices = 1;
  std::string tool;  // to be called; empty: none
};

// What stands for encrypted reasoning and for signatures of thinking: like those of a provider,
// they come back as they were given out, or the request is refused.
[[nodiscard]] const std::string& sealed_reasoning();

// Reads the body of a POST to `path`. Throws Json::exception for a body of the wrong shape.
// `broken`, where not null: set when reasoning came back otherwise than it was given out.
[[nodiscard]] Prompt read_prompt(std::string_view path, const Json& body, bool* broken = nullptr);

// The text of a string, of a list of parts, or of the last message in a list.
[[nodiscard]] std::string text_of(const Json& content);

}  // namespace menshen::demo_core
