#include "proxy/net/channel.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>
#include <tuple>
#include <utility>

namespace menshen::net {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t tls_record_bytes_max = 16 * 1024;

// Drops the first `count` bytes; false: nothing is left.
bool advance(Gather& bytes, std::size_t count) {
  bool left = false;
  for (auto& piece : bytes.pieces) {
    const std::size_t step = std::min(count, piece.size());
    piece += step;
    count -= step;
    left = left || piece.size() > 0;
  }
  return left;
}

// SSL_set_tlsext_host_name without its cast.
bool set_server_name(SSL* handle, std::string host) {
  return SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) ==
         1;
}

}  // namespace

std::shared_ptr<Channel> Channel::make(Socket socket, Deadlines& deadlines) {
  return std::make_shared<Channel>(std::move(socket), deadlines, 0);
}

Channel::Channel(Socket socket, Deadlines& deadlines, int) noexcept
    : Deadlines::Entry(deadlines), socket_(std::move(socket)) {
  if (socket_.is_open()) set_options();
}

// Keep-alive finds peers that vanished without a word while a stream is silent for minutes.
void Channel::set_options() noexcept {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  const int handle = socket_.native_handle();
  for (const auto& [option, value] :
       {std::pair(TCP_KEEPIDLE, 60), std::pair(TCP_KEEPINTVL, 15), std::pair(TCP_KEEPCNT, 4)}) {
    ::setsockopt(handle, IPPROTO_TCP, option, &value, sizeof value);
  }
}

Io Channel::judge(const error_code& error) const noexcept {
  if (!error) return Io::ok;
  if (timed_out_) return Io::timed_out;
  if (error == asio::error::eof) return Io::closed;
  if (error == asio::error::operation_aborted && socket_.is_open()) return Io::cancelled;
  return Io::failed;
}

asio::awaitable<Io> Channel::connect(tcp::endpoint endpoint) {
  error_code ec;
  socket_.open(endpoint.protocol(), ec);
  if (ec) co_return Io::failed;
  set_options();
  const auto [error] = co_await socket_.async_connect(endpoint, as_value);
  co_return judge(error);
}

asio::awaitable<Io> Channel::accept_tls(std::shared_ptr<asio::ssl::context> context) {
  tls_context_ = std::move(context);
  tls_.emplace(socket_, *tls_context_);
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, as_value);
  co_return judge(error);
}

asio::awaitable<Io> Channel::connect_tls(std::shared_ptr<asio::ssl::context> context,
                                         const std::string& host) {
  tls_context_ = std::move(context);
  tls_.emplace(socket_, *tls_context_);
  error_code ec;
  asio::ip::make_address(host, ec);
  const bool is_name = static_cast<bool>(ec);
  if (is_name && !set_server_name(tls_->native_handle(), host)) co_return Io::failed;
  const auto check = [this, host, of_host = asio::ssl::host_name_verification(host)](
                         bool is_trusted, asio::ssl::verify_context& chain) {
    const bool good = of_host(is_trusted, chain);
    if (is_trusted && !good) wrong_name_ = host;
    return good;
  };
  tls_->set_verify_callback(check, ec);
  if (ec) co_return Io::failed;
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, as_value);
  co_return judge(error);
}

asio::awaitable<Io> Channel::fill(std::size_t capacity) {
  const std::size_t before = input_.size();
  while (input_.size() == before) {
    if (read_state_ != Io::ok) co_return read_state_;
    if (!reading_) {
      if (input_.prepare(capacity).empty()) co_return Io::full;
      start_read();
    }
    if (!co_await readable_.wait()) co_return Io::cancelled;
  }
  co_return Io::ok;
}

void Channel::watch(Watcher* watcher, std::size_t capacity) {
  watcher_ = watcher;
  if (reading_ || read_state_ != Io::ok || input_.prepare(capacity).empty()) return;
  start_read();
}

void Channel::start_read() {
  reading_ = true;
  const auto room = input_.tail();
  auto done = [self = shared_from_this()](const error_code& error, std::size_t count) {
    self->on_read(error, count);
  };
  const auto buffer = asio::buffer(room.data(), room.size());
  if (tls_) {
    tls_->async_read_some(buffer, std::move(done));
  } else {
    socket_.async_read_some(buffer, std::move(done));
  }
}

void Channel::on_read(const error_code& error, std::size_t count) {
  reading_ = false;
  input_.commit(count);
  if (error) {
    read_state_ = judge(error) == Io::cancelled ? Io::failed : judge(error);
    if (watcher_ != nullptr) std::exchange(watcher_, nullptr)->on_end(read_state_);
  } else if (watcher_ != nullptr && !readable_.is_awaited() && !input_.tail().empty()) {
    start_read();
  }
  readable_.notify();
}

bool Channel::watch_departure(Watcher* watcher, std::chrono::milliseconds patience,
                              std::string_view probe) noexcept {
  try {
    watcher_ = watcher;
    auto self = shared_from_this();
    // A peer that is gone answers what it is sent with a reset. Whoever writes may see it first,
    // and then closes.
    socket_.async_wait(Socket::wait_error, [self](const error_code&) { self->tell_gone(); });
    if (probe.empty()) return true;
    if (!probing_) probing_.emplace(socket_.get_executor());
    probing_->expires_after(patience);
    probing_->async_wait([self, probe, before = bytes_written_](const error_code& error) {
      const bool quiet = self->bytes_written_ == before && self->watcher_ != nullptr;
      if (!error && quiet && self->socket_.is_open()) self->write_probe(probe);
    });
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void Channel::tell_gone() {
  if (watcher_ != nullptr) std::exchange(watcher_, nullptr)->on_end(Io::failed);
}

// Whoever is in the midst of a write finds out by it. A probe of which a part alone has left could
// not be taken back.
void Channel::write_probe(std::string_view probe) {
  if (writing_) return;
  error_code error;
  const auto bytes = asio::buffer(probe);
  const std::size_t count =
      tls_ ? tls_->write_some(bytes, error) : socket_.write_some(bytes, error);
  bytes_written_ += count;
  const bool none_left = !tls_ && error == asio::error::would_block;
  if (!none_left && (error || count < probe.size())) tell_gone();
}

asio::awaitable<Io> Channel::write(Gather bytes, std::chrono::milliseconds patience,
                                   TimePoint until) {
  return tls_ ? write_tls(bytes, patience, until) : write_plain(bytes, patience, until);
}

asio::awaitable<Io> Channel::write_plain(Gather bytes, std::chrono::milliseconds patience,
                                         TimePoint until) {
  error_code error;
  writing_ = true;
  // Nearly always the socket takes all of it at once: no trip through the event loop.
  std::size_t count = socket_.write_some(bytes.pieces, error);
  if (error == asio::error::would_block) {
    error.clear();
    count = 0;
  }
  bytes_written_ += count;
  while (!error && advance(bytes, count)) {
    expires_after(no_longer_than(until, patience));
    std::tie(error, count) = co_await socket_.async_write_some(bytes.pieces, as_value);
    never_expires();
    bytes_written_ += count;
  }
  writing_ = false;
  co_return judge(error);
}

// OpenSSL makes a record of each piece, so small pieces are joined.
asio::awaitable<Io> Channel::write_tls(Gather bytes, std::chrono::milliseconds patience,
                                       TimePoint until) {
  error_code error;
  bool left = bytes.size() > 0;
  writing_ = true;
  while (left && !error) {
    tls_scratch_.resize(std::min(bytes.size(), tls_record_bytes_max));
    asio::buffer_copy(asio::buffer(tls_scratch_), bytes.pieces);
    std::size_t count = 0;
    // A record may have left although its write failed.
    bytes_written_ += tls_scratch_.size();
    expires_after(no_longer_than(until, patience));
    std::tie(error, count) = co_await tls_->async_write_some(asio::buffer(tls_scratch_), as_value);
    never_expires();
    left = advance(bytes, count);
  }
  writing_ = false;
  if (tls_scratch_.capacity() > tls_record_bytes_max) std::string().swap(tls_scratch_);
  co_return judge(error);
}

bool Channel::is_quiet() noexcept {
  if (read_state_ != Io::ok || !input_.data().empty() || !socket_.is_open()) return false;
  char byte = 0;
  const auto seen = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

tcp::endpoint Channel::remote() const noexcept {
  error_code ignored;
  return socket_.remote_endpoint(ignored);
}

std::string Channel::tls_problem() const {
  if (!tls_) return {};
  if (!wrong_name_.empty()) return "it is of another name";
  auto* handle = const_cast<asio::ssl::stream<Socket&>&>(*tls_).native_handle();
  const long verdict = SSL_get_verify_result(handle);
  return verdict == X509_V_OK ? std::string() : X509_verify_cert_error_string(verdict);
}

asio::awaitable<void> Channel::close_gently(std::chrono::milliseconds patience) {
  watcher_ = nullptr;
  if (read_state_ == Io::ok) {
    expires_after(patience);
    if (tls_) {
      // Not awaited: it ends when the peer has answered, which the read below sees too.
      tls_->async_shutdown([self = shared_from_this()](const error_code&) {});
    } else {
      error_code ignored;
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
  }
  while (read_state_ == Io::ok) {
    input_.consume(input_.size());
    if (co_await fill(4096) != Io::ok) break;
  }
  close();
}

void Channel::close() noexcept {
  never_expires();
  if (probing_) probing_->cancel();
  error_code ignored;
  socket_.close(ignored);
}

void Channel::reset() noexcept {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void Channel::on_deadline() noexcept {
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

}  // namespace menshen::net
