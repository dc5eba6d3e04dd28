// Connections through an HTTP proxy, and to servers that ask who calls.
#include "proxy/net/client.h"
#include "proxy/net/testing_tls.h"
#include "proxy/net/tls.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::net {
namespace {

using testing::Authority;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawSocket;
using testing::ScriptedUpstream;
using ::testing::StartsWith;

constexpr std::chrono::seconds patience{testing::patience_seconds};
constexpr std::string_view credential = "Basic dXNlcjpwYXNzd29yZA==";

using Answer = core::Result<http::Reply>;

Answer ask(const Target& target, std::chrono::milliseconds time = patience) {
  asio::io_context io{1};
  Answer answer{core::Error{}};
  const Request request{.target = "/through"};
  const Bounds bounds{.time = time};
  asio::co_spawn(io, fetch(target, request, bounds),
                 [&answer](const std::exception_ptr& thrown, Answer got) {
                   EXPECT_FALSE(thrown);
                   answer = std::move(got);
                 });
  io.run();
  return answer;
}

std::string told(const Answer& answer) {
  return answer ? "answered " + answer->body : answer.error().code + ": " + answer.error().message;
}

Target behind(const ScriptedUpstream& proxy, std::uint16_t port = 8443) {
  Target target{.host = "provider.invalid", .port = port};
  target.proxy = Proxy{.host = "127.0.0.1", .port = proxy.port()};
  return target;
}

// Answers CONNECT, and then what is asked through the tunnel.
ScriptedUpstream::Script tunnelling(std::string greeting, ScriptedUpstream::Script then,
                                    std::string* asked = nullptr) {
  return [greeting = std::move(greeting), then = std::move(then), asked](RawSocket& socket) {
    const std::string connect = socket.read_message();
    if (asked != nullptr) *asked = connect;
    socket.write(greeting);
    then(socket);
  };
}

const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";

TEST(ThroughAProxy, APlainServerIsAskedInATunnel) {
  std::string connect;
  std::string asked;
  const ScriptedUpstream proxy(tunnelling(
      established,
      [&asked](RawSocket& socket) {
        asked = socket.read_message();
        socket.write(testing::http_answer("hi"));
      },
      &connect));
  Target target = behind(proxy);
  target.proxy->authorization = credential;
  EXPECT_EQ(told(ask(target)), "answered hi");
  EXPECT_EQ(connect,
            "CONNECT provider.invalid:8443 HTTP/1.1\r\nhost: provider.invalid:8443\r\n"
            "proxy-authorization: " +
                std::string(credential) + "\r\n\r\n");
  EXPECT_THAT(asked, StartsWith("GET /through HTTP/1.1\r\nhost: provider.invalid:8443\r\n"));
  EXPECT_THAT(asked, Not(HasSubstr("proxy-authorization")));
}

TEST(ThroughAProxy, WithoutACredentialNoneIsSent) {
  std::string connect;
  const ScriptedUpstream proxy(tunnelling(
      "HTTP/1.0 200 OK\r\n\r\n",
      [](RawSocket& socket) {
        socket.read_message();
        socket.write(testing::http_answer("hi"));
      },
      &connect));
  Target target = behind(proxy);
  target.host = "2001:db8::1";
  EXPECT_EQ(told(ask(target)), "answered hi");
  EXPECT_EQ(connect, "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nhost: [2001:db8::1]:8443\r\n\r\n");
}

TEST(ThroughAProxy, TlsIsWithTheServerAndNotWithTheProxy) {
  const Authority authority;
  const auto context = make_client_context({.ca = authority.file()});
  ASSERT_TRUE(context);
  const auto through = [&](const std::string& name) {
    const ScriptedUpstream proxy(
        tunnelling(established,
                   testing::tls_answering(authority.issue("u", name), testing::http_answer("hi"))));
    Target target = behind(proxy);
    target.tls = *context;
    return told(ask(target));
  };
  EXPECT_EQ(through("DNS:provider.invalid"), "answered hi");
  EXPECT_THAT(through("IP:127.0.0.1"), HasSubstr("certificate"));
}

TEST(ThroughAProxy, WhateverIsNoTunnelIsRefusedAndSaid) {
  const auto greeted = [](const std::string& greeting) {
    const ScriptedUpstream proxy(
        tunnelling(greeting, [](RawSocket& socket) { socket.shutdown_send(); }));
    Target target = behind(proxy);
    target.proxy->authorization = credential;
    const Answer answer = ask(target);
    EXPECT_THAT(told(answer), Not(HasSubstr("dXNlcjpw")));
    return told(answer);
  };
  const std::string begin = "fetch_failed: provider.invalid port 8443 is behind a proxy that ";
  EXPECT_EQ(greeted("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"),
            begin + "answers 407.");
  EXPECT_EQ(greeted("HTTP/1.1 302 Found\r\nlocation: http://dXNlcjpw\r\n\r\n"),
            begin + "answers 302.");
  EXPECT_EQ(greeted(established + "x"), begin + "sends bytes that nobody asked for.");
  EXPECT_EQ(greeted(""), begin + "closes the connection without an answer.");
  EXPECT_EQ(greeted("HTTP/1.1 200 OK\r\n"), begin + "closes the connection without an answer.");
  EXPECT_EQ(greeted("SSH-2.0\r\n\r\n"),
            begin + "gives an answer that is not HTTP as it should be.");
  EXPECT_EQ(greeted("HTTP/1.1 200 OK\r\nx: " + std::string(16 * 1024, 'y') + "\r\n\r\n"),
            begin + "gives an answer that is not HTTP as it should be.");
}

TEST(ThroughAProxy, ThatIsNotThereOrIsSilent) {
  Target target{.host = "127.0.0.1", .port = 9};
  {
    const ScriptedUpstream gone([](RawSocket&) {});
    target.proxy = Proxy{.host = "127.0.0.1", .port = gone.port()};
  }
  EXPECT_THAT(told(ask(target)), HasSubstr("is behind a proxy that refuses connections."));
  target.proxy->host = "no-such-host.invalid";
  EXPECT_THAT(told(ask(target)), HasSubstr("has a name that cannot be resolved."));
  const ScriptedUpstream silent([](RawSocket& socket) { socket.read_to_end(); });
  EXPECT_THAT(told(ask(behind(silent), std::chrono::milliseconds(150))),
              StartsWith("fetch_timeout: provider.invalid port 8443 "));
}

TEST(ClientCertificate, IsShownToAServerThatAsks) {
  const Authority authority;
  const auto own = authority.issue("client", "DNS:gateway");
  const auto server = authority.issue("server", "DNS:localhost");
  const auto asked_with = [&](const ClientTls& files) {
    const auto context = make_client_context(files);
    if (!context) return context.error().code;
    const ScriptedUpstream asking(
        testing::tls_answering(server, testing::http_answer("hi"), nullptr, authority.file()));
    return told(ask({.host = "localhost", .port = asking.port(), .tls = *context}));
  };
  EXPECT_EQ(asked_with({.ca = authority.file(), .certificate = own.certificate, .key = own.key}),
            "answered hi");
  EXPECT_THAT(asked_with({.ca = authority.file()}), StartsWith("fetch_failed"));
  const Authority stranger;
  const auto foreign = stranger.issue("client", "DNS:gateway");
  EXPECT_THAT(
      asked_with({.ca = authority.file(), .certificate = foreign.certificate, .key = foreign.key}),
      StartsWith("fetch_failed"));
  EXPECT_EQ(
      asked_with({.ca = authority.file(), .certificate = own.certificate, .key = foreign.key}),
      "tls_key");
  EXPECT_EQ(asked_with({.ca = authority.file(),
                        .certificate = authority.folder() / "absent.pem",
                        .key = own.key}),
            "tls_certificate");
}

}  // namespace
}  // namespace menshen::net
