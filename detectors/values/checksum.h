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

// ISO 7064 MOD 11-2 over two characters and more, the last a digit, 'X' or 'x'; GB 11643-1999, the
// same over 18.
[[nodiscard]] bool iso7064_mod11_2_valid(std::string_view text) noexcept;
[[nodiscard]] bool mod11_2_valid(std::string_view text) noexcept;

// ISO 7064 MOD 97-10 over three characters and more: A=10 ... Z=35, letters in either case, the
// number mod 97 is 1.
[[nodiscard]] bool mod97_10_valid(std::string_view text) noexcept;

// ISO 13616: the same, when the first four characters move to the end.
[[nodiscard]] bool iban_valid(std::string_view text) noexcept;

// ISO 17442 (LEI): the same over 20 characters as they stand.
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
