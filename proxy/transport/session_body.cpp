// A session's other half: the body of its request.
#include "proxy/http/chunk.h"
#include "proxy/http/fault.h"
#include "proxy/transport/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace menshen::transport {
namespace {

using core::ErrorKind;
using std::chrono::milliseconds;

constexpr std::size_t body_buffer_bytes = 64 * 1024;  // while a large body comes in

core::Error bodies_full() {
  return core::gateway_error(ErrorKind::unavailable, "bodies_full",
                             "The gateway holds as many bytes of bodies as it may; try again "
                             "later.");
}

core::Error too_large(std::uint64_t limit) {
  return core::client_error(ErrorKind::too_large, "request_too_large",
                            "The request body is larger than " + std::to_string(limit) + " bytes.");
}

}  // namespace

core::Error Session::client_left() {
  return core::client_error(ErrorKind::cancelled, "client_disconnected",
                            "The client closed the connection.");
}

asio::awaitable<core::Result<std::string>> Session::read_body() {
  if (gone_) co_return client_left();
  if (body_ == Body::complete) co_return std::string();
  if (body_ == Body::broken) co_return client_left();
  if (framing_.length > shared_.limits.request_body_bytes_max) {
    co_return break_body(too_large(shared_.limits.request_body_bytes_max));
  }
  if (framing_.expects_continue && channel_->input().empty()) {
    if (auto put_result = co_await put(net::Gather(asio::buffer(go_on))); !put_result) {
      co_return put_result.error();
    }
  }
  channel_->expires_after(milliseconds(shared_.limits.body_timeout_ms));
  auto reading = framing_.body == http::BodyKind::chunked ? read_chunked() : read_sized();
  auto body = co_await std::move(reading);
  channel_->never_expires();
  if (body) body_ = Body::complete;
  channel_->shrink(buffer_bytes);
  channel_->watch(this, buffer_bytes);
  co_return body;
}

asio::awaitable<core::Result<std::string>> Session::read_sized() {
  const auto length = static_cast<std::size_t>(framing_.length);
  std::string body;
  while (true) {
    const std::string_view input = channel_->input().substr(0, length - body.size());
    if (auto held = hold_body(body.size() + input.size()); !held) co_return held.error();
    // Memory follows what arrives, not what was announced.
    if (body.capacity() < body.size() + input.size()) {
      body.reserve(std::min(length, std::max(2 * body.capacity(), body.size() + input.size())));
    }
    body.append(input);
    channel_->consume(input.size());
    if (body.size() == length) co_return body;
    if (auto more = co_await more_body(length - body.size()); !more) co_return more.error();
  }
}

asio::awaitable<core::Result<std::string>> Session::read_chunked() {
  const std::uint64_t limit = shared_.limits.request_body_bytes_max;
  http::ChunkDecoder decoder(shared_.limits.chunk_header_bytes_max);
  std::string body;
  while (true) {
    const auto step = decoder.next(channel_->input());
    if (step.fault != http::Fault::none) co_return break_body(http::request_error(step.fault));
    if (body.size() + step.data.size() > limit) co_return break_body(too_large(limit));
    if (auto held = hold_body(body.size() + step.data.size()); !held) co_return held.error();
    body.append(step.data);
    channel_->consume(step.consumed);
    if (step.done) co_return body;
    if (!channel_->input().empty()) continue;
    if (auto more = co_await more_body(body.size()); !more) co_return more.error();
  }
}

asio::awaitable<core::Result<void>> Session::more_body(std::size_t wanted) {
  const net::Io io = co_await channel_->fill(std::clamp(wanted, buffer_bytes, body_buffer_bytes));
  if (io == net::Io::ok) co_return core::Result<void>{};
  if (io == net::Io::timed_out) {
    ++shared_.counters->timeouts;
    co_return break_body(core::client_error(ErrorKind::request_timeout, "body_timeout",
                                            "The body of the request did not arrive in time."));
  }
  if (io != net::Io::cancelled) gone_ = true;
  co_return client_left();
}

core::Result<void> Session::hold_body(std::size_t bytes) {
  if (body_bytes_.grow_to(bytes)) return {};
  return break_body(bodies_full());
}

core::Error Session::break_body(core::Error error) {
  body_ = Body::broken;
  return error;
}

}  // namespace menshen::transport
