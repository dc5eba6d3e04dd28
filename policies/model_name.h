// A model's name as a lenient provider reads it: without blanks at its ends, without regard to
// case. Rules that restrict compare names in this form as well, so that " GPT-4o " does not dodge a
// deny of "gpt-4o"; rules that allow want the name as it is written. Internal to policies.
//
// Blanks are what the trimming of Go, Java, JavaScript and Python takes away, control characters
// included; case is Unicode's simple folding (U+212A is k, U+017F is s), as in Go's EqualFold.
// Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace menshen::policies {

// A name in lenient form without the scheme, registry, namespace and tag that Ollama fills in
// (ParseName of its types/model): "registry.ollama.ai/library/llama3:latest" is "llama3" there.
[[nodiscard]] std::string_view without_defaults(std::string_view name) noexcept;

// Every name that without_defaults() reads as `least`, which is one of them. For checks of files.
[[nodiscard]] std::vector<std::string> with_defaults(std::string_view least);

// True when the name stands in lenient form already and leaves out all of these, as nearly all do;
// false may be said of others.
[[nodiscard]] bool is_lenient_form(std::string_view name) noexcept;

// `name` is UTF-8 or a pattern in it; what is not UTF-8 stays as it is.
[[nodiscard]] std::string lenient_form(std::string_view name);

}  // namespace menshen::policies
