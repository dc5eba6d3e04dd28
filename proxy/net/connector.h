// Opens connections: names resolved (and remembered for a while), addresses tried in turn, through
// an HTTP proxy where there is one, TLS verified. One per thread.
//
//   const Target target{.host = "api.example.com", .port = 443, .tls = context};
//   const Opened opened = co_await connector.open(target, until);
//   if (opened.channel == nullptr) return told(opened.fault, opened.detail);
#pragma once

#include "proxy/net/channel.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace menshen::net {

// Host and port as a Host header names them: without the port where it is the usual one.
[[nodiscard]] std::string authority(const std::string& host, std::uint16_t port, bool tls);

// An HTTP proxy that is asked for a tunnel (CONNECT; RFC 9110, section 9.3.6). It resolves the
// target's name.
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization = {};  // value of the field proxy-authorization; empty: not sent
};

// Where a connection leads.
struct Target {
  std::string host;  // a name or an address; IPv6 without brackets
  std::uint16_t port = 0;
  std::shared_ptr<asio::ssl::context> tls = nullptr;  // null: plain
  std::optional<Proxy> proxy = {};
};

enum class ConnectFault : std::uint8_t {
  none,
  cancelled,
  timed_out,
  unresolved,  // the name is unknown
  refused,     // no address takes a connection
  tls,         // the handshake failed, or the certificate is not good
  proxy,       // the proxy cannot be reached, or gives no tunnel
};

struct Opened {
  std::shared_ptr<Channel> channel;  // null: there is none
  ConnectFault fault = ConnectFault::none;
  // Why the certificate is not good, or what the proxy does: "answers 407". Never a secret, nor a
  // host.
  std::string detail = {};
  std::string wrong_name = {};  // that the certificate should have: for operators
};

class Connector {
 public:
  using Clock = std::chrono::steady_clock;

  Connector(asio::any_io_executor executor, Deadlines& deadlines)
      : executor_(executor), deadlines_(deadlines), resolver_(executor) {}

  // Takes no longer than until `until`, TLS included. `target` must live until it has ended.
  asio::awaitable<Opened> open(const Target& target, Clock::time_point until);

 private:
  using Endpoints = std::vector<asio::ip::tcp::endpoint>;
  struct Lookup;
  struct Known {
    Endpoints endpoints;
    Clock::time_point until;
  };

  asio::awaitable<ConnectFault> resolve(const std::string& host, std::uint16_t port,
                                        Clock::time_point until, Endpoints& endpoints);
  asio::awaitable<Opened> connect_any(const Endpoints& endpoints, Clock::time_point until);
  // A tunnel through the channel, which leads to the proxy.
  asio::awaitable<Opened> tunnel(std::shared_ptr<Channel> channel, const Target& target,
                                 Clock::time_point until);
  asio::awaitable<Opened> secure(std::shared_ptr<Channel> channel, const Target& target,
                                 Clock::time_point until);
  void remember(const std::string& name, const Endpoints& endpoints);

  asio::any_io_executor executor_;
  Deadlines& deadlines_;
  asio::ip::tcp::resolver resolver_;
  std::unordered_map<std::string, Known> known_;  // by host and port
};

}  // namespace menshen::net
