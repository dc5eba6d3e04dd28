// The providers and the routes to them, as all threads share them: options, TLS, breakers, health,
// counts.
//
//   auto set = UpstreamSet::create(config.upstreams, config.routes);
//   if (!set) return report(set.error());
//   for (const auto& status : (*set)->status()) export_metrics(status);
//
// Thread-safe. An upstream that was once configured keeps its number and its texts until the
// process ends, so that an exchange that began before a reload can end after it.
#pragma once

#include "core/error.h"
#include "proxy/config/config.h"
#include "proxy/protocol/endpoint.h"
#include "proxy/transport/breaker.h"
#include "proxy/transport/routing.h"

#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::transport {

// One provider. Texts do not change; the atomics are for all threads.
struct Upstream {
  Upstream(std::uint32_t number, config::Upstream configured);

  std::uint32_t id;
  config::Upstream options;
  std::string host_header;
  std::shared_ptr<boost::asio::ssl::context> tls;  // null: plain
  Breaker breaker;
  std::atomic<bool> healthy{true};  // what the active checks say
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> failures{0};
  std::atomic<std::uint64_t> connects{0};
  std::atomic<std::uint64_t> stale_connections{0};  // reused, found closed, replaced
  std::atomic<std::int64_t> in_flight{0};
  std::atomic<std::int64_t> idle_connections{0};

  [[nodiscard]] bool serves(protocol::Family family) const noexcept {
    return family == protocol::Family::openai ? options.openai : options.anthropic;
  }
  [[nodiscard]] bool available(std::int64_t now_ns) const noexcept {
    return healthy.load(std::memory_order_relaxed) && breaker.available(now_ns);
  }
};

struct UpstreamStatus {
  std::string name;
  std::string zone;
  Breaker::State breaker = Breaker::State::closed;
  bool healthy = true;
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;
  std::uint64_t connects = 0;
  std::uint64_t stale_connections = 0;
  std::int64_t in_flight = 0;
  std::int64_t idle_connections = 0;
};

// What a thread works with between two reloads.
struct UpstreamTable {
  std::vector<std::shared_ptr<Upstream>> upstreams;  // by number, former ones included
  std::vector<std::uint32_t> active;                 // by index in the configuration
  RouteTable routes;
};

class UpstreamSet {
 public:
  // Errors: invalid_config, when a CA file does not load or a credential cannot stand in a header.
  static core::Result<std::shared_ptr<UpstreamSet>> create(
      const std::vector<config::Upstream>& upstreams, const std::vector<config::Route>& routes);

  // Replaces upstreams and routes; running calls go on. An upstream whose options are unchanged
  // keeps its number, breaker and connections. After an error everything stays as it was.
  core::Result<void> reload(const std::vector<config::Upstream>& upstreams,
                            const std::vector<config::Route>& routes);

  // The upstreams of the present configuration, in its order.
  [[nodiscard]] std::vector<UpstreamStatus> status() const;

  [[nodiscard]] std::shared_ptr<const UpstreamTable> table() const;
  // Changes whenever table() does; cheap to look at.
  [[nodiscard]] std::uint64_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const UpstreamTable> table_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace menshen::transport
