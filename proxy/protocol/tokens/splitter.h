// The pieces within which byte pairs are merged, as the public regular expressions of tiktoken part
// a text. Written by hand, because RE2 has no look-ahead.
//
//   for (std::size_t at = 0, end = 0; at < text.size(); at = end) {
//     end = next_piece(Split::cl100k, text, at);
//     encode(text.substr(at, end - at));
//   }
//
// Pure functions. All pieces of a text take time linear in its size. A byte that is no part of
// valid UTF-8 counts as a symbol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::protocol::tokens {

enum class Split : std::uint8_t { cl100k, o200k };

// Where the piece that begins at `at`, which is less than text.size(), ends.
[[nodiscard]] std::size_t next_piece(Split split, std::string_view text, std::size_t at) noexcept;

}  // namespace menshen::protocol::tokens
