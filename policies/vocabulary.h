// The names of core's enumerations as lists, for the reader's choices. Internal to policies.
#pragma once

#include "core/decision.h"
#include "core/exchange.h"
#include "core/finding.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace menshen::policies {

template <class E, std::size_t N>
[[nodiscard]] std::array<std::string_view, N> names_of(const std::array<E, N>& values) {
  std::array<std::string_view, N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = to_string(values[i]);
  return out;
}

inline constexpr std::array all_actions{core::Action::allow, core::Action::annotate,
                                        core::Action::redact, core::Action::deny};
// Weakest first: mask wins over hash, hash over pseudonym, pseudonym over tag.
inline constexpr std::array all_redactions{core::RedactAs::tag, core::RedactAs::pseudonym,
                                           core::RedactAs::hash, core::RedactAs::mask};

// Among redactions of one value, the greater wins: what keeps characters is weaker than what keeps
// none, and the fewer it keeps the stronger it is, those at the tail first.
[[nodiscard]] constexpr int redaction_strength(core::RedactStyle style) noexcept {
  constexpr int most = 2 * core::kept_characters_max;
  const int kept = static_cast<int>(style.kept());
  if (kept > 0) return (most - kept) * most - style.tail;
  const auto* const as = std::ranges::find(all_redactions, style.as);
  return most * most + static_cast<int>(as - all_redactions.begin());
}

inline constexpr std::array all_operations{core::Operation::chat, core::Operation::completion,
                                           core::Operation::embeddings, core::Operation::models};
inline constexpr std::array all_kinds{core::SubjectKind::user, core::SubjectKind::service};

template <class E>
[[nodiscard]] constexpr unsigned bit_of(E value) noexcept {
  return 1U << static_cast<unsigned>(value);
}

}  // namespace menshen::policies
