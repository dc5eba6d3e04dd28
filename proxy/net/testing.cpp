#include "proxy/net/testing.h"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

namespace menshen::net::testing {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

void be_patient(tcp::socket& socket) {
  const timeval limit{patience_seconds, 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

std::size_t header_number(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return std::string_view::npos;
  std::size_t number = 0;
  const auto digits = head.substr(at + name.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

RawSocket::RawSocket(std::uint16_t port) : socket_(io_) {
  socket_.connect({asio::ip::make_address_v4("127.0.0.1"), port});
  be_patient(socket_);
}

RawSocket::RawSocket(tcp::socket socket) : socket_(std::move(socket)) { be_patient(socket_); }

bool RawSocket::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool RawSocket::read_more() {
  std::array<char, 16 * 1024> block{};
  const auto count = ::recv(socket_.native_handle(), block.data(), block.size(), 0);
  if (count < 0) {
    if (errno == EAGAIN)
      ADD_FAILURE() << "nothing came in " << patience_seconds << " s after: " << pending_;
    reset_ = true;
    return false;
  }
  pending_.append(block.data(), static_cast<std::size_t>(count));
  return count > 0;
}

std::string RawSocket::read_until(const std::function<bool(std::string_view)>& enough) {
  while (!enough(pending_) && read_more()) {
  }
  return std::exchange(pending_, {});
}

std::string RawSocket::read_until(std::string_view text) {
  return read_until(
      [text](std::string_view all) { return all.find(text) != std::string_view::npos; });
}

std::string RawSocket::read_to_end() {
  return read_until([](std::string_view) { return false; });
}

std::string RawSocket::read_message() {
  std::size_t size = std::string::npos;
  while (size == std::string::npos) {
    const auto head_end = pending_.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const auto head = std::string_view(pending_).substr(0, head_end + 2);
      const auto length = header_number(head, "content-length: ");
      if (length != std::string::npos) {
        if (pending_.size() >= head_end + 4 + length) size = head_end + 4 + length;
      } else if (head.find("transfer-encoding: chunked") == std::string::npos) {
        size = head_end + 4;
      } else if (const auto end = pending_.find("0\r\n\r\n", head_end + 4);
                 end != std::string::npos) {
        size = end + 5;
      }
    }
    if (size == std::string::npos && !read_more()) size = pending_.size();
  }
  std::string message = pending_.substr(0, size);
  pending_.erase(0, size);
  return message;
}

void RawSocket::shutdown_send() { ::shutdown(socket_.native_handle(), SHUT_WR); }

void RawSocket::close() {
  error_code ignored;
  socket_.close(ignored);
}

void RawSocket::close_with_reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void RawSocket::set_receive_buffer(int bytes) {
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void RawSocket::set_write_patience(int milliseconds) {
  const timeval limit{milliseconds / 1000, (milliseconds % 1000) * 1000};
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

ScriptedUpstream::ScriptedUpstream(Script script)
    : acceptor_(io_, tcp::endpoint(asio::ip::make_address_v4("127.0.0.1"), 0)),
      port_(acceptor_.local_endpoint().port()),
      script_(std::move(script)),
      acceptor_thread_([this] { run(); }) {}

ScriptedUpstream::~ScriptedUpstream() {
  stopped_ = true;
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  acceptor_thread_.join();
  const std::lock_guard lock(mutex_);
  for (auto& thread : threads_) thread.join();
}

void ScriptedUpstream::run() {
  while (!stopped_) {
    error_code error;
    tcp::socket socket(io_);
    acceptor_.accept(socket, error);
    if (error) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, accepted = std::make_shared<tcp::socket>(std::move(socket))] {
      RawSocket raw(std::move(*accepted));
      script_(raw);
    });
  }
}

void Signal::set() {
  const std::lock_guard lock(mutex_);
  set_ = true;
  condition_.notify_all();
}

bool Signal::wait() {
  std::unique_lock lock(mutex_);
  return condition_.wait_for(lock, std::chrono::seconds(patience_seconds), [this] { return set_; });
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(patience_seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

std::string http_answer(std::string_view body, std::string_view more_headers) {
  return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + std::string(more_headers) +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chunk(std::string_view data) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), data.size(), 16).ptr;
  return std::string(digits.data(), end) + "\r\n" + std::string(data) + "\r\n";
}

}  // namespace menshen::net::testing
