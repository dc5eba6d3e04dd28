// One client's connection: reads requests, runs an exchange for each, and is the Client that the
// exchange sees.
//
// A message whose framing is in doubt is answered and the connection closed before any exchange
// exists. While an exchange runs, the connection is watched: when the client leaves, the exchange's
// coroutine is cancelled.
//
// A client that has ended its side may wait for its answer (a half-close) or be gone: both look
// alike until something is sent to it. So its exchange goes on, and it is gone when what it is sent
// is answered with a reset; where nothing is said for half_close_patience, a `100 Continue` is,
// which clients of HTTP/1.1 pass over (RFC 9110, section 15.2). With TLS, ending means
// close_notify.
#pragma once

#include "core/byte_budget.h"
#include "core/limits.h"
#include "proxy/http/cors.h"
#include "proxy/http/message.h"
#include "proxy/net/channel.h"
#include "proxy/http/head.h"
#include "proxy/transport/server.h"
#include "proxy/http/wire.h"

#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace menshen::transport {

// What the sessions of one thread share. Outlives them.
class Session;

struct SessionShared {
  core::Limits limits;
  Server::ErrorReply error_reply;
  Server::Handler handler;
  ServerCounters* counters = nullptr;
  core::ByteBudget* bodies = nullptr;  // null: no bound on all bodies together
  std::list<Session*> newcomers;       // no request has come from them, the oldest in front
  http::DateLine date;
  std::chrono::milliseconds near_full_idle{};
  std::chrono::milliseconds half_close_patience{};
  bool near_full = false;            // connections at rest get no more than that
  const http::Cors* cors = nullptr;  // null: pages of other origins read nothing
  bool retiring = false;             // answers close their connections
  bool draining = false;

  [[nodiscard]] std::chrono::milliseconds idle_time() const noexcept;
};

class Session final : public http::Transaction, private net::Channel::Watcher {
 public:
  Session(SessionShared& shared, std::shared_ptr<net::Channel> channel);
  ~Session() override;

  // The life of the connection. Spawn it with slot() as its cancellation slot. `tls` may be null.
  asio::awaitable<void> run(std::shared_ptr<asio::ssl::context> tls);
  [[nodiscard]] asio::cancellation_slot slot() noexcept { return signal_.slot(); }

  // Closes a connection that waits for a request; one with an open exchange closes after its
  // answer.
  void drain() noexcept;
  // Cancels the exchange and closes, because the server stops.
  void cut() noexcept;
  // Closes a newcomer, so that another connection has its place.
  void give_way() noexcept;
  // A connection that waits for a request waits no longer than idle_time() from now.
  void shorten_idleness() noexcept;

  [[nodiscard]] const http::RequestHead& head() const noexcept override { return head_; }
  asio::awaitable<core::Result<std::string>> read_body() override;
  asio::awaitable<core::Result<void>> send(http::ResponseHead head, std::string body) override;
  asio::awaitable<core::Result<void>> start(http::ResponseHead head) override;
  asio::awaitable<core::Result<void>> write(std::string_view bytes) override;
  asio::awaitable<core::Result<void>> finish() override;
  void abort() noexcept override;
  [[nodiscard]] bool cut_off() const noexcept override { return cut_off_; }

 private:
  enum class Answer : std::uint8_t { none, streaming, complete, aborted };
  enum class Body : std::uint8_t { unread, complete, broken };

  static constexpr std::size_t buffer_bytes = 4 * 1024;  // a connection at rest holds no more
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

  [[nodiscard]] static core::Error client_left();
  void on_end(net::Io how) noexcept override;
  void cancel() noexcept;
  [[nodiscard]] std::string_view probe() const noexcept;

  asio::awaitable<bool> read_head();
  asio::awaitable<void> wait_for_head(http::HeadScanner& scanner, std::size_t& length,
                                      core::Error& error);
  asio::awaitable<void> refuse(core::Error error);
  asio::awaitable<void> run_exchange();
  asio::awaitable<bool> settle();
  asio::awaitable<bool> discard_body();

  asio::awaitable<core::Result<std::string>> read_sized();
  asio::awaitable<core::Result<std::string>> read_chunked();
  asio::awaitable<core::Result<void>> more_body(std::size_t wanted);
  core::Error break_body(core::Error error);

  core::Result<void> compose_head(http::ResponseHead& head, http::BodyKind body,
                                  std::size_t length);
  asio::awaitable<core::Result<void>> put(net::Gather bytes);
  void welcome() noexcept;
  core::Result<void> hold_body(std::size_t bytes);
  [[nodiscard]] bool can_keep_alive() const noexcept;
  [[nodiscard]] std::uint64_t body_rest() const noexcept;

  SessionShared& shared_;
  std::shared_ptr<net::Channel> channel_;
  asio::cancellation_signal signal_;
  http::RequestHead head_;
  http::RequestFraming framing_;
  std::string out_;
  core::ByteBudget::Share body_bytes_;
  std::list<Session*>::iterator place_;  // among the newcomers, while it is one
  std::uint32_t served_ = 0;
  Answer answer_ = Answer::none;
  Body body_ = Body::complete;
  bool answer_has_body_ = true;  // not for HEAD, 204 and 304
  bool answer_chunked_ = false;
  bool keep_alive_ = true;
  bool waiting_ = false;  // for the first byte of a request
  bool gone_ = false;
  bool cut_off_ = false;
  bool newcomer_ = true;
};

}  // namespace menshen::transport
