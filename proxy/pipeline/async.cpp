#include "proxy/pipeline/async.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace menshen::pipeline {

namespace asio = boost::asio;
using Answer = core::Result<std::uint64_t>;
using Handler = asio::async_result<asio::use_awaitable_t<>, void(Answer)>::handler_type;

// One append: it stands in the frame of the coroutine that waits for it.
class JournalPort::Waiting final : public audit::Pending {
 public:
  Waiting(Box& box, const audit::Record& of) : Pending(audit::canonicalise(of)), box_(box) {}

  void written(core::Result<std::uint64_t> seq) noexcept override;  // from the journal's thread
  void wait(Handler handler) { handler_.emplace(std::move(handler)); }
  // The frame, and this, may be gone afterwards.
  void resume() {
    Handler handler = std::move(*handler_);
    handler_.reset();
    std::move(handler)(std::move(answer_));
  }

 private:
  Box& box_;
  std::optional<Handler> handler_;
  Answer answer_{0};
};

// Lives as long as the journal's thread or what is posted here may touch it.
struct JournalPort::Box : std::enable_shared_from_this<Box> {
  explicit Box(audit::Journal& j) : journal(j) {}

  void send(Waiting& waiting) {
    const bool begins = leaving.empty();
    leaving.push(waiting);
    if (begins) asio::post(executor, [box = shared_from_this()] { box->flush(); });
  }
  void flush() { journal.append(std::move(leaving)); }

  void put(Waiting& waiting) {
    {
      const std::lock_guard lock(mutex);
      const bool begins = back.empty();
      back.push(waiting);
      if (!begins) return;  // the drain() that is on its way takes it along
    }
    asio::post(executor, [box = shared_from_this()] { box->drain(); });
  }
  void drain() {
    audit::PendingList taken;
    {
      const std::lock_guard lock(mutex);
      taken = std::move(back);
    }
    while (audit::Pending* const pending = taken.pop()) static_cast<Waiting*>(pending)->resume();
  }

  audit::Journal& journal;
  asio::any_io_executor executor;
  audit::PendingList leaving;

  std::mutex mutex;         // of `back`
  audit::PendingList back;  // those that were told, and are ours again
};

void JournalPort::Waiting::written(core::Result<std::uint64_t> seq) noexcept {
  answer_ = std::move(seq);
  box_.put(*this);
}

JournalPort::JournalPort(audit::Journal& journal) : box_(std::make_shared<Box>(journal)) {}

asio::awaitable<core::Result<std::uint64_t>> JournalPort::append(const audit::Record& record) {
  if (!box_->executor) box_->executor = co_await asio::this_coro::executor;
  Waiting waiting(*box_, record);
  const auto initiate = [&](Handler handler) {
    waiting.wait(std::move(handler));
    box_->send(waiting);
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Answer)>(
      initiate, asio::use_awaitable);
}

}  // namespace menshen::pipeline
