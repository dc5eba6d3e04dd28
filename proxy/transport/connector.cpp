#include "proxy/transport/connector.h"

#include <algorithm>
#include <utility>

namespace menshen::transport {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using core::ErrorKind;
using std::chrono::milliseconds;

constexpr std::size_t addresses_max = 4;
constexpr std::chrono::seconds remember{30};

core::Error refused(std::string code, std::string message) {
  return core::provider_error(ErrorKind::bad_upstream, std::move(code), std::move(message));
}

core::Error connect_error(Io io) {
  if (io == Io::cancelled) {
    return core::provider_error(ErrorKind::cancelled, "cancelled", "The exchange was cancelled.");
  }
  if (io == Io::timed_out) {
    return core::provider_error(ErrorKind::upstream_timeout, "upstream_connect_timeout",
                                "The upstream could not be reached in time.");
  }
  return refused("upstream_refused", "The upstream refuses connections.");
}

milliseconds left_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, milliseconds(1));
}

}  // namespace

// A running name lookup. getaddrinfo cannot be interrupted, so a waiter that gives up leaves it
// behind.
struct Connector::Lookup final : Deadlines::Entry {
  explicit Lookup(Deadlines& deadlines) : Entry(deadlines) {}
  void on_deadline() noexcept override {
    timed_out = true;
    event.notify();
  }
  Event event;
  Endpoints found;
  bool finished = false;
  bool timed_out = false;
};

asio::awaitable<core::Result<Connector::Endpoints>> Connector::resolve(const Upstream& upstream,
                                                                       Clock::time_point deadline) {
  const auto& url = upstream.options.url;
  error_code ec;
  if (const auto address = asio::ip::make_address(url.host, ec); !ec)
    co_return Endpoints{{address, url.port}};
  if (const auto known = known_.find(upstream.id);
      known != known_.end() && known->second.until > Clock::now()) {
    co_return known->second.endpoints;
  }
  auto lookup = std::make_shared<Lookup>(deadlines_);
  resolver_.async_resolve(
      url.host, std::to_string(url.port), tcp::resolver::numeric_service,
      [lookup](const error_code& error, const tcp::resolver::results_type& results) {
        if (!error) {
          for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
        }
        lookup->finished = true;
        lookup->event.notify();
      });
  lookup->expires_after(left_until(deadline));
  const bool woken = co_await lookup->event.wait();
  lookup->never_expires();
  if (!woken) co_return connect_error(Io::cancelled);
  if (!lookup->finished) co_return connect_error(Io::timed_out);
  if (lookup->found.empty()) {
    co_return refused("upstream_unresolved", "The name of the upstream cannot be resolved.");
  }
  lookup->found.resize(std::min(lookup->found.size(), addresses_max));
  known_[upstream.id] = {lookup->found, Clock::now() + remember};
  co_return std::move(lookup->found);
}

asio::awaitable<core::Result<std::shared_ptr<Channel>>> Connector::connect_any(
    const Endpoints& endpoints, Clock::time_point deadline) {
  Io io = Io::failed;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    auto channel = Channel::make(Channel::Socket(executor_), deadlines_);
    const auto share = left_until(deadline) / static_cast<long>(endpoints.size() - i);
    channel->expires_after(std::max(share, milliseconds(1)));
    io = co_await channel->connect(endpoints[i]);
    channel->never_expires();
    if (io == Io::ok) co_return channel;
    channel->close();
    if (io == Io::cancelled) break;
  }
  co_return connect_error(io);
}

asio::awaitable<core::Result<std::shared_ptr<Channel>>> Connector::open(Upstream& upstream,
                                                                        Clock::time_point until) {
  const auto deadline =
      std::min(until, Clock::now() + milliseconds(upstream.options.timeouts.connect_ms));
  const auto endpoints = co_await resolve(upstream, deadline);
  if (!endpoints) co_return endpoints.error();
  auto channel = co_await connect_any(*endpoints, deadline);
  if (!channel) {
    known_.erase(upstream.id);
    co_return channel.error();
  }
  ++upstream.connects;
  if (upstream.tls == nullptr) co_return channel;
  (*channel)->expires_after(left_until(deadline));
  const Io io = co_await (*channel)->connect_tls(upstream.tls, upstream.options.url.host);
  (*channel)->never_expires();
  if (io == Io::ok) co_return channel;
  const std::string problem = (*channel)->tls_problem();
  (*channel)->close();
  if (io == Io::timed_out || io == Io::cancelled) co_return connect_error(io);
  co_return refused("upstream_tls",
                    problem.empty() ? "The TLS handshake with the upstream failed."
                                    : "The upstream's certificate is refused: " + problem + ".");
}

}  // namespace menshen::transport
