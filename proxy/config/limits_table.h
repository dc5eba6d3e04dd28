// The keys of `limits:`, one per row of core/limits.inc, with the range of each and the relations
// between them, as data.
#pragma once

#include "core/limits.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace menshen::config {

struct LimitField {
  using Member = std::variant<std::uint32_t core::Limits::*, std::uint64_t core::Limits::*>;
  std::string_view name;
  Member member;
  std::uint64_t min;
  std::uint64_t max;
};

// smaller <= larger, or smaller < larger when strict.
struct LimitRelation {
  std::string_view smaller;
  std::string_view larger;
  bool strict;
  std::string_view reason;
};

[[nodiscard]] std::span<const LimitField> limit_fields() noexcept;
[[nodiscard]] std::span<const LimitRelation> limit_relations() noexcept;
[[nodiscard]] std::uint64_t limit_value(const core::Limits& limits,
                                        const LimitField& field) noexcept;

}  // namespace menshen::config
