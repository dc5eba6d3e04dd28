// The listener: N threads, each with an event loop, an acceptor on the same port (SO_REUSEPORT),
// its own Upstreams and its own handler, so that an exchange lives on one thread and needs no
// locks.
//
//   auto server = Server::start(options, [&](asio::any_io_executor executor, pipeline::Upstreams&
//   upstreams) {
//     return [&](http::Transaction& client) { return run_exchange(client, upstreams); };
//   });
//   if (!server) return report(server.error());
//   ... (*server)->stop();   // waits for open exchanges, at most limits.drain_timeout_ms
#pragma once

#include "core/byte_budget.h"
#include "core/error.h"
#include "core/limits.h"
#include "proxy/config/config.h"
#include "proxy/http/message.h"
#include "proxy/pipeline/upstream.h"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace menshen::transport {

namespace asio = boost::asio;

class UpstreamSet;

// Counts since the start, for metrics. Any thread.
struct ServerCounters {
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_refused{0};    // past limits.connections_max
  std::atomic<std::uint64_t> connections_displaced{0};  // closed for another before any request
  std::atomic<std::int64_t> connections_open{0};
  std::atomic<std::uint64_t> tls_handshakes_failed{0};
  std::atomic<std::uint64_t> exchanges{0};
  std::atomic<std::uint64_t> requests_refused{0};    // answered before an exchange existed
  std::atomic<std::uint64_t> timeouts{0};            // heads, bodies and writes that took too long
  std::atomic<std::uint64_t> handler_exceptions{0};  // bugs
};

// Thread-safe. Destroying it stops it.
class Server {
 public:
  // Runs one exchange. Called on the thread's executor, with cancellation when the client leaves:
  // what it awaits then ends early, and every call of Client and Upstreams returns an error of kind
  // cancelled. It must end after that; it may still await what is not cancelled. Cancellation does
  // not throw by itself (this_coro::throw_if_cancelled is false).
  using Handler = std::function<asio::awaitable<void>(http::Transaction&)>;
  // Called once per thread, on that thread. What it makes is destroyed on the same thread when the
  // last exchange has ended, and must not leave work on the executor behind.
  using HandlerFactory = std::function<Handler(asio::any_io_executor, pipeline::Upstreams&)>;
  // The answer to a request whose framing was refused, before an exchange existed.
  using ErrorReply = std::function<http::Reply(const core::Error&, std::string_view exchange)>;

  struct Options {
    config::Listen listen;
    core::Limits limits;
    std::uint32_t threads = 1;
    ErrorReply error_reply;
    // May be null: a server without upstreams.
    std::shared_ptr<UpstreamSet> upstreams;
    // Of all bodies of requests together; null: no bound. Outlives the server.
    core::ByteBudget* bodies = nullptr;
    // Told, at most once a second, that connections were closed because there are
    // limits.connections_max. Any thread; may be empty.
    std::function<void()> on_full;
    std::chrono::milliseconds tick{100};  // how late a timeout may come
    // Time at rest, if limits.idle_timeout_ms is not less, once there are three quarters of
    // limits.connections_max.
    std::chrono::milliseconds near_full_idle{5'000};
    // How long nothing is sent to a client that has ended its side (session.h).
    std::chrono::milliseconds half_close_patience{1'000};
  };

  // The errors of start() that can be told before it; nothing is kept. The first opens no port.
  static core::Result<void> check_certificate(const config::Tls& tls);
  static core::Result<void> check(const config::Listen& listen);

  // Errors: invalid_config, when the address cannot be bound or a certificate does not load.
  static core::Result<std::unique_ptr<Server>> start(Options options,
                                                     const HandlerFactory& factory);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that was bound; useful when the configured one is 0.
  [[nodiscard]] std::uint16_t port() const noexcept;

  // Goes on as before, but that every answer closes its connection: clients and balancers go
  // elsewhere for the next one. Returns at once.
  void retire();
  // Stops accepting, closes connections at rest, and lets open exchanges finish with `connection:
  // close`; those that last longer than limits.drain_timeout_ms are cancelled. Returns at once.
  void drain();
  // drain(), then waits until every thread has ended.
  void stop();

  // Reads the certificate and key files again. Connections keep the certificate that they began
  // with; after an error the former certificate stays in use.
  core::Result<void> reload_certificates();

  [[nodiscard]] const ServerCounters& counters() const noexcept;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::transport
