#include "proxy/pipeline/async.h"

namespace menshen::pipeline {

namespace asio = boost::asio;

asio::awaitable<core::Result<std::uint64_t>> JournalPort::append(const audit::Record& record) {
  if (!inbox_->executor) inbox_->executor = co_await asio::this_coro::executor;
  const auto initiate = [this, &record](Handler handler) {
    Inbox& inbox = *inbox_;
    if (inbox.free.empty()) {
      inbox.free.push_back(inbox.waiters.size());
      inbox.waiters.emplace_back();
    }
    const std::size_t waiter = inbox.free.back();
    inbox.free.pop_back();
    inbox.waiters[waiter].emplace(std::move(handler));
    journal_.append(
        record, [keep = inbox_, waiter](Answer answer) { keep->put(waiter, std::move(answer)); });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Answer)>(
      initiate, asio::use_awaitable);
}

void JournalPort::Inbox::put(std::size_t waiter, Answer answer) {
  {
    const std::lock_guard lock(mutex);
    answers.emplace_back(waiter, std::move(answer));
    if (answers.size() > 1) return;  // the drain() that is on its way takes it along
  }
  asio::post(executor, [inbox = shared_from_this()] { inbox->drain(); });
}

void JournalPort::Inbox::drain() {
  std::vector<std::pair<std::size_t, Answer>> taken;
  {
    const std::lock_guard lock(mutex);
    taken.swap(answers);
  }
  for (auto& [waiter, answer] : taken) {
    Handler handler = std::move(*waiters[waiter]);
    waiters[waiter].reset();
    free.push_back(waiter);
    std::move(handler)(std::move(answer));
  }
}

}  // namespace menshen::pipeline
