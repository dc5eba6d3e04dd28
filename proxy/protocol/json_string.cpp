#include "proxy/protocol/json_string.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace menshen::protocol {

namespace {

constexpr std::size_t long_number_digits = 9;
// Past these a number is nobody's.
constexpr std::int64_t written_digits_max = 40;
constexpr std::int64_t exponent_max = 1'000'000;

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The code unit of \uXXXX at raw[at], the backslash; -1: there is none.
std::int32_t code_unit(std::string_view raw, std::size_t at) noexcept {
  if (at + 6 > raw.size() || raw[at] != '\\' || raw[at + 1] != 'u') return -1;
  std::int32_t value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const int digit = hex_value(raw[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

constexpr bool is_high(std::int32_t unit) noexcept { return unit >= 0xd800 && unit < 0xdc00; }
constexpr bool is_low(std::int32_t unit) noexcept { return unit >= 0xdc00 && unit < 0xe000; }

struct Escape {
  std::uint32_t code_point;
  std::size_t raw_size;
};

// The checked escape at raw[at].
Escape read_escape(std::string_view raw, std::size_t at) noexcept {
  switch (raw[at + 1]) {
    case 'b': return {'\b', 2};
    case 'f': return {'\f', 2};
    case 'n': return {'\n', 2};
    case 'r': return {'\r', 2};
    case 't': return {'\t', 2};
    case 'u': break;
    default: return {static_cast<unsigned char>(raw[at + 1]), 2};
  }
  const std::int32_t unit = code_unit(raw, at);
  if (!is_high(unit)) return {static_cast<std::uint32_t>(unit), 6};
  const std::int32_t low = code_unit(raw, at + 6);
  return {static_cast<std::uint32_t>(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)), 12};
}

std::size_t utf8_size(std::uint32_t code_point) noexcept {
  return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) return put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
  if (c < 0x10000) return put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)),
      put(0x80 | (c & 0x3f));
}

std::size_t sequence_size(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

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

std::optional<EscapeError> check_escapes(std::string_view raw) noexcept {
  std::size_t at = raw.find('\\');
  while (at != std::string_view::npos) {
    if (at + 1 >= raw.size()) return EscapeError{EscapeFault::syntax, at};
    std::size_t size = 2;
    if (raw[at + 1] == 'u') {
      const std::int32_t unit = code_unit(raw, at);
      if (unit < 0) return EscapeError{EscapeFault::syntax, at};
      if (unit == 0) return EscapeError{EscapeFault::nul, at};
      const bool paired = is_high(unit) && is_low(code_unit(raw, at + 6));
      if ((is_high(unit) && !paired) || is_low(unit)) {
        return EscapeError{EscapeFault::lone_surrogate, at};
      }
      size = paired ? 12 : 6;
    } else if (std::string_view("\"\\/bfnrt").find(raw[at + 1]) == std::string_view::npos) {
      return EscapeError{EscapeFault::syntax, at};
    }
    at = raw.find('\\', at + size);
  }
  return std::nullopt;
}

void append_decoded(std::string& out, std::string_view raw) {
  std::size_t from = 0;
  while (true) {
    const std::size_t at = raw.find('\\', from);
    out.append(raw, from, at == std::string_view::npos ? at : at - from);
    if (at == std::string_view::npos) return;
    const Escape escape = read_escape(raw, at);
    append_utf8(out, escape.code_point);
    from = at + escape.raw_size;
  }
}

void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out.append("\\u00");
      out.push_back(hex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(hex[static_cast<unsigned char>(c) & 0xf]);
    } else {
      out.push_back(c);
    }
  }
}

void OffsetMap::advance_past(std::size_t offset) noexcept {
  while (text_end_ <= offset && raw_end_ < raw_.size()) {
    raw_begin_ = raw_end_;
    text_begin_ = text_end_;
    if (raw_[raw_begin_] == '\\') {
      const Escape escape = read_escape(raw_, raw_begin_);
      raw_end_ += escape.raw_size;
      text_end_ += utf8_size(escape.code_point);
    } else {
      const std::size_t size = std::min(sequence_size(raw_[raw_begin_]), raw_.size() - raw_begin_);
      raw_end_ += size;
      text_end_ += size;
    }
  }
}

std::size_t OffsetMap::begin_of(std::size_t offset) noexcept {
  advance_past(offset);
  return offset < text_end_ ? raw_begin_ : raw_end_;
}

std::size_t OffsetMap::end_of(std::size_t offset) noexcept {
  if (offset == 0) return 0;
  advance_past(offset - 1);
  return raw_end_;
}

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

}  // namespace menshen::protocol
