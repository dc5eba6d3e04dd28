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
// that equal values stay equal for one tenant (pipeline/redaction.h); pseudonym: <EMAIL_1>, which
// the answer finds its value by (pipeline/pseudonyms.h).
enum class RedactAs : std::uint8_t { mask, tag, hash, pseudonym };

// How a value is redacted. Of a mask, `head` and `tail` are how many letters and digits at either
// end stay readable: with 3 and 4, 138****8000.
struct RedactStyle {
  RedactAs as = RedactAs::tag;
  std::uint8_t head = 0;
  std::uint8_t tail = 0;

  constexpr RedactStyle() noexcept = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a style that keeps nothing is its name.
  constexpr RedactStyle(RedactAs of) noexcept : as(of) {}
  constexpr RedactStyle(std::uint8_t of_head, std::uint8_t of_tail) noexcept
      : as(RedactAs::mask), head(of_head), tail(of_tail) {}

  [[nodiscard]] constexpr unsigned kept() const noexcept { return unsigned{head} + tail; }
  friend constexpr bool operator==(const RedactStyle&, const RedactStyle&) = default;
};

// At either end.
inline constexpr std::uint8_t kept_characters_max = 16;

[[nodiscard]] std::string_view to_string(Action action) noexcept;
[[nodiscard]] std::string_view to_string(RedactAs as) noexcept;
[[nodiscard]] std::optional<Action> action_from(std::string_view name) noexcept;

}  // namespace menshen::core
