#include "proxy/transport/worker.h"

#include "core/clock.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace menshen::transport {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr milliseconds accept_pause{50};  // out of descriptors: wait for some to be closed

}  // namespace

Worker::Worker(ServerShared& shared, tcp::acceptor::native_handle_type listener, bool is_ipv6,
               bool checks_health)
    : shared_(shared),
      deadlines_(io_.get_executor(), shared.options.tick),
      acceptor_(io_, is_ipv6 ? tcp::v6() : tcp::v4(), listener),
      patience_(io_),
      guard_(io_.get_executor()),
      checks_health_(checks_health) {
  session_shared_.limits = shared.options.limits;
  session_shared_.error_reply = shared.options.error_reply;
  if (shared.cors) session_shared_.cors = &*shared.cors;
  session_shared_.counters = &shared.counters;
  session_shared_.bodies = shared.options.bodies;
  session_shared_.near_full_idle = shared.options.near_full_idle;
  session_shared_.half_close_patience = shared.options.half_close_patience;
}

Worker::~Worker() {
  drain();
  join();
}

void Worker::start(Server::HandlerFactory factory) {
  thread_ = std::thread([this, factory = std::move(factory)] { run(factory); });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::run(const Server::HandlerFactory& factory) {
  upstreams_.emplace(io_.get_executor(), shared_.options.limits, deadlines_);
  session_shared_.handler = factory(io_.get_executor(), *upstreams_);
  if (checks_health_ && shared_.options.upstreams != nullptr) {
    health_.emplace(io_.get_executor(), shared_.options.upstreams, *upstreams_);
  }
  asio::co_spawn(io_, accept(), asio::detached);
  io_.run();
  health_.reset();
}

asio::awaitable<void> Worker::accept() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (!error) {
      admit(std::move(socket));
    } else if (acceptor_.is_open() && error != asio::error::connection_aborted) {
      patience_.expires_after(accept_pause);
      std::ignore = co_await patience_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

void Worker::admit(tcp::socket socket) {
  auto& counters = shared_.counters;
  ++counters.connections_accepted;
  if (!make_place(counters.connections_open.fetch_add(1))) {
    --counters.connections_open;
    ++counters.connections_refused;
    return;  // the socket closes
  }
  auto made =
      std::make_unique<Session>(session_shared_, net::Channel::make(std::move(socket), deadlines_));
  Session* const session = made.get();
  sessions_.emplace(session, std::move(made));
  // Posted: the coroutine is bound to the session's cancellation signal until it has ended
  // entirely.
  const auto ended = [this, session](const std::exception_ptr&) {
    asio::post(io_, [this, session] { forget(session); });
  };
  asio::co_spawn(io_, session->run(shared_.tls()),
                 asio::bind_cancellation_slot(session->slot(), ended));
}

// Near the bound, those at rest get little time; at the bound, the oldest connection of this thread
// from which no request has come gives way.
bool Worker::make_place(std::int64_t open) {
  const std::int64_t max = shared_.options.limits.connections_max;
  session_shared_.near_full = open >= max - max / 4;
  if (!session_shared_.near_full) return true;
  const std::int64_t now = core::system_clock().monotonic_ns();
  if (now - shortened_ns_ >= second_ns) {
    shortened_ns_ = now;
    for (const auto& [session, owner] : sessions_) session->shorten_idleness();
  }
  if (open < max) return true;
  shared_.tell_full(now);
  return displace_newcomer();
}

bool Worker::displace_newcomer() {
  if (session_shared_.newcomers.empty()) return false;
  session_shared_.newcomers.front()->give_way();
  ++shared_.counters.connections_displaced;
  return true;
}

void ServerShared::tell_full(std::int64_t now_ns) noexcept {
  std::int64_t told = told_full_ns.load();
  if (!options.on_full || (told != 0 && now_ns - told < second_ns)) return;
  if (told_full_ns.compare_exchange_strong(told, now_ns)) options.on_full();
}

void Worker::forget(Session* session) {
  sessions_.erase(session);
  const std::int64_t max = shared_.options.limits.connections_max;
  session_shared_.near_full = --shared_.counters.connections_open >= max - max / 4;
  if (session_shared_.draining) end_when_idle();
}

void Worker::retire() {
  asio::post(io_, [this] { session_shared_.retiring = true; });
}

void Worker::drain() {
  asio::post(io_, [this] { begin_drain(); });
}

void Worker::begin_drain() {
  if (std::exchange(session_shared_.draining, true)) return;
  accept_waiting();
  error_code ignored;
  acceptor_.close(ignored);
  if (health_) health_->stop();
  for (const auto& [session, owner] : sessions_) session->drain();
  patience_.expires_after(milliseconds(shared_.options.limits.drain_timeout_ms));
  patience_.async_wait([this](const error_code& error) {
    if (error) return;
    for (const auto& [session, owner] : sessions_) session->cut();
  });
  end_when_idle();
}

// Connections that the kernel has completed would be reset by closing the listener.
void Worker::accept_waiting() {
  error_code error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    tcp::socket socket(io_);
    acceptor_.accept(socket, error);
    if (!error) admit(std::move(socket));
  }
}

void Worker::end_when_idle() {
  if (!sessions_.empty() || !guard_.owns_work()) return;
  patience_.cancel();
  session_shared_.handler = nullptr;
  upstreams_->close();
  guard_.reset();
}

}  // namespace menshen::transport
