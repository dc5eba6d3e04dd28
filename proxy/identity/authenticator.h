// One way of knowing who calls: a link of the identity chain (chain.h).
//
// A link looks at what a request presents and answers one of three things:
//
//   a subject    it knows the caller
//   nullopt      the credential is not of its kind: the next link is asked
//   an error     the credential is of its kind, and bad (401) or cannot be checked now (503): the
//                exchange is refused, and no later link is asked (law 2)
//
// A stranger may ask as often as he likes, so what is not its own, and what it does not know, a
// link answers from memory: no disk, no call, no lock that waits. What it has to fetch (keys of an
// issuer, say) it fetches for itself, within a time of its own.
#pragma once

#include "core/error.h"
#include "core/exchange.h"
#include "proxy/http/message.h"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace menshen::identity {

// What a request presents. Views into its head.
struct Presented {
  std::string_view credential;  // of `authorization: Bearer`, `x-api-key` or `api-key`; empty: none
  const http::Headers& headers;
};

class Authenticator {
 public:
  using Answer = core::Result<std::optional<core::Subject>>;
  virtual ~Authenticator() = default;

  // Called from every I/O thread at once. `presented` lives until the answer is there. No message
  // repeats a credential.
  virtual boost::asio::awaitable<Answer> authenticate(const Presented& presented) = 0;
  // Why it can check no credential at present; empty: it can. Any thread.
  [[nodiscard]] virtual std::string problem() const { return {}; }
};

}  // namespace menshen::identity
