#include "proxy/net/testing_tls.h"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace menshen::net::testing {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr long day_seconds = 86'400;

void check(bool good) {
  if (!good) throw std::runtime_error("OpenSSL failed in a test helper");
}

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

Certificate make_certificate(EVP_PKEY* key, const std::string& common_name, int days) {
  Certificate certificate(X509_new());
  std::uint32_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), static_cast<long>(serial >> 1));
  X509_set_version(certificate.get(), 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * day_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * day_seconds);
  check(X509_set_pubkey(certificate.get(), key) == 1);
  check(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                   -1, 0) == 1);
  return certificate;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void write_certificate(const std::filesystem::path& file, X509* certificate) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_file(file.c_str(), "w"));
  check(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1);
}

std::string serial_of(X509* certificate) {
  if (certificate == nullptr) return {};
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  char* text = BN_bn2hex(number);
  std::string out(text);
  OPENSSL_free(text);
  BN_free(number);
  return out;
}

}  // namespace

struct Authority::Impl {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate = make_certificate(key.get(), "Menshen test authority", 1);
};

Authority::Authority() : impl_(std::make_unique<Impl>()) {
  std::string name = (std::filesystem::temp_directory_path() / "menshen_tls_XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  file_ = folder_ / "authority.pem";
  X509_set_issuer_name(impl_->certificate.get(), X509_get_subject_name(impl_->certificate.get()));
  add_extension(impl_->certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  check(X509_sign(impl_->certificate.get(), impl_->key.get(), EVP_sha256()) > 0);
  write_certificate(file_, impl_->certificate.get());
}

Authority::~Authority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

CertificateFiles Authority::issue(const std::string& name, const std::string& alternative_name,
                                  int days) const {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = make_certificate(key.get(), "menshen test", days);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(impl_->certificate.get()));
  add_extension(certificate.get(), NID_subject_alt_name, alternative_name);
  check(X509_sign(certificate.get(), impl_->key.get(), EVP_sha256()) > 0);
  CertificateFiles files{folder_ / (name + ".pem"), folder_ / (name + ".key")};
  write_certificate(files.certificate, certificate.get());
  const std::unique_ptr<BIO, Free> bio(BIO_new_file(files.key.c_str(), "w"));
  check(bio != nullptr &&
        PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return files;
}

TlsClient::TlsClient(const std::filesystem::path& ca) : context_(asio::ssl::context::tls_client) {
  context_.load_verify_file(ca.string());
  context_.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_session_cache_mode(context_.native_handle(), SSL_SESS_CACHE_CLIENT);
}

TlsClient::~TlsClient() { SSL_SESSION_free(session_); }

TlsAnswer TlsClient::ask(std::uint16_t port, std::string_view request, std::string_view alpn) {
  TlsAnswer answer;
  asio::io_context io;
  asio::ssl::stream<tcp::socket> stream(io, context_);
  stream.next_layer().connect({asio::ip::make_address_v4("127.0.0.1"), port});
  const std::string wire = std::string(1, static_cast<char>(alpn.size())) + std::string(alpn);
  SSL_set_alpn_protos(stream.native_handle(), reinterpret_cast<const unsigned char*>(wire.data()),
                      static_cast<unsigned int>(wire.size()));
  if (session_ != nullptr) SSL_set_session(stream.native_handle(), session_);
  error_code error;
  stream.handshake(asio::ssl::stream_base::client, error);
  if (error) {
    answer.error = error.message();
    return answer;
  }
  asio::write(stream, asio::buffer(request), error);
  asio::read(stream, asio::dynamic_buffer(answer.bytes), error);
  answer.truncated = error != asio::error::eof;
  answer.protocol = SSL_get_version(stream.native_handle());
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(stream.native_handle(), &chosen, &size);
  if (size > 0) answer.alpn.assign(reinterpret_cast<const char*>(chosen), size);
  answer.serial = serial_of(SSL_get0_peer_certificate(stream.native_handle()));
  answer.resumed = SSL_session_reused(stream.native_handle()) == 1;
  SSL_SESSION_free(session_);
  session_ = SSL_get1_session(stream.native_handle());
  // Freeing a connection that has not said goodbye spoils its session.
  SSL_set_shutdown(stream.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  return answer;
}

ScriptedUpstream::Script tls_answering(const CertificateFiles& files, std::string answer,
                                       std::string* server_name,
                                       const std::filesystem::path& client_ca) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain_file(files.certificate.string());
  context->use_private_key_file(files.key.string(), asio::ssl::context::pem);
  if (!client_ca.empty()) {
    context->load_verify_file(client_ca.string());
    context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  return [context, answer, server_name](RawSocket& raw) {
    asio::ssl::stream<tcp::socket&> stream(raw.socket(), *context);
    error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    if (error) return;
    if (server_name != nullptr) {
      const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
      *server_name = name == nullptr ? "" : name;
    }
    std::string request;
    asio::read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", error);
    asio::write(stream, asio::buffer(answer), error);
  };
}

}  // namespace menshen::net::testing
