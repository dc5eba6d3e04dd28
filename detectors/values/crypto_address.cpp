#include "detectors/values/crypto_address.h"

#include "core/digest.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace menshen::detectors {
namespace {

using Keccak = std::array<std::uint64_t, 25>;

// FIPS 202, section 3.3: the permutation of 1600 bits.
void keccak_f(Keccak& a) noexcept {
  constexpr std::array<int, 24> rotations{1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                          27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
  constexpr std::array<std::size_t, 24> lanes{10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                              15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
  std::uint8_t lfsr = 1;
  for (int round = 0; round < 24; ++round) {
    std::array<std::uint64_t, 5> columns{};
    for (std::size_t i = 0; i < a.size(); ++i) columns[i % 5] ^= a[i];
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] ^= columns[(i + 4) % 5] ^ std::rotl(columns[(i + 1) % 5], 1);
    }
    std::uint64_t moved = a[1];
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const std::uint64_t next = a[lanes[i]];
      a[lanes[i]] = std::rotl(moved, rotations[i]);
      moved = next;
    }
    for (std::size_t row = 0; row < a.size(); row += 5) {
      std::array<std::uint64_t, 5> old{};
      std::copy_n(a.begin() + static_cast<std::ptrdiff_t>(row), 5, old.begin());
      for (std::size_t i = 0; i < 5; ++i)
        a[row + i] = old[i] ^ (~old[(i + 1) % 5] & old[(i + 2) % 5]);
    }
    for (unsigned bit = 0; bit < 7; ++bit) {  // the round's constant
      if ((lfsr & 1U) != 0) a[0] ^= 1ULL << ((1U << bit) - 1U);
      lfsr = static_cast<std::uint8_t>(lfsr * 2U ^ ((lfsr & 0x80U) != 0 ? 0x71U : 0U));
    }
  }
}

// Keccak-256 as Ethereum uses it, of a text shorter than one block: pads with 1, not with
// SHA-3's 6.
std::array<std::uint8_t, 32> keccak_256(std::string_view text) noexcept {
  constexpr std::size_t rate_bytes = 136;
  Keccak state{};
  const auto absorb = [&state](std::size_t at, std::uint8_t byte) {
    state[at / 8] ^= std::uint64_t{byte} << (at % 8 * 8);
  };
  for (std::size_t i = 0; i < text.size(); ++i) absorb(i, static_cast<std::uint8_t>(text[i]));
  absorb(text.size(), 0x01);
  absorb(rate_bytes - 1, 0x80);
  keccak_f(state);
  std::array<std::uint8_t, 32> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state[i / 8] >> (i % 8 * 8));
  }
  return digest;
}

// BIP 173's checksum.
std::uint32_t polymod(std::uint32_t sum, std::uint32_t value) noexcept {
  constexpr std::array<std::uint32_t, 5> generator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                   0x2a1462b3};
  const std::uint32_t top = sum >> 25U;
  sum = (sum & 0x1ffffffU) << 5U ^ value;
  for (std::size_t i = 0; i < generator.size(); ++i) {
    if ((top >> i & 1U) != 0) sum ^= generator[i];
  }
  return sum;
}

}  // namespace

bool base58check_valid(std::string_view text) noexcept {
  constexpr std::string_view alphabet =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  constexpr std::size_t payload_bytes = 21;
  if (text.size() < 26 || text.size() > 35) return false;
  std::array<std::uint8_t, payload_bytes + 4> bytes{};  // big-endian
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == alphabet.npos) return false;
    std::size_t carry = value;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      carry += std::size_t{bytes[i]} * alphabet.size();
      bytes[i] = static_cast<std::uint8_t>(carry & 0xFFU);
      carry >>= 8U;
    }
    if (carry != 0) return false;
  }
  // Each leading zero byte is one '1'.
  const auto ones = std::min(text.find_first_not_of('1'), text.size());
  const auto zeros = std::ranges::find_if(bytes, [](std::uint8_t b) { return b != 0; });
  if (static_cast<std::ptrdiff_t>(ones) != zeros - bytes.begin()) return false;
  if (bytes[0] != 0 && bytes[0] != 5 && bytes[0] != 65) return false;
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const core::Digest digest =
      core::sha256(core::as_text(core::sha256(all.substr(0, payload_bytes))));
  return core::as_text(digest).substr(0, 4) == all.substr(payload_bytes);
}

bool bech32_valid(std::string_view text) noexcept {
  constexpr std::string_view alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  constexpr std::size_t prefix = 3;  // "bc1"
  if (text.size() < 14 || text.size() > 74) return false;
  if (std::ranges::any_of(text, is_lower) && std::ranges::any_of(text, is_upper)) return false;
  if (to_lower(text[0]) != 'b' || to_lower(text[1]) != 'c' || text[2] != '1') return false;
  std::uint32_t sum = 1;
  for (const std::uint32_t value : {3U, 3U, 0U, 2U, 3U}) sum = polymod(sum, value);  // of "bc"
  std::uint32_t version = 0;
  for (std::size_t i = prefix; i < text.size(); ++i) {
    const std::size_t value = alphabet.find(to_lower(text[i]));
    if (value == alphabet.npos) return false;
    if (i == prefix) version = static_cast<std::uint32_t>(value);
    sum = polymod(sum, static_cast<std::uint32_t>(value));
  }
  return version <= 16 && sum == (version == 0 ? 1U : 0x2bc830a3U);
}

bool ethereum_valid(std::string_view text) noexcept {
  constexpr std::size_t digits = 40;
  if (text.size() != digits + 2 || text[0] != '0' || to_lower(text[1]) != 'x') return false;
  const std::string_view address = text.substr(2);
  if (!std::ranges::all_of(address, is_hex)) return false;
  const bool mixed =
      std::ranges::any_of(address, is_lower) && std::ranges::any_of(address, is_upper);
  if (!mixed) return true;
  std::array<char, digits> lower{};
  std::ranges::transform(address, lower.begin(), to_lower);
  const auto digest = keccak_256({lower.data(), lower.size()});
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_letter(address[i])) continue;
    const unsigned nibble = digest[i / 2] >> (i % 2 == 0 ? 4U : 0U) & 0xFU;
    if (is_upper(address[i]) != (nibble >= 8)) return false;
  }
  return true;
}

}  // namespace menshen::detectors
