#include "core/json_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace menshen::core {

namespace {

constexpr std::size_t long_number_digits = 9;
// Past these a number is nobody's.
constexpr std::int64_t written_digits_max = 40;
constexpr std::int64_t exponent_max = 1'000'000;

std::size_t skip_digits(std::string_view token, std::size_t at) noexcept {
  while (at < token.size() && token[at] >= '0' && token[at] <= '9') ++at;
  return at;
}

std::size_t integer_digits(std::string_view token) noexcept {
  const std::size_t begin = !token.empty() && token[0] == '-' ? 1 : 0;
  return skip_digits(token, begin) - begin;
}

// A number of JSON by its value: digits of the mantissa, and how many of them, without the zeros in
// front, stand before the point once the exponent has moved it.
struct Decimal {
  std::string_view mantissa;  // with its point
  std::size_t leading_zeros = 0;
  std::int64_t point = 0;

  [[nodiscard]] bool is_long() const noexcept {
    return point >= static_cast<std::int64_t>(long_number_digits) && point <= written_digits_max;
  }
};

Decimal read_decimal(std::string_view token) noexcept {
  Decimal out;
  if (token.starts_with('-')) token.remove_prefix(1);
  const std::size_t e = std::min(token.find_first_of("eE"), token.size());
  out.mantissa = token.substr(0, e);
  std::int64_t exponent = 0;
  if (e < token.size()) {
    const char* begin = token.data() + e + 1;
    if (*begin == '+') ++begin;
    const auto read = std::from_chars(begin, token.data() + token.size(), exponent);
    if (read.ec != std::errc{} || std::abs(exponent) > exponent_max) return out;
  }
  for (const char c : out.mantissa) {
    if (c == '.') continue;
    if (c != '0') {
      const auto before = static_cast<std::int64_t>(std::min(out.mantissa.find('.'), e));
      out.point = before + exponent - static_cast<std::int64_t>(out.leading_zeros);
      return out;
    }
    ++out.leading_zeros;
  }
  return out;  // zero
}

bool fits_double(std::string_view token) {
  const std::string copy(token);
  return std::isfinite(std::strtod(copy.c_str(), nullptr));
}

}  // namespace

bool is_json_number(std::string_view token) noexcept {
  std::size_t at = !token.empty() && token[0] == '-' ? 1 : 0;
  const std::size_t integer = at;
  at = skip_digits(token, at);
  if (at == integer || (token[integer] == '0' && at > integer + 1)) return false;
  if (at < token.size() && token[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(token, fraction);
    if (at == fraction) return false;
  }
  const bool has_exponent = at < token.size() && (token[at] == 'e' || token[at] == 'E');
  if (has_exponent) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    const std::size_t exponent = at;
    at = skip_digits(token, exponent);
    if (at == exponent) return false;
  }
  return at == token.size();
}

bool is_common_number(std::string_view token) noexcept {
  if (!is_json_number(token)) return false;
  const bool has_exponent = token.find_first_of("eE") != std::string_view::npos;
  return (!has_exponent && token.size() < 300) || fits_double(token);
}

bool is_long_number(std::string_view token) noexcept {
  if (integer_digits(token) >= long_number_digits) return true;
  if (token.find_first_of("eE") == std::string_view::npos) return false;
  return read_decimal(token).is_long();
}

std::optional<std::string> written_out(std::string_view token) {
  if (token.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  const Decimal decimal = read_decimal(token);
  if (!decimal.is_long()) return std::nullopt;
  std::string digits;
  for (const char c : decimal.mantissa) {
    if (c != '.') digits.push_back(c);
  }
  digits.erase(0, decimal.leading_zeros);
  const auto point = static_cast<std::size_t>(decimal.point);
  if (digits.size() < point) digits.append(point - digits.size(), '0');
  while (digits.size() > point && digits.back() == '0') digits.pop_back();
  if (digits.size() > point) digits.insert(point, 1, '.');
  if (token[0] == '-') digits.insert(0, 1, '-');
  if (digits == token) return std::nullopt;
  return digits;
}

std::string_view spelled_digits(std::string_view token) noexcept {
  return token.substr(0, token.find_first_of(".eE"));
}

}  // namespace menshen::core
