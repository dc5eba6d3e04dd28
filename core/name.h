// What may name a caller or a group, wherever the name comes from: a command line, a header.
//
//   if (!is_name(subject, 256)) return refuse("invalid_subject");
//
// A name is seen by people and stands in lists, so it has no characters that they cannot see at its
// ends, and no comma. Pure function.
#pragma once

#include <cstddef>
#include <string_view>

namespace menshen::core {

// 1 to `bytes_max` bytes of UTF-8 without control characters and commas, that neither begin nor end
// with white space or with a character that has no width.
[[nodiscard]] bool is_name(std::string_view text, std::size_t bytes_max) noexcept;

}  // namespace menshen::core
