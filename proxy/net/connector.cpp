#include "proxy/net/connector.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace menshen::net {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t addresses_max = 4;
constexpr std::chrono::seconds remembered{30};

ConnectFault fault_of(Io io, ConnectFault otherwise) noexcept {
  if (io == Io::cancelled) return ConnectFault::cancelled;
  return io == Io::timed_out ? ConnectFault::timed_out : otherwise;
}

Opened failed(ConnectFault fault, std::string detail = {}) {
  return {nullptr, fault, std::move(detail)};
}

Opened connected(std::shared_ptr<Channel> channel) {
  return {std::move(channel), ConnectFault::none, {}};
}

milliseconds left_until(Connector::Clock::time_point until) {
  return no_longer_than(until, milliseconds(std::numeric_limits<int>::max()));
}

std::string named(const std::string& host, std::uint16_t port) {
  const bool bare = host.find(':') == std::string::npos;
  return (bare ? host : "[" + host + "]") + ":" + std::to_string(port);
}

}  // namespace

std::string authority(const std::string& host, std::uint16_t port, bool tls) {
  std::string text = named(host, port);
  if (port == (tls ? 443 : 80)) text.resize(text.rfind(':'));
  return text;
}

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

asio::awaitable<ConnectFault> Connector::resolve(const std::string& host, std::uint16_t port,
                                                 Clock::time_point until, Endpoints& endpoints) {
  error_code ec;
  if (const auto address = asio::ip::make_address(host, ec); !ec) {
    endpoints = {{address, port}};
    co_return ConnectFault::none;
  }
  const std::string name = named(host, port);
  if (const auto known = known_.find(name);
      known != known_.end() && known->second.until > Clock::now()) {
    endpoints = known->second.endpoints;
    co_return ConnectFault::none;
  }
  auto lookup = std::make_shared<Lookup>(deadlines_);
  resolver_.async_resolve(
      host, std::to_string(port), tcp::resolver::numeric_service,
      [lookup](const error_code& error, const tcp::resolver::results_type& results) {
        if (!error) {
          for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
        }
        lookup->finished = true;
        lookup->event.notify();
      });
  lookup->expires_after(left_until(until));
  const bool woken = co_await lookup->event.wait();
  lookup->never_expires();
  if (!woken) co_return ConnectFault::cancelled;
  if (!lookup->finished) co_return ConnectFault::timed_out;
  if (lookup->found.empty()) co_return ConnectFault::unresolved;
  endpoints = std::move(lookup->found);
  endpoints.resize(std::min(endpoints.size(), addresses_max));
  remember(name, endpoints);
  co_return ConnectFault::none;
}

// Names that a former configuration had do not stay for ever.
void Connector::remember(const std::string& name, const Endpoints& endpoints) {
  const auto now = Clock::now();
  std::erase_if(known_, [now](const auto& known) { return known.second.until <= now; });
  known_[name] = {endpoints, now + remembered};
}

asio::awaitable<Opened> Connector::connect_any(const Endpoints& endpoints,
                                               Clock::time_point until) {
  Io io = Io::failed;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    auto channel = Channel::make(Channel::Socket(executor_), deadlines_);
    const auto share = left_until(until) / static_cast<long>(endpoints.size() - i);
    channel->expires_after(std::max(share, milliseconds(1)));
    io = co_await channel->connect(endpoints[i]);
    channel->never_expires();
    if (io == Io::ok) co_return connected(std::move(channel));
    channel->close();
    if (io == Io::cancelled) break;
  }
  co_return failed(fault_of(io, ConnectFault::refused));
}

asio::awaitable<Opened> Connector::secure(std::shared_ptr<Channel> channel, const Target& target,
                                          Clock::time_point until) {
  channel->expires_after(left_until(until));
  const Io io = co_await channel->connect_tls(target.tls, target.host);
  channel->never_expires();
  if (io == Io::ok) co_return connected(std::move(channel));
  std::string problem = channel->tls_problem();
  channel->close();
  co_return failed(fault_of(io, ConnectFault::tls), std::move(problem));
}

asio::awaitable<Opened> Connector::open(const Target& target, Clock::time_point until) {
  Endpoints endpoints;
  const ConnectFault fault = co_await resolve(target.host, target.port, until, endpoints);
  if (fault != ConnectFault::none) co_return failed(fault);
  Opened opened = co_await connect_any(endpoints, until);
  if (opened.channel == nullptr) {
    known_.erase(named(target.host, target.port));
    co_return opened;
  }
  if (target.tls == nullptr) co_return opened;
  co_return co_await secure(std::move(opened.channel), target, until);
}

}  // namespace menshen::net
