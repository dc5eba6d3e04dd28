#include "proxy/transport/upstream_call.h"

#include "core/clock.h"
#include "proxy/transport/characters.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace menshen::transport {
namespace {

using core::ErrorKind;
using std::chrono::milliseconds;

constexpr std::size_t buffer_bytes = 8 * 1024;
constexpr std::size_t large_buffer_bytes = 64 * 1024;
constexpr unsigned interim_heads_max = 8;
constexpr std::string_view http_prefix = "HTTP/";

// Fields that transport writes itself, or that are the caller's alone.
bool is_ours(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 8> names{
      "host",      "content-length", "accept-encoding", "authorization",
      "x-api-key", "cookie",         "expect",          "forwarded"};
  return std::find(names.begin(), names.end(), name) != names.end() || is_hop_by_hop(name);
}

core::Error timeout(std::string code, std::string message) {
  return core::provider_error(ErrorKind::upstream_timeout, std::move(code), std::move(message));
}

}  // namespace

std::string write_request_head(const Upstream& upstream, protocol::Family family,
                               const pipeline::UpstreamRequest& request) {
  if (!std::all_of(request.target.begin(), request.target.end(), is_visible)) return {};
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
    out.append(family == protocol::Family::anthropic ? "x-api-key: " : "authorization: Bearer ");
    out.append(upstream.options.credential->reveal()).append("\r\n");
  }
  if (request.headers != nullptr) {
    for (const auto& [name, value] : *request.headers) {
      if (is_ours(name)) continue;
      if (!is_valid_field(name, value)) return {};
      out.append(name).append(": ").append(value).append("\r\n");
    }
  }
  out.append("\r\n");
  return out;
}

UpstreamAnswer::UpstreamAnswer(std::shared_ptr<UpstreamPool> pool,
                               std::shared_ptr<Upstream> upstream, std::shared_ptr<Channel> channel,
                               const core::Limits& limits)
    : pool_(std::move(pool)),
      upstream_(std::move(upstream)),
      channel_(std::move(channel)),
      limits_(limits),
      chunks_(limits.chunk_header_bytes_max) {
  ++upstream_->in_flight;
}

UpstreamAnswer::~UpstreamAnswer() {
  --upstream_->in_flight;
  // Everything may have come although the caller did not ask again.
  if (channel_ != nullptr && ended_) {
    complete();
  } else if (channel_ != nullptr) {
    channel_->close();
  }
  report(Breaker::Outcome::unknown);
}

core::Error UpstreamAnswer::io_error(Io io, bool in_body) const {
  switch (io) {
    case Io::cancelled:
      return core::provider_error(ErrorKind::cancelled, "cancelled", "The exchange was cancelled.");
    case Io::timed_out:
      return in_body
                 ? timeout("upstream_idle_timeout",
                           "The upstream fell silent in the middle of its answer.")
                 : timeout("upstream_first_byte_timeout", "The upstream did not answer in time.");
    case Io::full: return response_error(Fault::header_bytes);
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
  // The read is outstanding while the request is written: a refusal may come before the last byte
  // has left.
  channel_->watch(nullptr, buffer_bytes);
  const Io written = co_await channel_->write(
      Gather(asio::buffer(head), asio::buffer(request.body)), milliseconds(timeouts.idle_ms));
  if (written == Io::cancelled || written == Io::timed_out) {
    error = io_error(written, false);
    co_return Begun::error;
  }
  channel_->expires_after(milliseconds(timeouts.first_byte_ms));
  const Begun begun = co_await read_head(request.method, error);
  channel_->never_expires();
  if (written != Io::ok) framing_.keep_alive = false;
  co_return begun;
}

asio::awaitable<UpstreamAnswer::Begun> UpstreamAnswer::read_head(std::string_view method,
                                                                 core::Error& error) {
  for (unsigned interim = 0; interim <= interim_heads_max; ++interim) {
    Fault fault = Fault::none;
    const Io io = co_await next_head(method, fault);
    if (fault != Fault::none) {
      error = response_error(fault);
      co_return Begun::error;
    }
    if (io != Io::ok) {
      error = io_error(io, false);
      const bool silent = channel_->input().empty() && interim == 0;
      co_return silent && (io == Io::closed || io == Io::failed) ? Begun::stale : Begun::error;
    }
    if (head_.status < 200) continue;
    remaining_ = framing_.length;
    ended_ = framing_.body == BodyKind::none;
    co_return Begun::ok;
  }
  error = response_error(Fault::header_count);
  co_return Begun::error;
}

asio::awaitable<Io> UpstreamAnswer::next_head(std::string_view method, Fault& fault) {
  HeadScanner scanner(limits_.upstream_header_bytes_max);
  while (true) {
    const auto found = scanner.scan(channel_->input());
    // A page of HTML is told from a head that was cut off.
    const bool is_http =
        channel_->input().substr(0, 5) == http_prefix.substr(0, channel_->input().size());
    fault = is_http ? found.fault : Fault::bad_start_line;
    if (fault != Fault::none) co_return Io::ok;
    if (found.length > 0) {
      fault = parse_response(channel_->input().substr(0, found.length), method, limits_, head_,
                             framing_);
      channel_->consume(found.length);
      co_return Io::ok;
    }
    const std::size_t room = std::max(buffer_bytes, 2 * channel_->input().size());
    const Io io = co_await channel_->fill(
        std::min<std::size_t>(room, limits_.upstream_header_bytes_max + buffer_bytes));
    if (io != Io::ok) co_return io;
  }
}

// The decoded bytes of all chunks that have come, moved together in place.
std::string_view UpstreamAnswer::take_chunks() {
  char* const bytes = channel_->input_bytes();
  const std::string_view input = channel_->input();
  std::size_t kept = 0;
  shown_ = 0;
  while (shown_ < input.size()) {
    const auto step = chunks_.next(input.substr(shown_));
    if (!step.data.empty()) std::memmove(bytes + kept, step.data.data(), step.data.size());
    kept += step.data.size();
    shown_ += step.consumed;
    fault_ = step.fault;
    ended_ = step.done;
    if (step.done || step.fault != Fault::none) break;
  }
  return {bytes, kept};
}

// The next bytes of the body that are here; empty: none are.
std::string_view UpstreamAnswer::take_piece() {
  if (framing_.body == BodyKind::chunked) return take_chunks();
  std::string_view piece = channel_->input();
  if (framing_.body == BodyKind::length) {
    piece = piece.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, piece.size())));
    remaining_ -= piece.size();
    ended_ = remaining_ == 0;
  }
  shown_ = piece.size();
  return piece;
}

void UpstreamAnswer::report(Breaker::Outcome outcome) noexcept {
  if (outcome == Breaker::Outcome::failure) ++upstream_->failures;
  upstream_->breaker.report(std::exchange(permit_, Breaker::Permit::refused), outcome,
                            core::system_clock().monotonic_ns());
}

void UpstreamAnswer::complete() {
  report(Breaker::Outcome::success);
  channel_->consume(std::exchange(shown_, 0));
  if (framing_.keep_alive) {
    pool_->give(upstream_, std::move(channel_));
  } else {
    channel_->close();
  }
  channel_ = nullptr;
}

asio::awaitable<core::Result<std::string_view>> UpstreamAnswer::read() {
  if (channel_ == nullptr) co_return std::string_view();
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return io_error(Io::cancelled, true);
  channel_->consume(std::exchange(shown_, 0));
  while (!ended_ && fault_ == Fault::none) {
    if (const std::string_view piece = take_piece(); !piece.empty()) co_return piece;
    if (ended_ || fault_ != Fault::none) break;
    channel_->consume(std::exchange(shown_, 0));
    channel_->expires_after(milliseconds(upstream_->options.timeouts.idle_ms));
    const Io io = co_await channel_->fill(remaining_ > large_buffer_bytes ? large_buffer_bytes
                                                                          : buffer_bytes);
    channel_->never_expires();
    if (io == Io::ok) continue;
    if (io == Io::closed && framing_.body == BodyKind::until_close) {
      ended_ = true;
      break;
    }
    if (io != Io::cancelled) report(Breaker::Outcome::failure);
    co_return io_error(io, true);
  }
  if (fault_ != Fault::none) {
    report(Breaker::Outcome::failure);
    co_return response_error(fault_);
  }
  complete();
  co_return std::string_view();
}

}  // namespace menshen::transport
