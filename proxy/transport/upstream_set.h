// The providers and the routes to them, as all threads share them: options, TLS, breakers, health,
// counts.
//
//   auto set = UpstreamSet::create(config.upstreams, config.routes);
//   if (!set) return report(set.error());
//   serve((*set)->table());                                       // the routes of exchanges
//   if (auto table = (*set)->make(changed.upstreams, changed.routes)) (*set)->put(*table);
//
// Thread-safe. A former table lives as long as the last exchange that began with it.
#pragma once

#include "core/error.h"
#include "proxy/config/config.h"
#include "proxy/net/connector.h"
#include "proxy/pipeline/upstream.h"
#include "proxy/transport/breaker.h"
#include "proxy/transport/routing.h"
#include "proxy/transport/upstream_counts.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::transport {

// An upstream that may not be called any more, or may be again, and why: codes and counts alone.
struct UpstreamChange {
  std::string_view upstream;
  bool up = false;
  std::string_view reason;
};
// Told once of each change, on the thread that saw it: quick.
using OnUpstreamChange = std::function<void(const UpstreamChange&)>;

// One provider. Texts do not change; the atomics are for all threads.
struct Upstream {
  // `counted` may be that of a former upstream of this name; `told` may be empty.
  Upstream(std::uint32_t number, config::Upstream configured,
           std::shared_ptr<UpstreamCounts> counted, OnUpstreamChange told);

  std::uint32_t id;  // no other upstream of the process ever has it
  config::Upstream options;
  std::string host_header;
  net::Target target;
  std::string fixed_fields;          // lines of a head
  std::vector<std::string> secrets;  // that nothing which comes from there may repeat
  Breaker breaker;
  std::atomic<bool> healthy{true};  // what the active checks say
  std::shared_ptr<UpstreamCounts> counts;
  OnUpstreamChange on_change;

  // Tells the breaker how a call ended; `cause`, of a failure, is a code.
  void report(Breaker::Permit permit, Breaker::Outcome outcome, std::string_view cause) noexcept;
  // What an active check says; `cause`, if it is not healthy, is why.
  void checked(bool is_healthy, std::string_view cause) noexcept;

  [[nodiscard]] bool available(std::int64_t now_ns) const noexcept {
    return healthy.load(std::memory_order_relaxed) && breaker.available(now_ns);
  }
};

struct UpstreamStatus {
  std::string name;
  std::string zone;
  Breaker::State breaker = Breaker::State::closed;
  bool healthy = true;
  std::shared_ptr<const UpstreamCounts> counts;  // never null
};

// What is made of one configuration.
struct UpstreamTable final : pipeline::Routes {
  [[nodiscard]] std::shared_ptr<Upstream> find(std::uint32_t id) const noexcept;

  std::uint64_t generation = 0;                      // higher than that of any table made before
  std::vector<std::shared_ptr<Upstream>> upstreams;  // by index in the configuration
  RouteTable routes;
};

// Whether the certificates that an upstream is given can be used. Errors: "tls_ca",
// "tls_certificate", "tls_key".
[[nodiscard]] core::Result<void> check_certificates(const config::Upstream& options);

class UpstreamSet {
 public:
  // With a table in force. Errors as of make().
  static core::Result<std::shared_ptr<UpstreamSet>> create(
      const std::vector<config::Upstream>& upstreams, const std::vector<config::Route>& routes,
      OnUpstreamChange on_change = {});

  // A table that is not in force yet. An upstream whose options are those of the table in force is
  // that one, with its breaker and connections; one of the same name goes on with its counts.
  // Errors: invalid_config, when a CA file does not load or a credential cannot stand in a header.
  core::Result<std::shared_ptr<const UpstreamTable>> make(
      const std::vector<config::Upstream>& upstreams, const std::vector<config::Route>& routes);

  // From now on health is checked for these, and status() is theirs.
  void put(std::shared_ptr<const UpstreamTable> table);
  [[nodiscard]] std::shared_ptr<const UpstreamTable> table() const;

  // The upstreams of the table in force, in its order.
  [[nodiscard]] std::vector<UpstreamStatus> status() const;

 private:
  [[nodiscard]] core::Result<std::shared_ptr<Upstream>> make_upstream(
      const config::Upstream& options);

  OnUpstreamChange on_change_;
  mutable std::mutex mutex_;
  std::shared_ptr<const UpstreamTable> table_ = std::make_shared<UpstreamTable>();
  std::uint64_t generation_ = 0;
  std::uint32_t next_id_ = 0;
};

}  // namespace menshen::transport
