// Values that somebody has said rules are to take no notice of: the number of a hotline, the
// addresses of a test network. They are found as ever, and marked (core::Finding::ignored).
//
// Immutable; any thread. Asked once for each match, never for clean text.
#pragma once

#include "core/finding.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::detectors {

// Whether a value of `text` is no part of a longer one, so that it may be marked: nothing that goes
// on touches it, and no escape that stands for something else; a secret may touch any mark, as in a
// URL. last: the text ends with `text`.
[[nodiscard]] bool stands_alone(const core::FindingType& type, std::string_view text,
                                std::size_t begin, std::size_t end, bool last) noexcept;

class IgnoredValues {
 public:
  static constexpr std::size_t entries_max = 32;

  virtual ~IgnoredValues() = default;
  // Bit n: entry n names this value, which stands in normal form (text/characters.h).
  [[nodiscard]] virtual std::uint32_t entries_of(const core::FindingType& type,
                                                 std::string_view value) const = 0;
};

}  // namespace menshen::detectors
