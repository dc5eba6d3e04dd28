// Opens connections to upstreams: names resolved (and remembered for a while), addresses tried in
// turn, TLS verified, all under the upstream's connect timeout. One per thread.
//
//   auto opened = co_await connector.open(upstream);   // Result<std::shared_ptr<Channel>>
#pragma once

#include "core/error.h"
#include "proxy/transport/channel.h"
#include "proxy/transport/upstream_set.h"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace menshen::transport {

class Connector {
 public:
  Connector(asio::any_io_executor executor, Deadlines& deadlines)
      : executor_(executor), deadlines_(deadlines), resolver_(executor) {}

  // Errors, the provider's: bad_upstream "upstream_unresolved", "upstream_refused", "upstream_tls";
  // upstream_timeout "upstream_connect_timeout"; cancelled. Takes no longer than until `until`.
  using Clock = std::chrono::steady_clock;
  asio::awaitable<core::Result<std::shared_ptr<Channel>>> open(
      Upstream& upstream, Clock::time_point until = Clock::time_point::max());

 private:
  using Endpoints = std::vector<asio::ip::tcp::endpoint>;
  struct Lookup;
  struct Known {
    Endpoints endpoints;
    Clock::time_point until;
  };

  asio::awaitable<core::Result<Endpoints>> resolve(const Upstream& upstream,
                                                   Clock::time_point deadline);
  asio::awaitable<core::Result<std::shared_ptr<Channel>>> connect_any(const Endpoints& endpoints,
                                                                      Clock::time_point deadline);

  asio::any_io_executor executor_;
  Deadlines& deadlines_;
  asio::ip::tcp::resolver resolver_;
  std::unordered_map<std::uint32_t, Known> known_;  // by upstream
};

}  // namespace menshen::transport
