// What the policy says: actions, weakest first, and how a value is redacted.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace menshen::core {

// Comparable: the strongest matching action wins (law 10). Values leave room for reroute, rewrite,
// review.
enum class Action : std::uint8_t { allow = 0, annotate = 10, redact = 20, deny = 60 };

// mask: every letter and digit becomes '*'; tag: [EMAIL]; hash: [EMAIL:1f2e3d4c5b6a7988], keyed, so
// that equal values stay equal within one deployment.
enum class RedactAs : std::uint8_t { mask, tag, hash };

[[nodiscard]] std::string_view to_string(Action action) noexcept;
[[nodiscard]] std::string_view to_string(RedactAs as) noexcept;
[[nodiscard]] std::optional<Action> action_from(std::string_view name) noexcept;

}  // namespace menshen::core
