#include "proxy/pipeline/async.h"

#include <boost/asio/this_coro.hpp>

#include <cstdint>

namespace menshen::pipeline {

namespace asio = boost::asio;

asio::awaitable<core::Result<std::uint64_t>> JournalPort::append(const audit::Record& record) {
  if (!inbox_->executor) inbox_->executor = co_await asio::this_coro::executor;
  const auto initiate = [this, &record](Handler handler) {
    auto waiter = std::make_shared<Handler>(std::move(handler));
    // What is thrown in here would not reach the coroutine, but end the event loop.
    try {
      journal_.append(record, [inbox = inbox_, waiter](const core::Result<std::uint64_t>& written) {
        inbox->put(waiter, written);
      });
    } catch (const std::exception&) {
      inbox_->put(waiter, core::gateway_error(core::ErrorKind::unavailable, "evidence_unavailable",
                                              "The evidence of this exchange cannot be written."));
    }
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Answer)>(
      initiate, asio::use_awaitable);
}

void JournalPort::Inbox::put(std::shared_ptr<Handler> waiter, Answer answer) {
  {
    const std::lock_guard lock(mutex);
    answers.emplace_back(std::move(waiter), std::move(answer));
    if (answers.size() > 1) return;  // the drain() that is on its way takes it along
  }
  asio::post(executor, [inbox = shared_from_this()] { inbox->drain(); });
}

void JournalPort::Inbox::drain() {
  decltype(answers) taken;
  {
    const std::lock_guard lock(mutex);
    taken.swap(answers);
  }
  for (auto& [waiter, answer] : taken) std::move (*waiter)(std::move(answer));
}

}  // namespace menshen::pipeline
