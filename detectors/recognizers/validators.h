// Check digits by name, for recognizers of a policy.
//
//   validator_names()                 damm, iban, luhn, ...
//   find_validator("luhn")("4111 1111 1111 1111")    true
//
// Each is asked about a whole match, and takes from it what it reads: separators count for nothing.
// Pure functions.
#pragma once

#include <span>
#include <string_view>

namespace menshen::detectors {

using Validator = bool (*)(std::string_view match);

[[nodiscard]] std::span<const std::string_view> validator_names() noexcept;
// Null: there is none of this name.
[[nodiscard]] Validator find_validator(std::string_view name) noexcept;

}  // namespace menshen::detectors
