#include "proxy/transport/upstream_call.h"

#include "core/clock.h"
#include "proxy/http/characters.h"
#include "proxy/net/answer_head.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace menshen::transport {
namespace {

using core::ErrorKind;
using std::chrono::milliseconds;

constexpr std::size_t head_buffer_bytes = 8 * 1024;

// Fields that transport writes itself, or that are the caller's alone.
bool is_ours(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 7> names{
      "host",   "content-length", "accept-encoding", "authorization",
      "cookie", "expect",         "forwarded"};
  return std::find(names.begin(), names.end(), name) != names.end() || http::is_key_field(name) ||
         http::is_hop_by_hop(name);
}

bool is_fixed(const Upstream& upstream, std::string_view name) noexcept {
  return std::ranges::find(upstream.options.headers, name, &config::FixedHeader::name) !=
         upstream.options.headers.end();
}

core::Error timeout(std::string code, std::string message) {
  return core::provider_error(ErrorKind::upstream_timeout, std::move(code), std::move(message));
}

}  // namespace

net::Channel::TimePoint deadline_of(const pipeline::UpstreamRequest& request) noexcept {
  if (request.deadline_ns == 0) return net::Channel::TimePoint::max();
  return net::Channel::TimePoint(std::chrono::nanoseconds(request.deadline_ns));
}

core::Error exchange_timeout() {
  return timeout("exchange_timeout", "The exchange took longer than exchange_timeout_ms.");
}

std::string write_request_head(const Upstream& upstream, const protocol::Adapter& adapter,
                               const pipeline::UpstreamRequest& request) {
  if (!std::all_of(request.target.begin(), request.target.end(), http::is_visible)) return {};
  std::string out;
  out.reserve(1024);
  out.append(request.method).append(" ").append(upstream.options.url.prefix).append(request.target);
  out.append(" HTTP/1.1\r\nhost: ")
      .append(upstream.host_header)
      .append("\r\naccept-encoding: identity\r\n");
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
    out.append("content-length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  if (upstream.options.credential) {
    const auto& [name, scheme] = adapter.facts().credential;
    out.append(name).append(": ").append(scheme);
    out.append(upstream.options.credential->reveal()).append("\r\n");
  }
  out.append(upstream.fixed_fields);
  if (request.headers != nullptr) {
    for (const auto& [name, value] : *request.headers) {
      if (is_ours(name) || is_fixed(upstream, name)) continue;
      if (!http::is_valid_field(name, value)) return {};
      out.append(name).append(": ").append(value).append("\r\n");
    }
  }
  out.append("\r\n");
  return out;
}

UpstreamAnswer::UpstreamAnswer(std::shared_ptr<UpstreamPool> pool,
                               std::shared_ptr<Upstream> upstream,
                               std::shared_ptr<net::Channel> channel, const core::Limits& limits)
    : pool_(std::move(pool)),
      upstream_(std::move(upstream)),
      body_(std::move(channel), limits),
      limits_(limits) {
  ++upstream_->counts->in_flight;
}

UpstreamAnswer::~UpstreamAnswer() {
  --upstream_->counts->in_flight;
  if (body_.is_open()) {
    // Everything may have come although the caller did not ask again.
    if (body_.ended()) {
      complete();
    } else if (whole_) {
      pool_->linger(upstream_, std::move(body_));
    } else {
      body_.channel().close();
    }
  }
  report(Breaker::Outcome::unknown);
}

bool UpstreamAnswer::is_overdue() const noexcept {
  return std::chrono::steady_clock::now() >= until_;
}

core::Error UpstreamAnswer::io_error(net::Io io, bool in_body) const {
  switch (io) {
    case net::Io::cancelled:
      return core::provider_error(ErrorKind::cancelled, "cancelled", "The exchange was cancelled.");
    case net::Io::timed_out:
      if (is_overdue()) return exchange_timeout();
      return in_body
                 ? timeout("upstream_idle_timeout",
                           "The upstream fell silent in the middle of its answer.")
                 : timeout("upstream_first_byte_timeout", "The upstream did not answer in time.");
    case net::Io::full: return http::response_error(http::Fault::header_bytes);
    default:
      return core::provider_error(ErrorKind::bad_upstream, "upstream_closed",
                                  in_body
                                      ? "The upstream's answer was cut off."
                                      : "The upstream closed the connection without an answer.");
  }
}

asio::awaitable<UpstreamAnswer::Begun> UpstreamAnswer::begin(
    std::string_view head, const pipeline::UpstreamRequest& request, core::Error& error) {
  const auto& timeouts = upstream_->options.timeouts;
  net::Channel& channel = body_.channel();
  until_ = deadline_of(request);
  is_stream_ = request.stream;
  // The read is outstanding while the request is written: a refusal may come before the last byte
  // has left.
  channel.watch(nullptr, head_buffer_bytes);
  const std::uint64_t before = channel.bytes_written();
  const net::Io written =
      co_await channel.write(net::Gather(asio::buffer(head), asio::buffer(request.body)),
                             milliseconds(timeouts.idle_ms), until_);
  const bool sent = channel.bytes_written() > before;
  if (sent && request.delivered != nullptr) *request.delivered = true;
  if (written == net::Io::cancelled || written == net::Io::timed_out ||
      (written != net::Io::ok && !sent)) {
    error = io_error(written, false);
    co_return written == net::Io::cancelled || written == net::Io::timed_out ? Begun::error
                                                                             : Begun::unsent;
  }
  channel.expires_after(net::no_longer_than(until_, milliseconds(timeouts.first_byte_ms)));
  const Begun begun = co_await read_head(request.method, error);
  channel.never_expires();
  if (written != net::Io::ok) body_.never_reuse();
  co_return begun;
}

asio::awaitable<UpstreamAnswer::Begun> UpstreamAnswer::read_head(std::string_view method,
                                                                 core::Error& error) {
  http::ResponseFraming framing;
  const net::HeadRead read =
      co_await net::read_answer_head(body_.channel(), method, limits_, head_, framing);
  if (read.fault != http::Fault::none) {
    error = http::response_error(read.fault);
    co_return Begun::error;
  }
  if (read.io != net::Io::ok) {
    error = io_error(read.io, false);
    const bool gone = read.io == net::Io::closed || read.io == net::Io::failed;
    co_return read.silent&& gone ? Begun::silent : Begun::error;
  }
  body_.begin(framing);
  co_return Begun::ok;
}

void UpstreamAnswer::report(Breaker::Outcome outcome, std::string_view cause) noexcept {
  if (permit_ == Breaker::Permit::refused) return;
  if (outcome == Breaker::Outcome::failure) ++upstream_->counts->failures;
  upstream_->report(std::exchange(permit_, Breaker::Permit::refused), outcome, cause);
}

void UpstreamAnswer::failed(std::string_view code) noexcept {
  if (std::exchange(counted_, false)) upstream_->counts->error(code);
  report(Breaker::Outcome::failure, code);
}

void UpstreamAnswer::conclude(bool whole) noexcept {
  whole_ = whole;
  if (whole) {
    report(Breaker::Outcome::success);
  } else {
    failed("bad_stream");
  }
}

void UpstreamAnswer::misanswered(std::string_view code) noexcept {
  if (std::exchange(counted_, false)) upstream_->counts->error(code);
}

void UpstreamAnswer::complete() {
  if (!is_stream_) report(Breaker::Outcome::success);
  pool_->give(upstream_, std::move(body_));
}

asio::awaitable<core::Result<std::string_view>> UpstreamAnswer::read() {
  if (!body_.is_open()) co_return std::string_view();
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    co_return io_error(net::Io::cancelled, true);
  while (true) {
    if (const std::string_view piece = body_.take(); !piece.empty()) co_return piece;
    if (body_.ended() || body_.fault() != http::Fault::none) break;
    net::Channel& channel = body_.channel();
    channel.expires_after(
        net::no_longer_than(until_, milliseconds(upstream_->options.timeouts.idle_ms)));
    const net::Io io = co_await body_.fill();
    channel.never_expires();
    if (io == net::Io::ok) continue;
    const bool overdue = io == net::Io::timed_out && is_overdue();
    const core::Error error = io_error(io, true);
    if (io != net::Io::cancelled && !overdue) failed(error.code);
    if (overdue && std::exchange(counted_, false)) upstream_->counts->error(error.code);
    co_return error;
  }
  if (body_.fault() != http::Fault::none) {
    const core::Error error = http::response_error(body_.fault());
    failed(error.code);
    co_return error;
  }
  complete();
  co_return std::string_view();
}

}  // namespace menshen::transport
