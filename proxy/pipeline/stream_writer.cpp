#include "proxy/pipeline/stream_writer.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace menshen::pipeline {

struct StreamWriter::State {
  State(asio::any_io_executor executor, Client& to)
      : timer(executor), free(executor, asio::steady_timer::time_point::max()), client(&to) {}

  asio::steady_timer timer;
  asio::steady_timer free;  // cancelled when `busy` ends: wakes who waits for its turn
  Client* client;
  std::string_view ping;
  std::chrono::milliseconds interval{};
  std::function<ResponseHead(Headers)> head;
  Headers passed;
  std::chrono::steady_clock::time_point last_write;
  bool started = false;
  bool busy = false;
  bool stopped = false;

  asio::awaitable<void> lock() {
    while (busy) {
      boost::system::error_code woken;
      co_await free.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    busy = true;
  }
  void unlock() {
    busy = false;
    free.cancel();
  }

  asio::awaitable<core::Result<void>> write(std::string_view bytes) {
    if (!started) {
      started = true;
      if (auto begun = co_await client->start(head(std::move(passed))); !begun)
        co_return begun.error();
    }
    if (!bytes.empty()) {
      if (auto written = co_await client->write(bytes); !written) co_return written.error();
    }
    last_write = std::chrono::steady_clock::now();
    co_return core::Result<void>{};
  }

  static asio::awaitable<void> pinger(std::shared_ptr<State> state) {
    state->last_write = std::chrono::steady_clock::now();
    while (!state->stopped) {
      state->timer.expires_at(state->last_write + state->interval);
      boost::system::error_code ec;
      co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      if (state->stopped || ec) co_return;
      if (state->busy || std::chrono::steady_clock::now() < state->last_write + state->interval) {
        if (state->busy) state->last_write = std::chrono::steady_clock::now();
        continue;
      }
      state->busy = true;
      const auto written = co_await state->write(state->ping);
      state->unlock();
      if (!written) co_return;  // the relay's next write says so too
    }
  }
};

StreamWriter::StreamWriter(asio::any_io_executor executor, Client& client, std::string_view ping,
                           std::chrono::milliseconds interval,
                           std::function<ResponseHead(Headers)> head)
    : state_(std::make_shared<State>(executor, client)) {
  state_->ping = ping;
  state_->interval = interval;
  state_->head = std::move(head);
}

StreamWriter::~StreamWriter() {
  state_->stopped = true;
  state_->timer.cancel();
}

void StreamWriter::start_pings() {
  asio::co_spawn(state_->timer.get_executor(), State::pinger(state_), asio::detached);
}

void StreamWriter::pass(Headers headers) { state_->passed = std::move(headers); }

asio::awaitable<core::Result<void>> StreamWriter::write(std::string_view bytes) {
  co_await state_->lock();
  auto written = co_await state_->write(bytes);
  state_->unlock();
  co_return written;
}

asio::awaitable<void> StreamWriter::stop() {
  state_->stopped = true;
  state_->timer.cancel();
  co_await state_->lock();  // a ping on its way is finished
  state_->unlock();
}

bool StreamWriter::started() const noexcept { return state_->started; }

}  // namespace menshen::pipeline
