// Writes an open stream to a client, and pings it when the provider is silent.
//
// One thread. The relay and the pinger take turns: a ping never lands inside an event. When nothing
// has come from the provider for the first interval, the answer is started (200) so that no proxy
// on the way cuts it.
#pragma once

#include "core/error.h"
#include "proxy/pipeline/client.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace menshen::pipeline {

class StreamWriter {
 public:
  // `head` makes the answer's head at the moment it is started, from headers that pass() gave it.
  // `client` outlives stop().
  StreamWriter(boost::asio::any_io_executor executor, Client& client, std::string_view ping,
               std::chrono::milliseconds interval, std::function<ResponseHead(Headers)> head);
  ~StreamWriter();

  void start_pings();
  // Headers of the provider's for the head, if it has not left yet.
  void pass(Headers headers);
  boost::asio::awaitable<core::Result<void>> write(std::string_view bytes);  // starts first
  // No ping is written from here on.
  boost::asio::awaitable<void> stop();

  [[nodiscard]] bool started() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace menshen::pipeline
