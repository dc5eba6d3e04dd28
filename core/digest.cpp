#include "core/digest.h"

#include "core/hex.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace menshen::core {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "menshen: OpenSSL failed: %s\n", what);
  std::abort();
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

// OpenSSL looks algorithms up by name on each use, under locks, unless they are fetched once.
void start(EVP_MD_CTX* context) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (context == nullptr || EVP_DigestInit_ex2(context, algorithm, nullptr) != 1) die("SHA-256");
}

void add(EVP_MD_CTX* context, std::string_view data) {
  if (EVP_DigestUpdate(context, data.data(), data.size()) != 1) die("SHA-256");
}

Digest end(EVP_MD_CTX* context) {
  Digest out;
  if (EVP_DigestFinal_ex(context, out.data(), nullptr) != 1) die("SHA-256");
  return out;
}

MacContext make_hmac() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  MacContext context(EVP_MAC_CTX_new(algorithm));
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0),
                                   OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), parameters) != 1) die("HMAC");
  return context;
}

}  // namespace

Digest sha256(std::string_view data) { return sha256_joined({data}); }

Digest sha256_joined(std::initializer_list<std::string_view> pieces) {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  start(context.get());
  for (const std::string_view piece : pieces) add(context.get(), piece);
  return end(context.get());
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
  thread_local const MacContext context = make_hmac();
  // Making a key ready costs as much as a short text, and most calls of a thread have one key.
  thread_local std::optional<std::string> ready;
  const bool again = ready && equal_constant_time(*ready, key);
  // With no key at all OpenSSL would keep the one before.
  static constexpr unsigned char empty_key[1] = {0};
  const unsigned char* key_bytes = key.empty() ? empty_key : bytes_of(key);
  if (!again) ready.emplace(key);
  Digest out;
  std::size_t length = 0;
  if (EVP_MAC_init(context.get(), again ? nullptr : key_bytes, again ? 0 : key.size(), nullptr) !=
          1 ||
      EVP_MAC_update(context.get(), bytes_of(data), data.size()) != 1 ||
      EVP_MAC_final(context.get(), out.data(), &length, out.size()) != 1 || length != out.size()) {
    die("HMAC");
  }
  return out;
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { start(context_.get()); }
Sha256::Sha256(std::string_view salt) : Sha256() { update(salt); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view data) { add(context_.get(), data); }

Digest Sha256::finish() { return end(context_.get()); }

void fill_random(std::span<std::uint8_t> out) {
  if (RAND_priv_bytes(out.data(), static_cast<int>(out.size())) != 1) die("random numbers");
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  fill_random({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    out.push_back(hex_digits[b >> 4]);
    out.push_back(hex_digits[b & 15]);
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                  static_cast<int>(bytes.size()));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty()) return std::string{};
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string out(text.size() / 4 * 3, '\0');
  const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                                static_cast<int>(text.size()));
  if (n < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(n) - padding);
  if (to_base64(out) != text)
    return std::nullopt;  // OpenSSL forgives spaces and stray bits; we do not
  return out;
}

std::string to_base64url(std::string_view bytes) {
  std::string out = to_base64(bytes);
  while (out.ends_with('=')) out.pop_back();
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

std::string to_base32(std::string_view bytes) {
  constexpr char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out.push_back(alphabet[(buffer >> (bits - 5)) & 31]);
  }
  if (bits > 0) out.push_back(alphabet[(buffer << (5 - bits)) & 31]);
  return out;
}

std::string uuid_v7(std::int64_t wall_ns) {
  // Drawn for many at a time: a draw costs as much as all the rest.
  thread_local std::array<std::uint8_t, 640> drawn;
  thread_local std::size_t used = drawn.size();
  constexpr std::size_t needed = 10;
  if (used + needed > drawn.size()) {
    fill_random(drawn);
    used = 0;
  }
  std::uint8_t b[16];
  std::copy_n(drawn.begin() + static_cast<std::ptrdiff_t>(used), needed, b + 6);
  used += needed;
  const auto ms = static_cast<std::uint64_t>(wall_ns / 1'000'000);
  for (int i = 0; i < 6; ++i) b[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  b[6] = static_cast<std::uint8_t>(0x70 | (b[6] & 0x0f));
  b[8] = static_cast<std::uint8_t>(0x80 | (b[8] & 0x3f));
  std::string out;
  out.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(hex_digits[b[i] >> 4]);
    out.push_back(hex_digits[b[i] & 15]);
  }
  return out;
}

}  // namespace menshen::core
