// Numbers as JSON writes them (RFC 8259, section 6), and what somebody may read in one.
//
// A number that spells out something about somebody can be read in two ways: the digits before its
// point and exponent, and its value. Both are texts to the detectors.
//
//   spelled_digits("-13812345678.50e+3")   // "-13812345678"
//   written_out("1.3812345678e10")         // "13812345678"
//
// Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace menshen::core {

// Whether `token` is a number of JSON.
[[nodiscard]] bool is_json_number(std::string_view token) noexcept;

// And whether a double holds it: readers disagree on the others.
[[nodiscard]] bool is_common_number(std::string_view token) noexcept;

// Whether a number of JSON could spell out something about somebody: as it is written, or by its
// value, it has 9 digits or more before its point. Weights and log-probabilities are not of this
// kind.
[[nodiscard]] bool is_long_number(std::string_view token) noexcept;

// A number of JSON up to its point or exponent, with its sign; a part of `token`.
[[nodiscard]] std::string_view spelled_digits(std::string_view token) noexcept;

// The value of a long number (of up to 40 digits before its point) without exponent and without
// zeros behind the point, where that differs from how it is written.
[[nodiscard]] std::optional<std::string> written_out(std::string_view token);

}  // namespace menshen::core
