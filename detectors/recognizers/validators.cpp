#include "detectors/recognizers/validators.h"

#include "detectors/values/boundary.h"
#include "detectors/values/checksum.h"

#include <algorithm>
#include <array>
#include <string>

namespace menshen::detectors {
namespace {

std::string digits_of(std::string_view match) {
  std::string out;
  std::ranges::copy_if(match, std::back_inserter(out), is_digit);
  return out;
}

std::string letters_and_digits_of(std::string_view match) {
  std::string out;
  std::ranges::copy_if(match, std::back_inserter(out), is_alnum);
  return out;
}

bool luhn(std::string_view match) {
  const std::string digits = digits_of(match);
  return digits.size() > 1 && luhn_valid(digits);
}

bool iban(std::string_view match) { return iban_valid(letters_and_digits_of(match)); }

bool mod97_10(std::string_view match) { return mod97_10_valid(letters_and_digits_of(match)); }

// Digits, behind which an X may stand.
bool mod11_2(std::string_view match) {
  std::string digits = digits_of(match);
  const auto last = std::ranges::find_if(match.rbegin(), match.rend(), is_alnum);
  if (last != match.rend() && to_lower(*last) == 'x') digits += 'X';
  return iso7064_mod11_2_valid(digits);
}

bool verhoeff(std::string_view match) {
  const std::string digits = digits_of(match);
  return digits.size() > 1 && verhoeff_valid(digits);
}

// Damm 2004: a quasigroup of order ten without a fixed point.
bool damm(std::string_view match) {
  constexpr std::array<std::string_view, 10> table{
      "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
      "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"};
  const std::string digits = digits_of(match);
  std::size_t interim = 0;
  for (const char c : digits) {
    interim = static_cast<std::size_t>(table[interim][static_cast<std::size_t>(c - '0')] - '0');
  }
  return digits.size() > 1 && interim == 0;
}

constexpr std::array<std::string_view, 6> names{"damm",    "iban",     "luhn",
                                                "mod11_2", "mod97_10", "verhoeff"};
constexpr std::array<Validator, 6> functions{damm, iban, luhn, mod11_2, mod97_10, verhoeff};

}  // namespace

std::span<const std::string_view> validator_names() noexcept { return names; }

Validator find_validator(std::string_view name) noexcept {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? nullptr
                              : functions[static_cast<std::size_t>(found - names.begin())];
}

}  // namespace menshen::detectors
