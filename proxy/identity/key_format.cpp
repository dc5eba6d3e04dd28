#include "proxy/identity/key_format.h"

#include "core/digest.h"

#include <algorithm>
#include <array>

namespace menshen::identity {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t secret_bytes = 20;

bool is_base32(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return alphabet.find(c) != std::string_view::npos; });
}

// The first 20 bits of the SHA-256 of everything before it.
std::array<char, key_checksum_size> checksum(std::string_view text) {
  const core::Digest digest = core::sha256(text);
  const unsigned bits = static_cast<unsigned>(digest[0]) << 12 |
                        static_cast<unsigned>(digest[1]) << 4 |
                        static_cast<unsigned>(digest[2]) >> 4;
  std::array<char, key_checksum_size> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = alphabet[bits >> (15 - 5 * i) & 31];
  return out;
}

}  // namespace

std::optional<KeyParts> parse_key(std::string_view presented) noexcept {
  if (presented.size() != key_size || !presented.starts_with(key_prefix)) return std::nullopt;
  const auto id = presented.substr(key_prefix.size(), key_id_size);
  const auto rest = presented.substr(key_prefix.size() + key_id_size);
  if (rest.front() != '_' || !is_base32(id) || !is_base32(rest.substr(1))) return std::nullopt;
  const auto expected = checksum(presented.substr(0, key_size - key_checksum_size));
  if (presented.substr(key_size - key_checksum_size) !=
      std::string_view(expected.data(), expected.size())) {
    return std::nullopt;
  }
  return KeyParts{id, rest.substr(1, key_secret_size)};
}

GeneratedKey generate_key() {
  GeneratedKey key;
  key.id = core::to_base32(core::random_bytes(7)).substr(0, key_id_size);
  key.secret = core::to_base32(core::random_bytes(secret_bytes));
  key.text = std::string(key_prefix) + key.id + "_" + key.secret;
  const auto sum = checksum(key.text);
  key.text.append(sum.data(), sum.size());
  return key;
}

}  // namespace menshen::identity
