// The forms of API keys: a prefix that the provider chose, then characters of one set.
#pragma once

#include "core/finding.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace menshen::detectors::api_key {

struct Format {
  const core::FindingType* type;
  std::string_view prefix;
  std::uint8_t set;       // token_set bits of what follows
  std::size_t bytes_min;  // of what follows
  std::size_t bytes_max;  // 0: no bound, the key is followed to its end
  float confidence;
};

// In an order in which the longer of two prefixes comes before the shorter.
[[nodiscard]] std::span<const Format> formats() noexcept;
[[nodiscard]] std::span<const core::FindingType* const> types() noexcept;
// Of older keys, which have another mark than their prefix.
[[nodiscard]] const core::FindingType& openai_type() noexcept;
[[nodiscard]] std::span<const std::string_view> prefixes() noexcept;

}  // namespace menshen::detectors::api_key
