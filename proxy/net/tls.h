// TLS contexts of both sides: 1.2 and 1.3, forward secrecy, AEAD ciphers, HTTP/1.1 by ALPN.
//
//   const ServerTls files{.certificate = "chain.pem", .key = "key.pem"};
//   auto context = make_server_context(files);
//   if (!context) return context.error();      // names the file
//
// A context is immutable once made and serves all threads. Errors: invalid_config with the file in
// `where`.
#pragma once

#include "core/error.h"

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <memory>

namespace menshen::net {

struct ServerTls {
  std::filesystem::path certificate;  // PEM, the whole chain
  std::filesystem::path key;          // PEM
  bool only_1_3 = false;
};

core::Result<std::shared_ptr<boost::asio::ssl::context>> make_server_context(
    const ServerTls& options);

struct ClientTls {
  std::filesystem::path ca = {};           // PEM of the authorities; empty: the system's
  std::filesystem::path certificate = {};  // PEM, the whole chain, to show when asked; empty: none
  std::filesystem::path key = {};          // PEM; of the certificate
};

// Verifies the peer's certificate.
core::Result<std::shared_ptr<boost::asio::ssl::context>> make_client_context(
    const ClientTls& options);

}  // namespace menshen::net
