// Who calls: the links of the configuration's `identity.chain`, asked in its order, until one knows
// the caller or refuses him.
//
//   std::vector<std::unique_ptr<Authenticator>> links;
//   links.push_back(api_keys(std::move(cache)));
//   const Chain chain(std::move(links));
//   core::Result<core::Subject> subject = co_await chain.identify(request_head);
//
// For any thread; outlives the exchanges that it identifies.
#pragma once

#include "core/error.h"
#include "core/exchange.h"
#include "proxy/http/message.h"
#include "proxy/identity/authenticator.h"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace menshen::identity {

class Chain {
 public:
  explicit Chain(std::vector<std::unique_ptr<Authenticator>> links) : links_(std::move(links)) {}

  // `head` lives until the answer is there. Errors: those of the links; 400
  // "conflicting_credentials" when two headers have different ones; 401 "missing_api_key" when
  // there is nothing that a link knows, "malformed_api_key" when there is a credential of no kind
  // that a link knows.
  [[nodiscard]] boost::asio::awaitable<core::Result<core::Subject>> identify(
      const http::RequestHead& head) const;
  // Why a link can check no credential at present, the first such; empty: all can. Any thread.
  [[nodiscard]] std::string problem() const;

 private:
  std::vector<std::unique_ptr<Authenticator>> links_;
};

}  // namespace menshen::identity
