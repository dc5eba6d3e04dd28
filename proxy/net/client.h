// One request of the gateway's own to somebody else, outside the life of an exchange: keys of an
// issuer, a webhook, a witness, a gateway that is asked for its health.
//
//   const Target target{.host = "issuer.example", .port = 443, .tls = context};
//   const Request request{.target = "/keys"};
//   const auto answer = co_await fetch(target, request, bounds);   // core::Result<http::Reply>
//   if (!answer || answer->head.status != 200) ...
//
// On any executor of one thread; its parameters must live until it has ended. Each call has a
// connection of its own: those who call are rare, and no state outlives a call. What a status
// means, 3xx included, is for the caller: no redirect is followed.
#pragma once

#include "core/error.h"
#include "proxy/http/message.h"
#include "proxy/net/connector.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace menshen::net {

struct Request {
  std::string method = "GET";
  std::string target = "/";  // path and query
  // Without host, connection, accept-encoding, user-agent and framing, which fetch() writes.
  http::Headers headers = {};
  std::string body = {};
};

struct Bounds {
  std::chrono::milliseconds time{10'000};  // from the look-up of the name to the last byte
  std::uint32_t head_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
};

// The whole answer, decoded from chunks. Errors name host, port and cause, and nothing of the
// request: bad_upstream "fetch_failed" (unresolved, refused, a certificate that is not good, cut
// off, no HTTP, past a bound), upstream_timeout "fetch_timeout", cancelled, and internal
// "bad_request_header" for a request that cannot be written.
asio::awaitable<core::Result<http::Reply>> fetch(const Target& target, const Request& request,
                                                 const Bounds& bounds);

}  // namespace menshen::net
