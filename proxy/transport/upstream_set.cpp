#include "proxy/transport/upstream_set.h"

#include "core/clock.h"
#include "core/digest.h"
#include "proxy/http/head.h"
#include "proxy/net/tls.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace menshen::transport {
namespace {

bool same(const config::Timeouts& a, const config::Timeouts& b) {
  return a.connect_ms == b.connect_ms && a.first_byte_ms == b.first_byte_ms &&
         a.idle_ms == b.idle_ms && a.keep_alive_ms == b.keep_alive_ms;
}

bool same(const std::optional<config::Health>& a, const std::optional<config::Health>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->path == b->path && a->interval_ms == b->interval_ms && a->timeout_ms == b->timeout_ms;
}

bool same(const std::optional<config::Secret>& a, const std::optional<config::Secret>& b) {
  return a.has_value() == b.has_value() && (!a || a->reveal() == b->reveal());
}

bool same(const std::optional<config::ProxyServer>& a,
          const std::optional<config::ProxyServer>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->host == b->host && a->port == b->port && same(a->credential, b->credential);
}

bool same_header(const config::FixedHeader& a, const config::FixedHeader& b) {
  return a.name == b.name && a.is_secret == b.is_secret && a.value.reveal() == b.value.reveal();
}

bool same(const config::Upstream& a, const config::Upstream& b) {
  return a.name == b.name && a.url.tls == b.url.tls && a.url.host == b.url.host &&
         a.url.port == b.url.port && a.url.prefix == b.url.prefix && a.apis == b.apis &&
         a.zone == b.zone && same(a.credential, b.credential) && same(a.proxy, b.proxy) &&
         std::ranges::equal(a.headers, b.headers, same_header) && same(a.timeouts, b.timeouts) &&
         a.retries == b.retries && a.breaker.failures == b.breaker.failures &&
         a.breaker.open_ms == b.breaker.open_ms && same(a.health, b.health);
}

// An upstream with files of its own is made anew, because they may have changed.
std::shared_ptr<Upstream> find_same(const UpstreamTable& table, const config::Upstream& wanted) {
  if (!wanted.ca.empty() || wanted.client_certificate) return nullptr;
  const auto found = std::ranges::find_if(
      table.upstreams, [&](const auto& upstream) { return same(upstream->options, wanted); });
  return found == table.upstreams.end() ? nullptr : *found;
}

std::shared_ptr<UpstreamCounts> counts_of(const UpstreamTable& table, const std::string& name) {
  const auto found = std::ranges::find_if(
      table.upstreams, [&](const auto& upstream) { return upstream->options.name == name; });
  return found == table.upstreams.end() ? std::make_shared<UpstreamCounts>() : (*found)->counts;
}

core::Result<std::shared_ptr<boost::asio::ssl::context>> make_upstream_context(
    const config::Upstream& options) {
  net::ClientTls files{.ca = options.ca};
  if (options.client_certificate) {
    files.certificate = options.client_certificate->certificate;
    files.key = options.client_certificate->key;
  }
  return net::make_client_context(files);
}

}  // namespace

core::Result<void> check_certificates(const config::Upstream& options) {
  if (auto context = make_upstream_context(options); !context) return context.error();
  return {};
}

Upstream::Upstream(std::uint32_t number, config::Upstream configured,
                   std::shared_ptr<UpstreamCounts> counted, OnUpstreamChange told)
    : id(number),
      options(std::move(configured)),
      host_header(net::authority(options.url.host, options.url.port, options.url.tls)),
      target{.host = options.url.host, .port = options.url.port},
      breaker(options.breaker),
      counts(std::move(counted)),
      on_change(std::move(told)) {
  if (options.credential) secrets.push_back(options.credential->reveal());
  for (const config::FixedHeader& header : options.headers) {
    fixed_fields += header.name + ": " + header.value.reveal() + "\r\n";
    if (header.is_secret) secrets.push_back(header.value.reveal());
  }
  if (!options.proxy) return;
  target.proxy = net::Proxy{.host = options.proxy->host, .port = options.proxy->port};
  if (!options.proxy->credential) return;
  const std::string& credential = options.proxy->credential->reveal();
  const std::string encoded = core::to_base64(credential);
  target.proxy->authorization = "Basic " + encoded;
  secrets.insert(secrets.end(), {credential, encoded});
}

void Upstream::report(Breaker::Permit permit, Breaker::Outcome outcome,
                      std::string_view cause) noexcept {
  const auto change = breaker.report(permit, outcome, core::system_clock().monotonic_ns());
  if (change == Breaker::Change::none || !on_change) return;
  try {
    const bool up = change == Breaker::Change::closed;
    const std::string reason = up ? "a call succeeded"
                                  : std::to_string(options.breaker.failures) +
                                        " calls in a row failed, the last with " +
                                        std::string(cause);
    on_change({options.name, up, reason});
  } catch (const std::exception&) {
    // Out of memory: it is not told; the breaker knows.
  }
}

void Upstream::checked(bool is_healthy, std::string_view cause) noexcept {
  if (healthy.exchange(is_healthy) == is_healthy || !on_change) return;
  try {
    const std::string reason = is_healthy ? "its health check succeeded"
                                          : "its health check failed: " + std::string(cause);
    on_change({options.name, is_healthy, reason});
  } catch (const std::exception&) {
    // As above.
  }
}

std::shared_ptr<Upstream> UpstreamTable::find(std::uint32_t id) const noexcept {
  const auto found =
      std::ranges::find_if(upstreams, [id](const auto& upstream) { return upstream->id == id; });
  return found == upstreams.end() ? nullptr : *found;
}

core::Result<std::shared_ptr<UpstreamSet>> UpstreamSet::create(
    const std::vector<config::Upstream>& upstreams, const std::vector<config::Route>& routes,
    OnUpstreamChange on_change) {
  auto set = std::make_shared<UpstreamSet>();
  set->on_change_ = std::move(on_change);
  auto table = set->make(upstreams, routes);
  if (!table) return table.error();
  set->put(std::move(*table));
  return set;
}

core::Result<std::shared_ptr<Upstream>> UpstreamSet::make_upstream(
    const config::Upstream& options) {
  if (options.credential && !http::is_valid_field("authorization", options.credential->reveal())) {
    return core::gateway_error(core::ErrorKind::invalid_config, "bad_credential",
                               "The credential has characters that a header cannot carry.",
                               "upstreams." + options.name + ".credential");
  }
  auto upstream =
      std::make_shared<Upstream>(next_id_++, options, counts_of(*table_, options.name), on_change_);
  if (options.url.tls) {
    auto tls = make_upstream_context(options);
    if (!tls) return tls.error();
    upstream->target.tls = std::move(*tls);
  }
  return upstream;
}

core::Result<std::shared_ptr<const UpstreamTable>> UpstreamSet::make(
    const std::vector<config::Upstream>& upstreams, const std::vector<config::Route>& routes) {
  const std::lock_guard lock(mutex_);
  auto table = std::make_shared<UpstreamTable>();
  table->generation = ++generation_;
  for (const auto& options : upstreams) {
    auto upstream = find_same(*table_, options);
    if (upstream == nullptr) {
      auto made = make_upstream(options);
      if (!made) return made.error();
      upstream = std::move(*made);
    }
    table->upstreams.push_back(std::move(upstream));
  }
  table->routes = RouteTable(upstreams, routes);
  return std::shared_ptr<const UpstreamTable>(std::move(table));
}

void UpstreamSet::put(std::shared_ptr<const UpstreamTable> table) {
  const std::lock_guard lock(mutex_);
  table_ = std::move(table);
}

std::shared_ptr<const UpstreamTable> UpstreamSet::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

std::vector<UpstreamStatus> UpstreamSet::status() const {
  const auto now = core::system_clock().monotonic_ns();
  const auto current = table();
  std::vector<UpstreamStatus> out;
  for (const auto& upstream : current->upstreams) {
    const Upstream& u = *upstream;
    out.push_back({u.options.name, u.options.zone, u.breaker.state(now), u.healthy, u.counts});
  }
  return out;
}

}  // namespace menshen::transport
