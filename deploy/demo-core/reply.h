// What the demo core says: a pure function of the prompt.
#pragma once

#include "deploy/demo-core/prompt.h"

#include <string>
#include <string_view>
#include <vector>

namespace menshen::demo_core {

struct Reply {
  std::vector<std::string>
      text;  // pieces, as a model's tokens would come; empty when a tool is called
  std::vector<std::string> reasoning;  // pieces; empty when it was not asked for
  std::string tool;                    // its name; empty: no call
  std::vector<std::string> arguments;  // pieces of the JSON text of its arguments
  std::size_t input_tokens = 0;
  std::size_t output_tokens = 0;
};

// An echo of the prompt; a made-up contact when the prompt asks for one ("show me a contact",
// 给我一个联系人); a tool call when a tool is wanted. `choice` is the number of the answer when n
// > 1.
[[nodiscard]] Reply make_reply(const Prompt& prompt, int choice);

// A reply for measurements: `opening`, then plain prose, together `bytes` bytes.
struct FixedReply {
  std::size_t bytes = 0;
  std::string opening;
};

[[nodiscard]] Reply fixed_reply(const FixedReply& fixed);

// Pieces of a word or less, cut between characters, whose concatenation is `text`.
[[nodiscard]] std::vector<std::string> pieces_of(std::string_view text);

[[nodiscard]] std::string join(const std::vector<std::string>& pieces);

}  // namespace menshen::demo_core
