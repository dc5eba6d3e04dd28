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

bool mod11_2_valid(std::string_view text) noexcept {
  constexpr std::array<int, 17> weights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  constexpr std::string_view checks = "10X98765432";
  if (text.size() != 18) return false;
  int sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!is_digit(text[i])) return false;
    sum += (text[i] - '0') * weights[i];
  }
  const char check = text[17] == 'x' ? 'X' : text[17];
  return checks[static_cast<std::size_t>(sum % 11)] == check;
}

bool iban_valid(std::string_view text) noexcept {
  if (text.size() < 5) return false;
  int remainder = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[(i + 4) % text.size()];
    if (is_digit(c)) {
      remainder = (remainder * 10 + (c - '0')) % 97;
    } else if (is_letter(c)) {
      remainder = (remainder * 100 + (to_lower(c) - 'a' + 10)) % 97;
    } else {
      return false;
    }
  }
  return remainder == 1;
}

bool is_date(int year, int month, int day) noexcept {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

}  // namespace menshen::detectors
