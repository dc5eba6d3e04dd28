// TLS towards clients and upstreams: who is trusted, which versions, resumption, reload.
#include "proxy/transport/server.h"
#include "proxy/net/testing_tls.h"
#include "proxy/transport/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace menshen::transport {
namespace {

using testing::Authority;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::RawSocket;
using testing::ScriptedUpstream;
using ::testing::StartsWith;
using testing::TlsClient;

constexpr std::string_view one_request = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

// Answers with 1 MiB, so that records are many.
asio::awaitable<void> answer_long(http::Transaction& client) {
  auto body = co_await client.read_body();
  if (!body) co_return;
  http::ResponseHead head{200, {}};
  std::ignore = co_await client.send(std::move(head), std::string(1 << 20, 'x') + *body);
}

std::unique_ptr<Server> serve_tls(const config::Tls& tls, const core::Limits& limits = {}) {
  auto options = testing::options();
  options.listen.tls = tls;
  options.limits = limits;
  auto server =
      Server::start(std::move(options), [](const asio::any_io_executor&, pipeline::Upstreams&) {
        return Server::Handler(answer_long);
      });
  EXPECT_TRUE(server) << to_string(server.error());
  return std::move(*server);
}

class ServerTls : public ::testing::Test {
 protected:
  Authority authority;
  testing::CertificateFiles files = authority.issue("server", "DNS:localhost");
  config::Tls tls{files.certificate, files.key, config::TlsVersion::tls1_2};
};

TEST_F(ServerTls, Answers) {
  const auto server = serve_tls(tls);
  TlsClient client(authority.file());
  const auto answer = client.ask(server->port(), one_request);
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.protocol, "TLSv1.3");
  EXPECT_EQ(answer.alpn, "http/1.1");
  EXPECT_THAT(answer.bytes, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer.bytes, EndsWith(std::string(1 << 20, 'x')));
  EXPECT_FALSE(answer.truncated);
}

// A client of OpenSSL's own, which can say goodbye and go on to read.
class PlainTls {
 public:
  PlainTls(TlsClient& trusting, std::uint16_t port)
      : raw_(port), handle_(SSL_new(trusting.context().native_handle())) {
    SSL_set_fd(handle_, raw_.socket().native_handle());
    EXPECT_EQ(SSL_connect(handle_), 1);
  }
  PlainTls(const PlainTls&) = delete;
  PlainTls& operator=(const PlainTls&) = delete;
  ~PlainTls() { SSL_free(handle_); }

  void write(std::string_view text) {
    EXPECT_EQ(SSL_write(handle_, text.data(), static_cast<int>(text.size())),
              static_cast<int>(text.size()));
  }
  void say_goodbye() { EXPECT_EQ(SSL_shutdown(handle_), 0); }
  void leave() { raw_.close_with_reset(); }
  // What comes until it ends so, or the server does.
  std::string read_until(std::string_view end) {
    std::string text;
    char byte = 0;
    while (!text.ends_with(end) && SSL_read(handle_, &byte, 1) == 1) text.push_back(byte);
    return text;
  }

 private:
  RawSocket raw_;
  SSL* handle_;
};

TEST_F(ServerTls, AClientThatSaysGoodbyeIsAnsweredAsLongAsItListens) {
  testing::Signal ended;
  testing::Turn told;
  auto options = testing::options();
  options.listen.tls = tls;
  const Server::Handler handler = [&](http::Transaction& client) -> asio::awaitable<void> {
    if (co_await told.wait())
      std::ignore = co_await client.send({200, {}}, "heard");
    else
      ended.set();
  };
  const auto server =
      Server::start(std::move(options),
                    [&](const asio::any_io_executor&, pipeline::Upstreams&) { return handler; });
  ASSERT_TRUE(server);
  TlsClient trusting(authority.file());
  for (const bool leaves : {true, false}) {
    PlainTls client(trusting, (*server)->port());
    client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    client.say_goodbye();
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    if (leaves) {
      client.leave();
      EXPECT_TRUE(ended.wait());
    } else {
      told.give();
      EXPECT_THAT(client.read_until("heard"), EndsWith("heard"));
    }
  }
}

TEST_F(ServerTls, TakesLargeBodies) {
  const auto server = serve_tls(tls);
  TlsClient client(authority.file());
  const std::string body(3'000'000, 'b');
  const auto answer = client.ask(server->port(), testing::post("/", body, "connection: close\r\n"));
  EXPECT_THAT(answer.bytes, EndsWith("x" + body));
}

TEST_F(ServerTls, ResumesSessions) {
  const auto server = serve_tls(tls);
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsClient client(authority.file());
    SSL_CTX_set_max_proto_version(client.context().native_handle(), version);
    EXPECT_FALSE(client.ask(server->port(), one_request).resumed);
    EXPECT_TRUE(client.ask(server->port(), one_request).resumed);
  }
}

TEST_F(ServerTls, RefusesOldVersionsAndWeakCiphers) {
  {
    const auto server = serve_tls(tls);
    TlsClient old(authority.file());
    SSL_CTX_set_min_proto_version(old.context().native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.context().native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(old.context().native_handle(), 0);
    EXPECT_NE(old.ask(server->port(), one_request).error, "");
    TlsClient weak(authority.file());
    SSL_CTX_set_max_proto_version(weak.context().native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(weak.context().native_handle(), "ECDHE-ECDSA-AES128-SHA:AES128-SHA");
    EXPECT_NE(weak.ask(server->port(), one_request).error, "");
    TlsClient good(authority.file());
    SSL_CTX_set_max_proto_version(good.context().native_handle(), TLS1_2_VERSION);
    EXPECT_EQ(good.ask(server->port(), one_request).protocol, "TLSv1.2");
    EXPECT_TRUE(testing::eventually([&] { return server->counters().tls_handshakes_failed == 2; }));
  }
  tls.min_version = config::TlsVersion::tls1_3;
  const auto server = serve_tls(tls);
  TlsClient client(authority.file());
  SSL_CTX_set_max_proto_version(client.context().native_handle(), TLS1_2_VERSION);
  EXPECT_NE(client.ask(server->port(), one_request).error, "");
}

TEST_F(ServerTls, RefusesOtherProtocols) {
  const auto server = serve_tls(tls);
  TlsClient client(authority.file());
  EXPECT_NE(client.ask(server->port(), one_request, "h2").error, "");
}

TEST_F(ServerTls, RefusesPlainText) {
  const auto server = serve_tls(tls);
  RawSocket client(server->port());
  client.write(one_request);
  EXPECT_THAT(client.read_to_end(), ::testing::Not(HasSubstr("HTTP/1.1")));
}

TEST_F(ServerTls, HandshakesHaveATimeout) {
  core::Limits limits;
  limits.tls_handshake_timeout_ms = 20;
  const auto server = serve_tls(tls, limits);
  RawSocket client(server->port());
  client.write(std::string_view("\x16\x03\x01", 3));
  client.read_to_end();
  EXPECT_TRUE(testing::eventually([&] { return server->counters().tls_handshakes_failed == 1; }));
  EXPECT_TRUE(testing::eventually([&] { return server->counters().connections_open == 0; }));

  limits.tls_handshake_timeout_ms = 86'400'000;
  const auto patient = serve_tls(tls, limits);
  TlsClient within(authority.file());
  EXPECT_EQ(within.ask(patient->port(), one_request).error, "");
}

TEST_F(ServerTls, ReloadsCertificates) {
  const auto server = serve_tls(tls);
  TlsClient client(authority.file());
  const auto before = client.ask(server->port(), one_request);
  std::ignore = authority.issue("server", "DNS:localhost");
  EXPECT_TRUE(server->reload_certificates());
  TlsClient next(authority.file());
  const auto after = next.ask(server->port(), one_request);
  EXPECT_EQ(after.error, "");
  EXPECT_NE(before.serial, after.serial);

  std::ofstream(files.certificate) << "not a certificate";
  const auto failed = server->reload_certificates();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "tls_certificate");
  EXPECT_EQ(failed.error().where, files.certificate.string());
  TlsClient still(authority.file());
  EXPECT_EQ(still.ask(server->port(), one_request).serial, after.serial);
}

// Why no server starts with these files.
core::Error refusal_of(const config::Tls& tls) {
  auto options = testing::options();
  options.listen.tls = tls;
  const auto server =
      Server::start(std::move(options), [](const asio::any_io_executor&, pipeline::Upstreams&) {
        return Server::Handler(answer_long);
      });
  if (server) throw std::runtime_error("the server started");
  return server.error();
}

TEST_F(ServerTls, RefusesAKeyOfAnotherCertificate) {
  tls.key = authority.issue("other", "DNS:localhost").key;
  const core::Error error = refusal_of(tls);
  EXPECT_EQ(error.code, "tls_key");
  EXPECT_EQ(error.kind, core::ErrorKind::invalid_config);
}

// Nobody is asked for a pass phrase, who might sit at a terminal or not.
TEST_F(ServerTls, RefusesAnEncryptedKey) {
  const std::string path = tls.key.string();
  std::FILE* file = std::fopen(path.c_str(), "r");
  EVP_PKEY* key = PEM_read_PrivateKey(file, nullptr, nullptr, nullptr);
  std::fclose(file);
  ASSERT_NE(key, nullptr);
  file = std::fopen(path.c_str(), "w");
  EXPECT_EQ(PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "abcd", 4, nullptr, nullptr),
            1);
  std::fclose(file);
  EVP_PKEY_free(key);
  const core::Error error = refusal_of(tls);
  EXPECT_EQ(error.code, "tls_key");
  EXPECT_NE(error.message.find("encrypted"), std::string::npos);
}

// --- Towards upstreams

class UpstreamTls : public ::testing::Test {
 protected:
  // The code of the error that a call ends with, or "ok".
  std::string call(const ScriptedUpstream& core, const std::string& host,
                   const std::filesystem::path& ca) {
    auto upstream = testing::upstream_at(core.port());
    upstream.url.tls = true;
    upstream.url.host = host;
    upstream.ca = ca;
    auto set = UpstreamSet::create({upstream}, {testing::route_to({"*"}, {{0, 1, ""}})});
    if (!set) return set.error().code;
    auto options = testing::options();
    options.upstreams = *set;
    const auto server = Server::start(
        std::move(options), [this, &set](const asio::any_io_executor&, pipeline::Upstreams& all) {
          return Server::Handler([this, &all, routes = (*set)->table()](http::Transaction& client) {
            return relay(client, all, routes);
          });
        });
    RawSocket client((*server)->port());
    client.write(one_request);
    client.read_to_end();
    return outcome;
  }

  asio::awaitable<void> relay(http::Transaction& client, pipeline::Upstreams& upstreams,
                              pipeline::RoutesPtr routes) {
    std::vector<pipeline::Target> targets;
    upstreams.route(routes, "m", protocol::likely_adapter({}), targets);
    const pipeline::UpstreamRequest get{"GET", "/", nullptr, {}, false};
    auto called = co_await upstreams.call(targets.front(), get);
    outcome = called ? "ok" : called.error().code;
    if (!called) message = called.error().message;
    if (called) {
      auto piece = co_await (*called)->read();
      body = piece ? std::string(*piece) : piece.error().code;
    }
    http::ResponseHead head{200, {}};
    std::ignore = co_await client.send(std::move(head), "");
  }

  Authority authority;
  std::string outcome;
  std::string message;
  std::string body;
};

TEST_F(UpstreamTls, VerifiesAndNamesTheHost) {
  std::string server_name;
  ScriptedUpstream core(testing::tls_answering(authority.issue("u", "DNS:localhost"),
                                               testing::http_answer("hi"), &server_name));
  EXPECT_EQ(call(core, "localhost", authority.file()), "ok") << message;
  EXPECT_EQ(body, "hi");
  EXPECT_EQ(server_name, "localhost");
}

TEST_F(UpstreamTls, VerifiesAddressesToo) {
  std::string server_name = "unset";
  ScriptedUpstream core(testing::tls_answering(authority.issue("u", "IP:127.0.0.1"),
                                               testing::http_answer("hi"), &server_name));
  EXPECT_EQ(call(core, "127.0.0.1", authority.file()), "ok") << message;
  EXPECT_EQ(server_name, "");  // RFC 6066: no address there
}

TEST_F(UpstreamTls, RefusesAnotherHost) {
  ScriptedUpstream core(
      testing::tls_answering(authority.issue("u", "DNS:example.org"), testing::http_answer("hi")));
  EXPECT_EQ(call(core, "localhost", authority.file()), "upstream_tls");
  EXPECT_EQ(message, "The upstream's certificate is refused: it is of another name.");
}

TEST_F(UpstreamTls, RefusesAnUnknownAuthority) {
  const Authority other;
  ScriptedUpstream core(
      testing::tls_answering(other.issue("u", "DNS:localhost"), testing::http_answer("hi")));
  EXPECT_EQ(call(core, "localhost", authority.file()), "upstream_tls");
  EXPECT_EQ(call(core, "localhost", {}),
            "upstream_tls");  // nor do the system's authorities know it
}

TEST_F(UpstreamTls, RefusesAnExpiredCertificate) {
  ScriptedUpstream core(testing::tls_answering(authority.issue("u", "DNS:localhost", -1),
                                               testing::http_answer("hi")));
  EXPECT_EQ(call(core, "localhost", authority.file()), "upstream_tls");
  EXPECT_THAT(message, HasSubstr("expired"));
}

TEST_F(UpstreamTls, RefusesPlainText) {
  ScriptedUpstream core([](RawSocket& socket) {
    socket.write(testing::http_answer("plain"));
    socket.read_to_end();
  });
  EXPECT_EQ(call(core, "localhost", authority.file()), "upstream_tls");
}

TEST_F(UpstreamTls, TellsATruncatedAnswerFromAWholeOne) {
  // Until the end of the connection, which comes without close_notify: an attacker may have cut it.
  ScriptedUpstream core(
      testing::tls_answering(authority.issue("u", "DNS:localhost"), "HTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_EQ(call(core, "localhost", authority.file()), "ok") << message;
  EXPECT_EQ(body, "upstream_closed");
}

TEST_F(UpstreamTls, NeedsReadableAuthorities) {
  ScriptedUpstream core([](RawSocket&) {});
  EXPECT_EQ(call(core, "localhost", authority.folder() / "absent.pem"), "tls_ca");
}

}  // namespace
}  // namespace menshen::transport
