#include "detectors/values/checksum.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace menshen::detectors {

bool luhn_valid(std::string_view digits) noexcept {
  int sum = 0;
  bool doubled = false;
  for (auto c = digits.rbegin(); c != digits.rend(); ++c, doubled = !doubled) {
    if (!is_digit(*c)) return false;
    const int value = *c - '0';
    sum += doubled ? (value > 4 ? 2 * value - 9 : 2 * value) : value;
  }
  return !digits.empty() && sum % 10 == 0;
}

bool iso7064_mod11_2_valid(std::string_view text) noexcept {
  if (text.size() < 2) return false;
  int sum = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (!is_digit(c)) return false;
    sum = (sum + (c - '0')) * 2 % 11;
  }
  const char check = text.back();
  if (!is_digit(check) && to_lower(check) != 'x') return false;
  return (sum + (is_digit(check) ? check - '0' : 10)) % 11 == 1;
}

bool mod11_2_valid(std::string_view text) noexcept {
  return text.size() == 18 && iso7064_mod11_2_valid(text);
}

namespace {

// Of the number that the characters from `first` on and then those before it make; 0: they make
// none.
int mod97_from(std::string_view text, std::size_t first) noexcept {
  int remainder = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[(i + first) % text.size()];
    if (is_digit(c)) {
      remainder = (remainder * 10 + (c - '0')) % 97;
    } else if (is_letter(c)) {
      remainder = (remainder * 100 + (to_lower(c) - 'a' + 10)) % 97;
    } else {
      return 0;
    }
  }
  return remainder;
}

}  // namespace

bool mod97_10_valid(std::string_view text) noexcept {
  return text.size() > 2 && mod97_from(text, 0) == 1;
}

bool iban_valid(std::string_view text) noexcept {
  return text.size() > 4 && mod97_from(text, 4) == 1;
}

bool lei_valid(std::string_view text) noexcept {
  return text.size() == 20 && std::ranges::none_of(text, is_lower) && mod97_10_valid(text);
}

bool mod11_10_valid(std::string_view digits) noexcept {
  if (digits.empty()) return false;
  int product = 10;
  for (const char c : digits.substr(0, digits.size() - 1)) {
    if (!is_digit(c)) return false;
    const int sum = (c - '0' + product) % 10;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return is_digit(digits.back()) && (11 - product) % 10 == digits.back() - '0';
}

bool verhoeff_valid(std::string_view digits) noexcept {
  // Rotations of a pentagon are 0 to 4, its reflections 5 to 9.
  const auto product = [](int a, int b) {
    if (a < 5) return b < 5 ? (a + b) % 5 : (a + b - 5) % 5 + 5;
    return b < 5 ? (a - b) % 5 + 5 : (a - b + 5) % 5;
  };
  // The digit that stands for one in each place: a permutation, applied once more from place to
  // place.
  static constexpr auto places = [] {
    constexpr std::array<std::size_t, 10> permutation{1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    std::array<std::array<int, 10>, 8> all{};
    for (std::size_t digit = 0; digit < 10; ++digit) {
      std::size_t value = digit;
      for (auto& place : all) {
        place[digit] = static_cast<int>(value);
        value = permutation[value];
      }
    }
    return all;
  }();
  int sum = 0;
  std::size_t place = 0;
  for (auto c = digits.rbegin(); c != digits.rend(); ++c, ++place) {
    if (!is_digit(*c)) return false;
    sum = product(sum, places[place % places.size()][static_cast<std::size_t>(*c - '0')]);
  }
  return !digits.empty() && sum == 0;
}

bool vin_valid(std::string_view text) noexcept {
  constexpr std::array weights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  // Of A to Z; 0: no letter of these numbers.
  constexpr std::array letters{1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                               5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  if (text.size() != weights.size()) return false;
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    int value = -1;
    if (is_digit(c)) value = c - '0';
    if (is_upper(c)) value = letters[static_cast<std::size_t>(c - 'A')];
    if (value < 0 || (value == 0 && c != '0')) return false;
    sum += weights[i] * value;
  }
  return text[8] == (sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11));
}

bool is_date(int year, int month, int day) noexcept {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

}  // namespace menshen::detectors
