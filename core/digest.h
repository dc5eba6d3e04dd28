// SHA-256, HMAC, randomness, encodings and exchange ids, over OpenSSL.
//
// Randomness that OpenSSL cannot give ends the process: no caller may go on with weak keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace menshen::core {

using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(std::string_view data);
[[nodiscard]] Digest sha256_joined(std::initializer_list<std::string_view> pieces);
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view data);  // RFC 2104

// SHA-256 in pieces. One thread at a time; finish() once.
class Sha256 {
 public:
  Sha256();
  explicit Sha256(std::string_view salt);  // hashes the salt before anything else
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view data);
  [[nodiscard]] Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

void fill_random(std::span<std::uint8_t> out);
[[nodiscard]] std::string random_bytes(std::size_t count);

// Time does not depend on where the texts differ.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

[[nodiscard]] inline std::string_view as_text(const Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_hex(std::string_view hex);
[[nodiscard]] std::string to_base64(std::string_view bytes);  // RFC 4648 section 4, padded
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);  // strict
[[nodiscard]] std::string to_base64url(std::string_view bytes);               // section 5, unpadded
[[nodiscard]] std::string to_base32(
    std::string_view bytes);  // Crockford's alphabet in lower case, unpadded

// RFC 9562 UUID version 7: sorts by time, and two within one millisecond still differ.
[[nodiscard]] std::string uuid_v7(std::int64_t wall_ns);

}  // namespace menshen::core
