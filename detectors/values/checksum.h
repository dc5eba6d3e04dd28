// Check digits, as pure functions over ASCII digits and letters.
#pragma once

#include <string_view>

namespace menshen::detectors {

// ISO/IEC 7812-1 annex B (Luhn, mod 10). False for the empty text and for anything but digits.
[[nodiscard]] bool luhn_valid(std::string_view digits) noexcept;

// GB 11643-1999 / ISO 7064 MOD 11-2 over 18 characters, the last a digit, 'X' or 'x'.
[[nodiscard]] bool mod11_2_valid(std::string_view text) noexcept;

// ISO 13616 / ISO 7064 MOD 97-10: the first four characters move to the end, A=10 ... Z=35, the
// number mod 97 is 1. Letters in either case.
[[nodiscard]] bool iban_valid(std::string_view text) noexcept;

// A calendar date of the Gregorian calendar.
[[nodiscard]] bool is_date(int year, int month, int day) noexcept;

}  // namespace menshen::detectors
