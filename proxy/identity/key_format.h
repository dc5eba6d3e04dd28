// What an API key looks like: "msk_" id "_" secret checksum, all in Crockford's base32, lower case.
//
//   msk_7k2p0x9h3m_4t5...   id: 10 characters, names the key in records and command lines
//                           secret: 32 characters, 160 random bits
//                           checksum: 4 characters, so that a mistyped key is known without a
//                           lookup
//
// The store keeps the SHA-256 of the secret: 160 random bits need no slow hash (NIST SP
// 800-63B, 5.1.1.2, treats look-up secrets of 112 bits and more so).
//
//   const auto key = parse_key(presented);   // nullopt: malformed
//   store.find(key->id); core::sha256(key->secret);
//
// Pure functions, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::identity {

inline constexpr std::string_view key_prefix = "msk_";
inline constexpr std::size_t key_id_size = 10;
inline constexpr std::size_t key_secret_size = 32;
inline constexpr std::size_t key_checksum_size = 4;
inline constexpr std::size_t key_size =
    key_prefix.size() + key_id_size + 1 + key_secret_size + key_checksum_size;

// Views into the presented text.
struct KeyParts {
  std::string_view id;
  std::string_view secret;  // without the checksum
};

[[nodiscard]] std::optional<KeyParts> parse_key(std::string_view presented) noexcept;

struct GeneratedKey {
  std::string id;
  std::string secret;
  std::string text;  // the whole key
};
[[nodiscard]] GeneratedKey generate_key();

}  // namespace menshen::identity
