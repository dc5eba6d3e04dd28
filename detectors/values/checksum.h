// Check digits, as pure functions over ASCII digits and letters.
//
// Values come without separators, letters in upper case but where a function says otherwise. False
// for any other length and any other character. Sources: the standard or the issuer's public
// description of each; vectors in checksum_test.cpp.
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

// ISO 17442 (LEI) / ISO 7064 MOD 97-10 over 20 characters as they stand.
[[nodiscard]] bool lei_valid(std::string_view text) noexcept;

// ISO 7064 MOD 11,10 over all digits.
[[nodiscard]] bool mod11_10_valid(std::string_view digits) noexcept;

// Verhoeff 1969, over all digits: the dihedral group of order 10.
[[nodiscard]] bool verhoeff_valid(std::string_view digits) noexcept;

// 17 characters without I, O, Q: GB 16735, 49 CFR 565; weights 8..2 10 0 9..2, mod 11, at place 9.
[[nodiscard]] bool vin_valid(std::string_view text) noexcept;

// A calendar date of the Gregorian calendar.
[[nodiscard]] bool is_date(int year, int month, int day) noexcept;

}  // namespace menshen::detectors
