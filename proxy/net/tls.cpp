#include "proxy/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace menshen::net {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// TLS 1.2; those of 1.3 are all good.
constexpr const char* ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr std::string_view alpn_http_1_1("\x08http/1.1", 9);
constexpr long session_lifetime_seconds = 3'600;

core::Error problem(std::string code, std::string what, const std::filesystem::path& file) {
  return core::gateway_error(core::ErrorKind::invalid_config, std::move(code), std::move(what),
                             file.string());
}

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned int in_size, void*) {
  const auto* ours = reinterpret_cast<const unsigned char*>(alpn_http_1_1.data());
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(
      &chosen, out_size, ours, static_cast<unsigned int>(alpn_http_1_1.size()), in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool harden(SSL_CTX* context, int min_version) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return SSL_CTX_set_min_proto_version(context, min_version) == 1 &&
         SSL_CTX_set_cipher_list(context, ciphers) == 1;
}

std::shared_ptr<ssl::context> new_context(ssl::context::method method) {
  return std::make_shared<ssl::context>(method);
}

core::Result<void> use_certificate(ssl::context& context, const std::filesystem::path& certificate,
                                   const std::filesystem::path& key) {
  error_code ec;
  context.use_certificate_chain_file(certificate.string(), ec);
  if (ec) {
    return problem("tls_certificate", "The certificate cannot be read: " + ec.message() + ".",
                   certificate);
  }
  // Without this OpenSSL asks whoever sits at the terminal, and waits.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; }, ec);
  if (!ec) context.use_private_key_file(key.string(), ssl::context::pem, ec);
  if (ec) {
    return problem(
        "tls_key",
        "The private key cannot be read, is encrypted, or belongs to another certificate.", key);
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    ERR_clear_error();
    return problem("tls_key", "The private key belongs to another certificate.", key);
  }
  return {};
}

}  // namespace

core::Result<std::shared_ptr<ssl::context>> make_server_context(const ServerTls& options) {
  auto context = new_context(ssl::context::tls_server);
  SSL_CTX* handle = context->native_handle();
  if (!harden(handle, options.only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION)) {
    return problem("tls_settings", "OpenSSL refuses the TLS settings.", {});
  }
  if (auto used = use_certificate(*context, options.certificate, options.key); !used) {
    return used.error();
  }
  SSL_CTX_set_options(handle, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(handle, select_protocol, nullptr);
  SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_SERVER);
  SSL_CTX_set_timeout(handle, session_lifetime_seconds);
  constexpr std::array<unsigned char, 7> id{'m', 'e', 'n', 's', 'h', 'e', 'n'};
  SSL_CTX_set_session_id_context(handle, id.data(), static_cast<unsigned int>(id.size()));
  return context;
}

core::Result<std::shared_ptr<ssl::context>> make_client_context(const ClientTls& options) {
  auto context = new_context(ssl::context::tls_client);
  if (!harden(context->native_handle(), TLS1_2_VERSION)) {
    return problem("tls_settings", "OpenSSL refuses the TLS settings.", {});
  }
  error_code ec;
  if (options.ca.empty()) {
    context->set_default_verify_paths(ec);
  } else {
    context->load_verify_file(options.ca.string(), ec);
  }
  if (ec) {
    return problem("tls_ca", "The authorities cannot be read: " + ec.message() + ".", options.ca);
  }
  if (!options.certificate.empty()) {
    if (auto used = use_certificate(*context, options.certificate, options.key); !used) {
      return used.error();
    }
  }
  context->set_verify_mode(ssl::verify_peer, ec);
  SSL_CTX_set_alpn_protos(context->native_handle(),
                          reinterpret_cast<const unsigned char*>(alpn_http_1_1.data()),
                          static_cast<unsigned int>(alpn_http_1_1.size()));
  return context;
}

}  // namespace menshen::net
