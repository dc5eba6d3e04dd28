// Tokens: keys and passwords that are made of one set of characters.
//
// A token that is longer than a window shows is followed to its end by `extend_token`.
#pragma once

#include "detectors/detector.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::detectors {

// Bits, so that a set is a union.
namespace token_set {
inline constexpr std::uint16_t digits = 1;
inline constexpr std::uint16_t hex_letters = 2;  // a-f
inline constexpr std::uint16_t lower = 4;        // a-z
inline constexpr std::uint16_t upper = 8;
inline constexpr std::uint16_t dash = 16;
inline constexpr std::uint16_t underscore = 32;
inline constexpr std::uint16_t dot = 64;
inline constexpr std::uint16_t base64 = 128;  // + / =
inline constexpr std::uint16_t tilde = 256;
inline constexpr std::uint16_t at = 512;  // @
inline constexpr std::uint16_t percent = 1024;
inline constexpr std::uint16_t hex = digits | hex_letters;
inline constexpr std::uint16_t alnum = digits | lower | upper;
inline constexpr std::uint16_t url_safe = alnum | dash | underscore;
inline constexpr std::uint16_t name = alnum | underscore;
inline constexpr std::uint16_t dashed = alnum | dash;
}  // namespace token_set

[[nodiscard]] bool in_set(char c, std::uint16_t set) noexcept;
// How many characters from `at` on are of the set.
[[nodiscard]] std::size_t token_bytes(std::string_view text, std::size_t at,
                                      std::uint16_t set) noexcept;

// An Extension whose state[0] is the set. A dot or dash belongs only when the token goes on behind
// it.
[[nodiscard]] Step extend_token(ExtensionState& state, int byte) noexcept;

// Enough different characters to be random: placeholders such as "xxxx" and "0000" have not.
[[nodiscard]] bool looks_random(std::string_view token) noexcept;

}  // namespace menshen::detectors
