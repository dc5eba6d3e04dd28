#include "proxy/transport/session.h"

#include "core/clock.h"
#include "core/digest.h"
#include "proxy/http/fault.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace menshen::transport {
namespace {

using core::ErrorKind;
using std::chrono::milliseconds;

constexpr std::uint64_t discard_bytes_max = 64 * 1024;
constexpr milliseconds close_patience{2'000};

}  // namespace

Session::Session(SessionShared& shared, std::shared_ptr<net::Channel> channel)
    : shared_(shared), channel_(std::move(channel)) {
  const auto remote = channel_->remote();
  head_.client_address = remote.address().to_string();
  place_ = shared_.newcomers.insert(shared_.newcomers.end(), this);
}

Session::~Session() { welcome(); }

std::chrono::milliseconds SessionShared::idle_time() const noexcept {
  const milliseconds usual(limits.idle_timeout_ms);
  return near_full ? std::min(usual, near_full_idle) : usual;
}

void Session::welcome() noexcept {
  if (std::exchange(newcomer_, false)) shared_.newcomers.erase(place_);
}

void Session::give_way() noexcept {
  welcome();
  channel_->close();
}

void Session::shorten_idleness() noexcept {
  if (waiting_) channel_->expires_within(shared_.idle_time());
}

asio::awaitable<void> Session::run(std::shared_ptr<asio::ssl::context> tls) {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (tls != nullptr) {
    channel_->expires_after(milliseconds(shared_.limits.tls_handshake_timeout_ms));
    const net::Io io = co_await channel_->accept_tls(std::move(tls));
    if (io != net::Io::ok) {
      ++shared_.counters->tls_handshakes_failed;
      channel_->close();
      co_return;
    }
  }
  while (co_await read_head()) {
    co_await run_exchange();
    if (!co_await settle()) break;
  }
  // Closing with bytes unread would reset the connection, and the answer might be lost with it.
  const bool unread = body_ != Body::complete || !channel_->input().empty();
  if (channel_->is_open() && (unread || channel_->is_tls())) {
    co_await channel_->close_gently(close_patience);
  }
  channel_->close();
}

void Session::drain() noexcept {
  if (waiting_) channel_->close();
}

void Session::cut() noexcept {
  cut_off_ = !gone_;
  cancel();
}

// Closing ends a blocked write too, which an exchange that refuses cancellation may be in.
void Session::cancel() noexcept {
  gone_ = true;
  channel_->reset();
  signal_.emit(asio::cancellation_type::all);
}

// A deadline that passed is for whoever set it: the client may still hear an answer.
void Session::on_end(net::Io how) noexcept {
  if (how == net::Io::timed_out) return;
  const auto patience = shared_.half_close_patience;
  if (how != net::Io::closed || !channel_->watch_departure(this, patience, probe())) cancel();
}

// It is written where nothing else was since, so the answer stands where it stands now.
std::string_view Session::probe() const noexcept {
  if (answer_ == Answer::streaming) return answer_chunked_ ? "0" : "";
  return answer_ == Answer::none && !framing_.http_1_0 ? go_on : std::string_view();
}

// --- Between exchanges

asio::awaitable<bool> Session::read_head() {
  if (gone_ || (shared_.draining && channel_->input().empty())) co_return false;
  http::HeadScanner scanner(shared_.limits.header_bytes_max);
  core::Error error;
  std::size_t length = 0;
  co_await wait_for_head(scanner, length, error);
  if (length == 0) {
    if (!error.code.empty()) co_await refuse(std::move(error));
    co_return false;
  }
  const http::Fault fault =
      http::parse_request(channel_->input().substr(0, length), shared_.limits, head_, framing_);
  channel_->consume(length);
  welcome();
  if (fault != http::Fault::none) {
    co_await refuse(http::request_error(fault));
    co_return false;
  }
  head_.received_ns = core::system_clock().monotonic_ns();
  co_return true;
}

// Leaves `length` 0 when there will be no request, with an error when the client should hear why.
asio::awaitable<void> Session::wait_for_head(http::HeadScanner& scanner, std::size_t& length,
                                             core::Error& error) {
  waiting_ = true;
  bool blank_line_skipped = false;
  channel_->expires_after(shared_.idle_time());
  while (true) {
    // RFC 9112, section 2.2: an empty line before a request is to be ignored; more than one is not.
    if (!blank_line_skipped && channel_->input().starts_with("\r\n")) {
      channel_->consume(2);
      blank_line_skipped = true;
      scanner.reset();
    }
    if (waiting_ && !channel_->input().empty()) {
      waiting_ = false;
      channel_->expires_after(milliseconds(shared_.limits.header_timeout_ms));
    }
    const auto found = scanner.scan(channel_->input());
    if (found.fault != http::Fault::none) error = http::request_error(found.fault);
    length = found.length;
    if (length != 0 || !error.code.empty()) break;
    const std::size_t room = std::max(buffer_bytes, channel_->input().size() * 2);
    const net::Io io = co_await channel_->fill(
        std::min<std::size_t>(room, shared_.limits.header_bytes_max + buffer_bytes));
    if (io == net::Io::ok) continue;
    if (io == net::Io::timed_out && !waiting_) {
      ++shared_.counters->timeouts;
      error = core::client_error(ErrorKind::request_timeout, "header_timeout",
                                 "The head of the request did not arrive in time.");
    }
    break;
  }
  waiting_ = false;
  channel_->never_expires();
}

asio::awaitable<void> Session::refuse(core::Error error) {
  ++shared_.counters->requests_refused;
  const std::string exchange = core::uuid_v7(core::system_clock().wall_ns());
  http::Reply reply = shared_.error_reply(error, exchange);
  reply.head.headers.emplace_back("x-menshen-exchange", exchange);
  framing_ = {};
  framing_.keep_alive = false;
  head_.method.clear();
  head_.headers.clear();
  head_.received_ns = core::system_clock().monotonic_ns();
  body_ = Body::broken;
  answer_ = Answer::none;
  std::ignore = co_await send(std::move(reply.head), std::move(reply.body));
}

asio::awaitable<void> Session::run_exchange() {
  ++served_;
  ++shared_.counters->exchanges;
  answer_ = Answer::none;
  body_ = framing_.body == http::BodyKind::none ? Body::complete : Body::unread;
  body_bytes_ = core::ByteBudget::Share(shared_.bodies);
  channel_->watch(this, buffer_bytes);
  const net::Io state = channel_->read_state();
  if (state == net::Io::closed) on_end(state);
  if (state != net::Io::ok && state != net::Io::closed) gone_ = true;
  std::exception_ptr bug;
  try {
    auto preflight = shared_.cors != nullptr ? shared_.cors->preflight(head_) : std::nullopt;
    if (preflight) {
      std::ignore = co_await send(std::move(preflight->head), {});
    } else {
      co_await shared_.handler(*this);
    }
  } catch (...) {
    bug = std::current_exception();
  }
  channel_->unwatch();
  body_bytes_.clear();
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  if (bug != nullptr) ++shared_.counters->handler_exceptions;
}

// After an exchange: true when the connection can serve another.
asio::awaitable<bool> Session::settle() {
  if (answer_ == Answer::none && !gone_) {
    auto error =
        core::gateway_error(ErrorKind::internal, "no_answer",
                            "The gateway failed to answer; nothing is known of the outcome.");
    co_await refuse(std::move(error));
    co_return false;
  }
  if (answer_ != Answer::complete || gone_) channel_->reset();
  if (!channel_->is_open() || !keep_alive_) co_return false;
  if (body_ == Body::unread) {
    const bool discarded = co_await discard_body();
    if (!discarded) co_return false;
  }
  channel_->shrink(buffer_bytes);
  if (out_.capacity() > buffer_bytes) std::string().swap(out_);
  co_return true;
}

asio::awaitable<bool> Session::discard_body() {
  channel_->expires_after(milliseconds(shared_.limits.body_timeout_ms));
  std::uint64_t rest = framing_.length;
  while (true) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(rest, channel_->input().size()));
    channel_->consume(count);
    rest -= count;
    if (rest == 0) break;
    if (co_await channel_->fill(buffer_bytes) != net::Io::ok) co_return false;
  }
  channel_->never_expires();
  co_return true;
}

// --- The answer

bool Session::can_keep_alive() const noexcept {
  if (!framing_.keep_alive || shared_.retiring || shared_.draining) return false;
  if (channel_->read_state() != net::Io::ok && channel_->input().empty()) return false;
  if (served_ >= shared_.limits.requests_per_connection_max) return false;
  if (body_ == Body::complete) return true;
  // A small rest can be thrown away; a client that waits for 100 may or may not send its body.
  return body_ == Body::unread && framing_.body == http::BodyKind::length &&
         !framing_.expects_continue && framing_.length <= discard_bytes_max;
}

core::Result<void> Session::compose_head(http::ResponseHead& head, http::BodyKind body,
                                         std::size_t length) {
  keep_alive_ = can_keep_alive() && body != http::BodyKind::until_close;
  answer_has_body_ = head_.method != "HEAD" && head.status != 204 && head.status != 304;
  answer_chunked_ = body == http::BodyKind::chunked && answer_has_body_;
  out_.clear();
  if (shared_.cors != nullptr) shared_.cors->mark(head_, head.headers);
  const auto now = shared_.date.at(core::system_clock().wall_ns());
  if (!http::append_response_head(out_, head, {body, length, keep_alive_}, now)) {
    return core::gateway_error(ErrorKind::internal, "bad_answer_header",
                               "A header of the answer has characters that headers may not have.");
  }
  return {};
}

asio::awaitable<core::Result<void>> Session::put(net::Gather bytes) {
  if (gone_) co_return client_left();
  // The exchange's time bounds its answer too; what ends it may still be told.
  const milliseconds patience(shared_.limits.write_timeout_ms);
  const auto until = net::Channel::TimePoint(std::chrono::nanoseconds(head_.received_ns)) +
                     milliseconds(shared_.limits.exchange_timeout_ms) + patience;
  const net::Io io = co_await channel_->write(bytes, patience, until);
  if (io == net::Io::ok) co_return core::Result<void>{};
  if (io == net::Io::timed_out) ++shared_.counters->timeouts;
  gone_ = true;
  channel_->reset();
  co_return client_left();
}

asio::awaitable<core::Result<void>> Session::send(http::ResponseHead head, std::string body) {
  if (auto composed = compose_head(head, http::BodyKind::length, body.size()); !composed)
    co_return composed;
  answer_ = Answer::complete;
  const auto rest = answer_has_body_ ? asio::buffer(body) : asio::const_buffer();
  co_return co_await put(net::Gather(asio::buffer(out_), rest));
}

asio::awaitable<core::Result<void>> Session::start(http::ResponseHead head) {
  const auto kind = framing_.http_1_0 ? http::BodyKind::until_close : http::BodyKind::chunked;
  if (auto composed = compose_head(head, kind, 0); !composed) co_return composed;
  answer_ = Answer::streaming;
  co_return co_await put(net::Gather(asio::buffer(out_)));
}

asio::awaitable<core::Result<void>> Session::write(std::string_view bytes) {
  if (bytes.empty() || !answer_has_body_)
    co_return gone_ ? core::Result<void>(client_left()) : core::Result<void>{};
  const auto data = asio::buffer(bytes.data(), bytes.size());
  if (!answer_chunked_) co_return co_await put(net::Gather(data));
  out_.clear();
  http::append_chunk_size(out_, bytes.size());
  co_return co_await put(net::Gather(asio::buffer(out_), data, asio::buffer("\r\n", 2)));
}

asio::awaitable<core::Result<void>> Session::finish() {
  answer_ = Answer::complete;
  constexpr std::string_view end = "0\r\n\r\n";
  if (!answer_chunked_) co_return gone_ ? core::Result<void>(client_left()) : core::Result<void>{};
  co_return co_await put(net::Gather(asio::buffer(end)));
}

void Session::abort() noexcept {
  answer_ = Answer::aborted;
  channel_->reset();
}

}  // namespace menshen::transport
