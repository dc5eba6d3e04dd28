// A connection, plain or TLS, of either side: buffered input with at most one read outstanding,
// writes that complete when the socket took the bytes, one deadline, and notice of the peer's
// departure.
//
// Belongs to one thread. Held by shared_ptr, because an outstanding read keeps it alive until the
// kernel has answered. No exceptions: every operation ends with an Io.
//
//   auto channel = Channel::make(std::move(socket), deadlines);
//   while (channel->input().size() < 10) { if (co_await channel->fill(4096) != Io::ok) co_return; }
//   co_await channel->write(Gather(asio::buffer(head), asio::buffer(body)), patience);
#pragma once

#include "proxy/net/deadlines.h"
#include "proxy/net/event.h"
#include "proxy/net/input_buffer.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::net {

namespace asio = boost::asio;

enum class Io : std::uint8_t {
  ok,
  closed,     // the peer ended its side in order (with TLS: with close_notify)
  failed,     // reset, refused, a TLS fault, or cut off without close_notify
  timed_out,  // the deadline passed
  cancelled,  // the waiting coroutine was cancelled; the channel is still usable
  full,       // fill(): the buffer has no more room
};

// Up to three pieces written as one.
struct Gather {
  std::array<asio::const_buffer, 3> pieces;
  // gcc 12 cannot keep an initializer_list alive in a coroutine's frame.
  // NOLINTNEXTLINE(google-explicit-constructor): one buffer is a gather too
  Gather(asio::const_buffer a, asio::const_buffer b = {}, asio::const_buffer c = {})
      : pieces{a, b, c} {}
  [[nodiscard]] std::size_t size() const noexcept { return asio::buffer_size(pieces); }
};

class Channel final : public std::enable_shared_from_this<Channel>, private Deadlines::Entry {
 public:
  using Socket = asio::ip::tcp::socket;

  // Told once, while watched, how the read side has ended. Runs on the channel's thread, not inside
  // any other call.
  class Watcher {
   public:
    virtual void on_end(Io how) noexcept = 0;

   protected:
    ~Watcher() = default;
  };

  static std::shared_ptr<Channel> make(Socket socket, Deadlines& deadlines);
  Channel(Socket socket, Deadlines& deadlines, int) noexcept;
  ~Channel() override = default;

  // Connecting; under the deadline.
  asio::awaitable<Io> connect(asio::ip::tcp::endpoint endpoint);
  asio::awaitable<Io> accept_tls(std::shared_ptr<asio::ssl::context> context);
  // Verifies the certificate for `host` (RFC 9525) unless the context verifies nothing.
  asio::awaitable<Io> connect_tls(std::shared_ptr<asio::ssl::context> context,
                                  const std::string& host);

  // What has arrived. The view holds until the next fill().
  [[nodiscard]] std::string_view input() const noexcept { return input_.data(); }
  [[nodiscard]] char* input_bytes() noexcept { return input_.bytes(); }
  void consume(std::size_t count) noexcept { input_.consume(count); }

  // Waits until more input is there than at the call, in a buffer of at least `capacity` bytes.
  asio::awaitable<Io> fill(std::size_t capacity);

  // Keeps a read outstanding while other work goes on, into a buffer of at least `capacity`, and
  // tells the watcher when the peer ends. Nothing is read once the buffer is full, nor after a
  // fill(), which may have left the buffer large: call watch() again.
  void watch(Watcher* watcher, std::size_t capacity);
  void unwatch() noexcept { watcher_ = nullptr; }
  // For a peer that has ended its side in order: it may wait for what it asked, or be gone, and
  // only what is sent to it tells. Tells the watcher when it is gone. Where nothing was written for
  // `patience`, writes `probe`, which one that reads passes over; it is static, or empty: nothing.
  // False: there is no memory.
  [[nodiscard]] bool watch_departure(Watcher* watcher, std::chrono::milliseconds patience,
                                     std::string_view probe) noexcept;

  // Completes when the socket took every byte; each time it takes some, `patience` begins anew, but
  // not beyond `until`.
  using TimePoint = std::chrono::steady_clock::time_point;
  asio::awaitable<Io> write(Gather bytes, std::chrono::milliseconds patience,
                            TimePoint until = TimePoint::max());
  // How many bytes the peer may have been sent so far, by all writes.
  [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_written_; }

  // One deadline for reading and connecting. When it passes, what is outstanding ends with
  // timed_out and the channel is of no further use.
  using Deadlines::Entry::expires_after;
  using Deadlines::Entry::expires_within;
  using Deadlines::Entry::never_expires;

  // What the read side has come to; ok while the peer may still send.
  [[nodiscard]] Io read_state() const noexcept { return read_state_; }
  [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }
  // For a connection at rest: the peer has neither ended it nor sent anything, as far as the kernel
  // knows at this moment.
  [[nodiscard]] bool is_quiet() noexcept;
  [[nodiscard]] asio::any_io_executor executor() noexcept { return socket_.get_executor(); }
  [[nodiscard]] bool is_tls() const noexcept { return tls_.has_value(); }
  [[nodiscard]] asio::ip::tcp::endpoint remote() const noexcept;
  // Why a certificate was refused: in OpenSSL's words, or that it is of another name than
  // wrong_name(). Empty when that is not what went wrong.
  [[nodiscard]] std::string tls_problem() const;
  // That the certificate should have and has not; empty otherwise.
  [[nodiscard]] const std::string& wrong_name() const noexcept { return wrong_name_; }

  // Says goodbye (TLS close_notify, or FIN), throws away what the peer still sends until it ends
  // too or `patience` is over, closes.
  asio::awaitable<void> close_gently(std::chrono::milliseconds patience);
  void close() noexcept;
  // Closes with a reset, so that the peer sees that something is missing.
  void reset() noexcept;
  void shrink(std::size_t capacity) {
    if (!reading_) input_.shrink(capacity);
  }

 private:
  void set_options() noexcept;
  void on_deadline() noexcept override;
  void start_read();
  void on_read(const boost::system::error_code& error, std::size_t count);
  [[nodiscard]] Io judge(const boost::system::error_code& error) const noexcept;
  void tell_gone();
  void write_probe(std::string_view probe);
  asio::awaitable<Io> write_plain(Gather bytes, std::chrono::milliseconds patience,
                                  TimePoint until);
  asio::awaitable<Io> write_tls(Gather bytes, std::chrono::milliseconds patience, TimePoint until);

  Socket socket_;
  std::shared_ptr<asio::ssl::context> tls_context_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
  InputBuffer input_;
  Event readable_;
  Watcher* watcher_ = nullptr;
  std::string wrong_name_;  // that a certificate has not; empty: it has it
  std::string tls_scratch_;
  std::optional<asio::steady_timer> probing_;
  std::uint64_t bytes_written_ = 0;
  Io read_state_ = Io::ok;
  bool reading_ = false;
  bool writing_ = false;
  bool timed_out_ = false;
};

}  // namespace menshen::net
