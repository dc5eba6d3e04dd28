// Active health checks: a GET every interval to each upstream that asks for it. An upstream is
// taken out after two failures in a row and comes back with the next success. Runs on one thread of
// a server.
//
//   HealthChecks checks(executor, set, upstreams);
//   ... checks.stop();
#pragma once

#include "proxy/transport/thread_upstreams.h"
#include "proxy/transport/upstream_set.h"

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <unordered_map>

namespace menshen::transport {

class HealthChecks {
 public:
  HealthChecks(asio::any_io_executor executor, std::shared_ptr<UpstreamSet> set,
               ThreadUpstreams& upstreams);
  void stop();

  static constexpr unsigned failures_max = 2;

 private:
  struct State;
  static asio::awaitable<void> watch_table(std::shared_ptr<State> state);
  static asio::awaitable<void> check(std::shared_ptr<State> state,
                                     std::shared_ptr<Upstream> upstream);
  std::shared_ptr<State> state_;
};

}  // namespace menshen::transport
