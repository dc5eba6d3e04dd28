#include "proxy/transport/server.h"

#include "proxy/net/tls.h"
#include "proxy/protocol/adapter.h"
#include "proxy/transport/worker.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace menshen::transport {
namespace {

using asio::ip::tcp;

constexpr int backlog = 4096;

core::Error cannot_listen(const config::Address& address, const std::string& why) {
  return core::gateway_error(core::ErrorKind::invalid_config, "cannot_listen",
                             "Cannot listen on " + address.host + " port " +
                                 std::to_string(address.port) + ": " + why + ".",
                             "listen.address");
}

std::string reason(int error) {
  if (error != EADDRINUSE) return std::generic_category().message(error);
  return "it is in use; another gateway may be running";
}

// A bound, listening socket.
class Listener {
 public:
  // `shared`: with other listeners of this process.
  static core::Result<Listener> open(const config::Address& address, const tcp::endpoint& endpoint,
                                     bool shared) {
    Listener listener(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto set = [&listener](int option) {
      constexpr int on = 1;
      return ::setsockopt(listener.descriptor_, SOL_SOCKET, option, &on, sizeof on) == 0;
    };
    const bool ready =
        listener.descriptor_ >= 0 && set(SO_REUSEADDR) && (!shared || set(SO_REUSEPORT)) &&
        ::bind(listener.descriptor_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) ==
            0 &&
        ::listen(listener.descriptor_, backlog) == 0;
    if (!ready) return cannot_listen(address, reason(errno));
    return listener;
  }
  Listener(Listener&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] std::uint16_t port() const {
    tcp::endpoint endpoint;
    auto size = static_cast<socklen_t>(endpoint.capacity());
    if (::getsockname(descriptor_, endpoint.data(), &size) != 0) return 0;
    return endpoint.port();
  }
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

 private:
  explicit Listener(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Sharing would let another gateway of this user take half of the connections without a word.
core::Result<void> listen_alone(const config::Address& address) {
  boost::system::error_code error;
  const auto host = asio::ip::make_address(address.host, error);
  if (error) return cannot_listen(address, "this is no IP address");
  auto alone = Listener::open(address, tcp::endpoint(host, address.port), false);
  if (!alone) return alone.error();
  return {};
}

core::Result<std::shared_ptr<asio::ssl::context>> make_context(const config::Tls& tls) {
  return net::make_server_context({.certificate = tls.certificate,
                                   .key = tls.key,
                                   .only_1_3 = tls.min_version == config::TlsVersion::tls1_3});
}

}  // namespace

class Server::Impl {
 public:
  ServerShared shared;
  std::uint16_t port = 0;
  std::vector<std::unique_ptr<Worker>> workers;

  core::Result<void> load_certificates() {
    const std::optional<config::Tls>& tls = shared.options.listen.tls;
    if (!tls) return {};
    auto context = make_context(*tls);
    if (!context) return context.error();
    const std::lock_guard lock(shared.mutex);
    shared.context = std::move(*context);
    return {};
  }

  core::Result<void> listen() {
    const config::Address& address = shared.options.listen.address;
    if (auto alone = listen_alone(address); !alone) return alone;
    const auto host = asio::ip::make_address(address.host);
    port = address.port;
    std::vector<Listener> listeners;
    for (std::uint32_t i = 0; i < std::max(1U, shared.options.threads); ++i) {
      auto listener = Listener::open(address, tcp::endpoint(host, port), true);
      if (!listener) return listener.error();
      if (port == 0) port = listener->port();
      listeners.push_back(std::move(*listener));
    }
    for (Listener& listener : listeners) {
      workers.push_back(
          std::make_unique<Worker>(shared, listener.release(), host.is_v6(), workers.empty()));
    }
    return {};
  }
};

core::Result<void> Server::check_certificate(const config::Tls& tls) {
  if (auto context = make_context(tls); !context) return context.error();
  return {};
}

core::Result<void> Server::check(const config::Listen& listen) {
  if (listen.tls) {
    if (auto checked = check_certificate(*listen.tls); !checked) return checked;
  }
  return listen_alone(listen.address);
}

core::Result<std::unique_ptr<Server>> Server::start(Options options,
                                                    const HandlerFactory& factory) {
  auto impl = std::make_unique<Impl>();
  impl->shared.options = std::move(options);
  if (const auto& origins = impl->shared.options.listen.cors_origins; !origins.empty())
    impl->shared.cors.emplace(origins, protocol::allowed_methods);
  if (auto loaded = impl->load_certificates(); !loaded) return loaded.error();
  if (auto listening = impl->listen(); !listening) return listening.error();
  for (auto& worker : impl->workers) worker->start(factory);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { stop(); }

std::uint16_t Server::port() const noexcept { return impl_->port; }

void Server::retire() {
  for (auto& worker : impl_->workers) worker->retire();
}

void Server::drain() {
  for (auto& worker : impl_->workers) worker->drain();
}

void Server::stop() {
  drain();
  for (auto& worker : impl_->workers) worker->join();
}

core::Result<void> Server::reload_certificates() { return impl_->load_certificates(); }

const ServerCounters& Server::counters() const noexcept { return impl_->shared.counters; }

}  // namespace menshen::transport
