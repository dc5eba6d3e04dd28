#include "proxy/net/connector.h"

#include "core/limits.h"
#include "proxy/net/answer_head.h"

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
constexpr std::uint32_t proxy_head_bytes_max = 16 * 1024;
constexpr const char* proxy_closes = "closes the connection without an answer";

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

// What the first hop does is the proxy's doing where there is one.
Opened near_end(const Target& target, Opened opened) {
  if (!target.proxy) return opened;
  if (opened.fault == ConnectFault::unresolved) {
    return failed(ConnectFault::proxy, "has a name that cannot be resolved");
  }
  if (opened.fault == ConnectFault::refused) {
    return failed(ConnectFault::proxy, "refuses connections");
  }
  return opened;
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
  Opened refused = failed(fault_of(io, ConnectFault::tls), channel->tls_problem());
  refused.wrong_name = channel->wrong_name();
  channel->close();
  co_return refused;
}

// The head of the proxy's answer is read with care: it comes before TLS, from whoever is on the
// way. Whatever it says of a body, a tunnel has none; a byte behind it would be lost to TLS.
asio::awaitable<Opened> Connector::tunnel(std::shared_ptr<Channel> channel, const Target& target,
                                          Clock::time_point until) {
  const std::string name = named(target.host, target.port);
  std::string head = "CONNECT " + name + " HTTP/1.1\r\nhost: " + name + "\r\n";
  if (!target.proxy->authorization.empty()) {
    head += "proxy-authorization: " + target.proxy->authorization + "\r\n";
  }
  head += "\r\n";
  const Gather bytes(asio::buffer(head));
  const Io written = co_await channel->write(bytes, left_until(until), until);
  if (written != Io::ok) co_return failed(fault_of(written, ConnectFault::proxy), proxy_closes);
  channel->expires_after(left_until(until));
  http::ResponseHead answer;
  http::ResponseFraming ignored;
  core::Limits limits;
  limits.upstream_header_bytes_max = proxy_head_bytes_max;
  const HeadRead read = co_await read_answer_head(*channel, "CONNECT", limits, answer, ignored);
  channel->never_expires();
  if (read.io != Io::ok) co_return failed(fault_of(read.io, ConnectFault::proxy), proxy_closes);
  if (read.fault != http::Fault::none) {
    co_return failed(ConnectFault::proxy, "gives an answer that is not HTTP as it should be");
  }
  if (answer.status < 200 || answer.status > 299) {
    co_return failed(ConnectFault::proxy, "answers " + std::to_string(answer.status));
  }
  if (!channel->input().empty()) {
    co_return failed(ConnectFault::proxy, "sends bytes that nobody asked for");
  }
  co_return connected(std::move(channel));
}

asio::awaitable<Opened> Connector::open(const Target& target, Clock::time_point until) {
  const std::string& host = target.proxy ? target.proxy->host : target.host;
  const std::uint16_t port = target.proxy ? target.proxy->port : target.port;
  Endpoints endpoints;
  const ConnectFault fault = co_await resolve(host, port, until, endpoints);
  if (fault != ConnectFault::none) co_return near_end(target, failed(fault));
  Opened opened = co_await connect_any(endpoints, until);
  if (opened.channel == nullptr) {
    known_.erase(named(host, port));
    co_return near_end(target, std::move(opened));
  }
  if (target.proxy) {
    opened = co_await tunnel(std::move(opened.channel), target, until);
    if (opened.channel == nullptr) co_return opened;
  }
  if (target.tls == nullptr) co_return opened;
  co_return co_await secure(std::move(opened.channel), target, until);
}

}  // namespace menshen::net
