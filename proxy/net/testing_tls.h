// For tests: certificates made on the spot, a TLS client that tells what it saw, and TLS for
// scripted upstreams.
#pragma once

#include "proxy/net/testing.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace menshen::net::testing {

struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

// An authority in a folder of its own that goes with it.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // A certificate for "DNS:localhost" or "IP:127.0.0.1", valid from one day ago for `days`; files
  // are named `name` and overwritten.
  [[nodiscard]] CertificateFiles issue(const std::string& name, const std::string& alternative_name,
                                       int days = 1) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::filesystem::path folder_;
  std::filesystem::path file_;
};

struct TlsAnswer {
  std::string bytes;     // to the end of the connection
  std::string error;     // of the handshake; empty: none
  std::string protocol;  // "TLSv1.3"
  std::string alpn;
  std::string serial;  // of the server's certificate
  bool resumed = false;
  bool truncated = false;  // ended without close_notify
};

// Connects to 127.0.0.1, sends `request`, reads to the end. Keeps the session between calls.
class TlsClient {
 public:
  explicit TlsClient(const std::filesystem::path& ca);
  ~TlsClient();
  asio::ssl::context& context() { return context_; }
  TlsAnswer ask(std::uint16_t port, std::string_view request, std::string_view alpn = "http/1.1");

 private:
  asio::ssl::context context_;
  SSL_SESSION* session_ = nullptr;
};

// Runs the server's side of a handshake on an accepted connection, then reads a request and answers
// it. With `client_ca` it asks for a certificate of that authority.
ScriptedUpstream::Script tls_answering(const CertificateFiles& files, std::string answer,
                                       std::string* server_name = nullptr,
                                       const std::filesystem::path& client_ca = {});

}  // namespace menshen::net::testing
