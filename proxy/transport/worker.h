// One I/O thread of a server: event loop, acceptor, sessions, upstreams. Private to the server.
#pragma once

#include "proxy/net/deadlines.h"
#include "proxy/transport/health.h"
#include "proxy/transport/server.h"
#include "proxy/transport/session.h"
#include "proxy/transport/thread_upstreams.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

namespace menshen::transport {

// What the threads of a server share.
struct ServerShared {
  Server::Options options;
  ServerCounters counters;
  std::optional<http::Cors> cors;  // absent: no origin is named

  [[nodiscard]] std::shared_ptr<asio::ssl::context> tls() const {
    const std::lock_guard lock(mutex);
    return context;
  }
  void tell_full(std::int64_t now_ns) noexcept;

  mutable std::mutex mutex;
  std::shared_ptr<asio::ssl::context> context;  // null: plain
  std::atomic<std::int64_t> told_full_ns{0};
};

class Worker {
 public:
  Worker(ServerShared& shared, asio::ip::tcp::acceptor::native_handle_type listener, bool is_ipv6,
         bool checks_health);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start(Server::HandlerFactory factory);
  // From any thread.
  void retire();
  void drain();
  void join();

 private:
  void run(const Server::HandlerFactory& factory);
  asio::awaitable<void> accept();
  void admit(asio::ip::tcp::socket socket);
  bool make_place(std::int64_t open);
  bool displace_newcomer();
  void forget(Session* session);
  void begin_drain();
  void accept_waiting();
  void end_when_idle();

  ServerShared& shared_;
  asio::io_context io_{1};
  net::Deadlines deadlines_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer patience_;  // after failing to accept, and for the end of a drain
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  std::optional<ThreadUpstreams> upstreams_;
  std::optional<HealthChecks> health_;
  SessionShared session_shared_;
  std::unordered_map<Session*, std::unique_ptr<Session>> sessions_;
  std::thread thread_;
  std::int64_t shortened_ns_ = 0;  // when idleness was shortened last
  bool checks_health_;
};

}  // namespace menshen::transport
