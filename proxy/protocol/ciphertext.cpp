// What is ciphertext, as far as one can see.
#include "proxy/protocol/references.h"

#include <algorithm>
#include <bitset>

namespace menshen::protocol {

namespace {

// What a run of digits in base64 is, by chance, once in many millions of bytes: anybody's number.
constexpr std::size_t base64_digits_max = 8;

constexpr bool is_decimal(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_capital(char c) noexcept { return c >= 'A' && c <= 'Z'; }

constexpr bool is_alphanumeric(char c) noexcept {
  return is_decimal(c) || is_capital(c) || (c >= 'a' && c <= 'z');
}

// Base64 of either alphabet, "+/" or "-_", without an escape; "=" at its end alone, of a length
// that base64 has.
bool is_strict_base64(std::string_view data) noexcept {
  const std::size_t end = data.find_last_not_of('=') + 1;
  const std::size_t padding = data.size() - end;
  if (padding > 2 || (padding > 0 && data.size() % 4 != 0) || data.size() % 4 == 1) return false;
  bool plain = true;
  bool for_urls = true;
  for (const char c : data.substr(0, end)) {
    const bool common = is_alphanumeric(c);
    plain = plain && (common || c == '+' || c == '/');
    for_urls = for_urls && (common || c == '-' || c == '_');
  }
  return plain || for_urls;
}

// Each 64 bytes hold as many different ones, and as few of one, as such mixtures do: words, names
// and repetitions do not.
bool is_evenly_mixed(std::string_view data) noexcept {
  constexpr std::size_t block_bytes = 64;
  constexpr std::size_t different_min = 28;  // 40 by chance; less than 29 is 5 deviations away
  constexpr std::size_t capitals_min = 8;    // 26
  for (std::size_t at = 0; at < data.size(); at += block_bytes) {
    const std::size_t begin = std::min(at, data.size() - block_bytes);
    std::bitset<128> seen;
    std::size_t capitals = 0;
    for (const char c : data.substr(begin, block_bytes)) {
      seen.set(static_cast<unsigned char>(c) & 0x7FU);
      capitals += is_capital(c) ? 1 : 0;
    }
    if (seen.count() < different_min || capitals < capitals_min) return false;
  }
  return true;
}

bool holds_a_number(std::string_view data) noexcept {
  std::size_t digits = 0;
  for (const char c : data) {
    digits = is_decimal(c) ? digits + 1 : 0;
    if (digits > base64_digits_max) return true;
  }
  return false;
}

}  // namespace

bool is_base64_data(std::string_view raw) noexcept {
  return raw.size() >= encoded_data_bytes_min &&
         is_strict_base64(raw.substr(tame_data_head(raw))) && !holds_a_number(raw);
}

bool is_ciphertext(std::string_view raw) noexcept {
  return raw.size() >= encoded_data_bytes_min && is_strict_base64(raw) && is_evenly_mixed(raw) &&
         !holds_a_number(raw);
}

}  // namespace menshen::protocol
