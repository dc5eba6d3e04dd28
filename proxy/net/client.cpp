#include "proxy/net/client.h"

#include "core/limits.h"
#include "core/version.h"
#include "proxy/http/characters.h"
#include "proxy/net/answer_body.h"
#include "proxy/net/answer_head.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace menshen::net {
namespace {

using core::ErrorKind;
using std::chrono::milliseconds;

constexpr milliseconds call_tick{20};  // how late the deadline may come

// One call. Its errors begin with whom it is about.
class Call {
 public:
  Call(const Target& target, const Bounds& bounds, asio::any_io_executor executor)
      : peer_(target.host + " port " + std::to_string(target.port)),
        target_(target),
        bounds_(bounds),
        until_(Connector::Clock::now() + bounds.time),
        deadlines_(executor, call_tick),
        connector_(std::move(executor), deadlines_) {
    limits_.upstream_header_bytes_max = bounds.head_bytes_max;
  }

  asio::awaitable<core::Result<http::Reply>> run(const Request& request) {
    const std::string head = write_head(request);
    if (head.empty()) {
      co_return core::gateway_error(ErrorKind::internal, "bad_request_header",
                                    "A request of the gateway's own has characters that a head "
                                    "may not have.");
    }
    Opened opened = co_await connector_.open(target_, until_);
    if (opened.channel == nullptr) co_return unopened(opened);
    const auto channel = std::move(opened.channel);
    auto reply = co_await exchange(channel, head, request);
    channel->close();
    co_return reply;
  }

 private:
  core::Error failed(const std::string& what) const {
    return core::gateway_error(ErrorKind::bad_upstream, "fetch_failed", peer_ + " " + what + ".");
  }

  core::Error broken(Io io, const char* otherwise) const {
    if (io == Io::cancelled) {
      return core::gateway_error(ErrorKind::cancelled, "cancelled", "The call was cancelled.");
    }
    if (io != Io::timed_out) return failed(otherwise);
    return core::gateway_error(
        ErrorKind::upstream_timeout, "fetch_timeout",
        peer_ + " did not answer within " + std::to_string(bounds_.time.count()) + " ms.");
  }

  core::Error unopened(const Opened& opened) const {
    switch (opened.fault) {
      case ConnectFault::cancelled: return broken(Io::cancelled, "");
      case ConnectFault::timed_out: return broken(Io::timed_out, "");
      case ConnectFault::unresolved: return failed("has a name that cannot be resolved");
      case ConnectFault::tls:
        return failed(opened.detail.empty()
                          ? "fails in the TLS handshake"
                          : "shows a certificate that is refused: " + opened.detail);
      case ConnectFault::proxy: return failed("is behind a proxy that " + opened.detail);
      default: return failed("refuses connections");
    }
  }

  // Empty: it cannot be written.
  std::string write_head(const Request& request) const {
    std::string out = request.method + " " + request.target + " HTTP/1.1\r\nhost: " +
                      authority(target_.host, target_.port, target_.tls != nullptr) +
                      "\r\nconnection: close\r\naccept-encoding: identity\r\n" +
                      "user-agent: " + std::string(core::user_agent()) + "\r\n";
    const std::string words = request.method + request.target + target_.host;
    if (!std::ranges::all_of(words, http::is_visible)) return {};
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
      out += "content-length: " + std::to_string(request.body.size()) + "\r\n";
    }
    for (const auto& [name, value] : request.headers) {
      if (!http::is_valid_field(name, value)) return {};
      out.append(name).append(": ").append(value).append("\r\n");
    }
    return out + "\r\n";
  }

  asio::awaitable<core::Result<http::Reply>> exchange(std::shared_ptr<Channel> channel,
                                                      const std::string& head,
                                                      const Request& request) {
    const Gather bytes(asio::buffer(head), asio::buffer(request.body));
    const Io written = co_await channel->write(bytes, bounds_.time, until_);
    // An answer may have come although the request was not taken whole.
    if (written == Io::cancelled || written == Io::timed_out) co_return broken(written, "");
    arm(*channel);
    http::Reply reply;
    http::ResponseFraming framing;
    const HeadRead read =
        co_await read_answer_head(*channel, request.method, limits_, reply.head, framing);
    if (read.fault != http::Fault::none) co_return unreadable(read.fault);
    if (read.io != Io::ok) co_return broken(read.io, "closes the connection without an answer");
    AnswerBody body(std::move(channel), limits_);
    body.begin(framing);
    auto whole = co_await read_body(body);
    if (!whole) co_return whole.error();
    reply.body = std::move(*whole);
    co_return reply;
  }

  asio::awaitable<core::Result<std::string>> read_body(AnswerBody& body) {
    std::string out;
    while (true) {
      const std::string_view piece = body.take();
      if (piece.size() > bounds_.body_bytes_max - out.size()) {
        co_return failed("answers with more than " + std::to_string(bounds_.body_bytes_max) +
                         " bytes");
      }
      out.append(piece);
      if (body.fault() != http::Fault::none) co_return unreadable(body.fault());
      if (body.ended()) co_return out;
      arm(body.channel());
      const Io io = co_await body.fill();
      if (io != Io::ok) co_return broken(io, "breaks its answer off");
    }
  }

  core::Error unreadable(http::Fault fault) const {
    return failed("gives an answer that is not HTTP as it should be: " +
                  std::string(http::to_string(fault)));
  }

  void arm(Channel& channel) const { channel.expires_after(no_longer_than(until_, bounds_.time)); }

  const std::string peer_;
  const Target& target_;
  const Bounds& bounds_;
  const Connector::Clock::time_point until_;
  core::Limits limits_;
  Deadlines deadlines_;
  Connector connector_;
};

}  // namespace

asio::awaitable<core::Result<http::Reply>> fetch(const Target& target, const Request& request,
                                                 const Bounds& bounds) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Call call(target, bounds, co_await asio::this_coro::executor);
  auto reply = co_await call.run(request);
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return reply;
}

}  // namespace menshen::net
