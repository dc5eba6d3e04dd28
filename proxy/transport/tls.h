// TLS contexts of both sides: 1.2 and 1.3, forward secrecy, AEAD ciphers, HTTP/1.1 by ALPN.
//
//   auto context = make_server_context(listen.tls);
//   if (!context) return context.error();      // names the file
//
// A context is immutable once made and serves all threads.
#pragma once

#include "core/error.h"
#include "proxy/config/config.h"

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <memory>

namespace menshen::transport {

// Errors: invalid_config with the file in `where`.
core::Result<std::shared_ptr<boost::asio::ssl::context>> make_server_context(
    const config::Tls& options);

// Verifies certificates against the authorities in `ca`, or against the system's when it is empty.
core::Result<std::shared_ptr<boost::asio::ssl::context>> make_client_context(
    const std::filesystem::path& ca);

}  // namespace menshen::transport
