// Names with wildcards, as policies and routes write them: `*` stands for any run of characters,
// `?` for one character; everything else stands for itself, with its case.
//
//   matches_wildcard("qwen3-*", "qwen3-32b");   // true
//
// Pure functions; time is at most the product of both lengths, which callers bound. None allocates
// but wildcards_meet().
#pragma once

#include <cstddef>
#include <string_view>

namespace menshen::core {

// Longest name of a model that routes and rules compare. A longer one is no model: callers refuse
// it.
inline constexpr std::size_t model_name_bytes_max = 512;

[[nodiscard]] bool has_wildcard(std::string_view pattern) noexcept;

// The pattern up to its leftmost wildcard.
[[nodiscard]] std::string_view literal_prefix(std::string_view pattern) noexcept;

// Both are UTF-8; `?` takes one whole character.
[[nodiscard]] bool matches_wildcard(std::string_view pattern, std::string_view name) noexcept;

// Whether there is a name that matches both patterns.
[[nodiscard]] bool wildcards_meet(std::string_view a, std::string_view b);

}  // namespace menshen::core
