// A segment: one text of a request or an answer, with its role, direction and place.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace menshen::core {

enum class Direction : std::uint8_t { request, response };

// Who is speaking. The scores judge only some roles; personal data and secrets are looked for in
// all.
enum class Role : std::uint8_t {
  system,  // system and developer messages, instructions
  user,
  assistant,   // answers, and earlier answers in the history; reasoning and refusals too
  tool,        // results of tools
  definition,  // tool and schema definitions, which the application wrote
  metadata,    // names, ids, unknown fields, error bodies
};

[[nodiscard]] std::string_view to_string(Direction direction) noexcept;
[[nodiscard]] std::string_view to_string(Role role) noexcept;
[[nodiscard]] std::optional<Direction> direction_from(std::string_view name) noexcept;
[[nodiscard]] std::optional<Role> role_from(std::string_view name) noexcept;

}  // namespace menshen::core
