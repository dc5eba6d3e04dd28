// For tests: a peer that writes raw bytes, and a server that follows a script, both over blocking
// sockets with a generous timeout, so that a test fails instead of hanging and never sleeps.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace menshen::net {
namespace asio = boost::asio;
}

namespace menshen::net::testing {

inline constexpr int patience_seconds = 60;

// A blocking TCP connection.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port);
  explicit RawSocket(asio::ip::tcp::socket socket);

  // False: the peer refuses more.
  bool write(std::string_view bytes);
  // What comes until `enough(all so far)`, or until the peer ends.
  std::string read_until(const std::function<bool(std::string_view)>& enough);
  std::string read_until(std::string_view text);
  // Everything until the peer ends; `was_reset` tells how.
  std::string read_to_end();
  [[nodiscard]] bool was_reset() const { return reset_; }
  // One answer or request with content-length, chunked or no body.
  std::string read_message();

  void shutdown_send();
  void close();
  void close_with_reset();
  void set_receive_buffer(int bytes);
  // write() gives up when the peer takes nothing for so long.
  void set_write_patience(int milliseconds);
  asio::ip::tcp::socket& socket() { return socket_; }

 private:
  bool read_more();
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  std::string pending_;  // read and not handed out
  bool reset_ = false;
};

// Accepts connections and runs `script` on each, on a thread of its own.
class ScriptedUpstream {
 public:
  using Script = std::function<void(RawSocket&)>;
  explicit ScriptedUpstream(Script script);
  ~ScriptedUpstream();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void run();
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  Script script_;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::thread acceptor_thread_;
};

// Lets one thread wait for another, for as long as patience goes.
class Signal {
 public:
  void set();
  [[nodiscard]] bool wait();

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool set_ = false;
};

// Waits until `condition` holds, looking again whenever the clock has moved a little; false: it
// never did.
bool eventually(const std::function<bool()>& condition);

std::string http_answer(std::string_view body, std::string_view more_headers = {});
std::string chunk(std::string_view data);

}  // namespace menshen::net::testing
