// One coroutine waits, one callback of the same thread wakes it, inline. A notification that nobody
// waits for is lost: the waiter looks at the state before it waits.
//
//   while (input.empty()) { if (!co_await event.wait()) co_return cancelled; }
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

namespace menshen::net {

class Event {
 public:
  // True: notified. False: the waiting coroutine was cancelled.
  boost::asio::awaitable<bool> wait() {
    return boost::asio::async_initiate<const Token&, void(bool)>(
        [this](Waiter waiter) { enlist(std::move(waiter)); }, boost::asio::use_awaitable);
  }

  [[nodiscard]] bool is_awaited() const noexcept { return waiter_.has_value(); }

  // Resumes the waiter before it returns. The event may be gone afterwards.
  void notify() {
    if (waiter_) std::exchange(waiter_, std::nullopt).value()(true);
  }

 private:
  using Token = boost::asio::use_awaitable_t<>;
  using Waiter = boost::asio::async_result<Token, void(bool)>::handler_type;

  void enlist(Waiter waiter) {
    waiter_.emplace(std::move(waiter));
    auto slot = boost::asio::get_associated_cancellation_slot(*waiter_);
    if (!slot.is_connected()) return;
    slot.assign([this](boost::asio::cancellation_type) {
      // Posted, because resuming inline would destroy this very function while it runs.
      if (!waiter_) return;
      auto executor = boost::asio::get_associated_executor(*waiter_);
      boost::asio::post(
          executor, [woken = std::exchange(waiter_, std::nullopt)]() mutable { (*woken)(false); });
    });
  }

  std::optional<Waiter> waiter_;
};

}  // namespace menshen::net
