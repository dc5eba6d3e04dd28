// pipeline::Upstreams of one I/O thread: routes, balances, and calls over its own pool of
// connections.
//
//   ThreadUpstreams upstreams(executor, limits, deadlines);
//   ... upstreams.close();   // before the event loop ends
#pragma once

#include "core/limits.h"
#include "proxy/pipeline/upstream.h"
#include "proxy/net/connector.h"
#include "proxy/transport/routing.h"
#include "proxy/transport/upstream_call.h"
#include "proxy/transport/upstream_pool.h"
#include "proxy/transport/upstream_set.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::transport {

namespace asio = boost::asio;

class ThreadUpstreams final : public pipeline::Upstreams {
 public:
  ThreadUpstreams(asio::any_io_executor executor, const core::Limits& limits,
                  net::Deadlines& deadlines);

  // `routes` is an UpstreamTable.
  bool route(const pipeline::RoutesPtr& routes, std::string_view model,
             const protocol::Adapter& adapter, std::vector<pipeline::Target>& targets) override;
  void listing_targets(const pipeline::RoutesPtr& routes, const protocol::Adapter& adapter,
                       std::vector<pipeline::Target>& targets) override;
  void named_models(const pipeline::RoutesPtr& routes, const protocol::Adapter& adapter,
                    std::vector<std::string>& names) override;
  asio::awaitable<core::Result<std::unique_ptr<pipeline::UpstreamCall>>> call(
      const pipeline::Target& target, const pipeline::UpstreamRequest& request) override;
  [[nodiscard]] unsigned retries(const pipeline::Target& target) const noexcept override;

  // One call outside breaker and balance, for health checks. `why`: of a failure, for operators
  // alone; a caller does not learn what upstreams are called.
  asio::awaitable<core::Result<std::unique_ptr<UpstreamAnswer>>> attempt(
      const std::shared_ptr<Upstream>& upstream, const protocol::Adapter& adapter,
      const pipeline::UpstreamRequest& request, std::string& why);

  // Closes the connections at rest.
  void close() { pool_->close(); }

 private:
  const core::Limits& limits_;
  net::Connector connector_;
  std::shared_ptr<UpstreamPool> pool_;
  Balance balance_;
  std::uint64_t generation_ = 0;      // of the newest table that was balanced over
  std::vector<std::uint32_t> order_;  // scratch
};

}  // namespace menshen::transport
