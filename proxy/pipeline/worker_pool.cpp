#include "proxy/pipeline/worker_pool.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace menshen::pipeline {

namespace asio = boost::asio;

// Shared with the timer, the caller's cancellation and a thread of the pool, of which any may be
// the last to let go.
struct WorkerPool::Job {
  explicit Job(const asio::any_io_executor& executor) : deadline(executor) {}

  // On the caller's thread.
  void end(core::Error why) {
    if (!ended && !error) error = std::move(why);
    stop.request_stop();
  }

  asio::steady_timer deadline;
  std::stop_source stop;
  std::optional<core::Error> error;
  std::exception_ptr thrown;
  bool ended = false;
};

namespace {

core::Error queue_full() {
  return core::gateway_error(core::ErrorKind::unavailable, "scan_queue_full",
                             "More large bodies wait to be inspected than scan_queue_max allows; "
                             "try again later.");
}

core::Error client_gone() {
  return core::client_error(core::ErrorKind::cancelled, "client_disconnected",
                            "The client went away.");
}

core::Error too_late() {
  return core::gateway_error(core::ErrorKind::upstream_timeout, "exchange_timeout",
                             "The exchange took longer than exchange_timeout_ms.");
}

}  // namespace

WorkerPool::WorkerPool(std::size_t threads, std::uint32_t queue_max)
    : jobs_max_(threads + queue_max), thread_count_(threads), threads_(threads) {}

bool WorkerPool::enter() noexcept {
  std::size_t jobs = jobs_;
  do {
    if (jobs >= jobs_max_) return false;
  } while (!jobs_.compare_exchange_weak(jobs, jobs + 1));
  return true;
}

asio::awaitable<core::Result<void>> WorkerPool::run(const Work& work,
                                                    std::chrono::nanoseconds time_left) {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return client_gone();
  if (time_left.count() <= 0) co_return too_late();
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto job = std::make_shared<Job>(executor);
  if (!enter()) co_return queue_full();
  job->deadline.expires_after(time_left);
  job->deadline.async_wait([job](const boost::system::error_code& cancelled) {
    if (!cancelled) job->end(too_late());
  });
  const auto initiate = [this, &work, job, executor](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([job](asio::cancellation_type) { job->end(client_gone()); });
    }
    auto waiter = std::make_shared<decltype(handler)>(std::move(handler));
    auto held = std::shared_ptr<Job>(job);
    asio::post(threads_, [this, &work, job = std::move(held), executor,
                          waiter = std::move(waiter)]() mutable {
      try {
        if (!job->stop.stop_requested()) work(job->stop.get_token());
      } catch (...) {
        job->thrown = std::current_exception();
      }
      --jobs_;
      job.reset();  // its timer belongs to the caller's thread, which holds it too
      asio::post(executor, [waiter = std::move(waiter)] { std::move (*waiter)(); });
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate,
                                                                       asio::use_awaitable);
  job->ended = true;
  job->deadline.cancel();
  if (job->error) co_return *job->error;
  if (job->thrown) std::rethrow_exception(job->thrown);
  co_return core::Result<void>{};
}

bool WorkerPool::offer(Work work) {
  const std::lock_guard lock(offered_mutex_);
  if (offered_dropped_ || offered_.size() >= offered_max) return false;
  offered_.push_back(std::move(work));
  if (std::exchange(offered_begun_, true)) return true;
  asio::post(threads_, [this] { work_on_offered(); });
  return true;
}

// Whenever others wait for this thread it goes behind them, for the threads' queue is in order.
void WorkerPool::work_on_offered() {
  const bool others_wait = jobs_ >= thread_count_;
  if (!others_wait) {
    Work work;
    {
      const std::lock_guard lock(offered_mutex_);
      if (!offered_.empty()) {
        work = std::move(offered_.front());
        offered_.pop_front();
      }
    }
    try {
      if (work) work(offered_stop_.get_token());
    } catch (...) {
      // Nobody waits for it; who offered it sees that it did not come to its end.
    }
  }
  const std::lock_guard lock(offered_mutex_);
  if (!offered_.empty()) {
    asio::post(threads_, [this] { work_on_offered(); });
    return;
  }
  offered_begun_ = false;
  offered_ended_.notify_all();
}

std::size_t WorkerPool::drop_offered() {
  std::deque<Work> dropped;
  std::unique_lock lock(offered_mutex_);
  offered_dropped_ = true;
  dropped.swap(offered_);
  offered_stop_.request_stop();
  offered_ended_.wait(lock, [this] { return !offered_begun_; });
  return dropped.size();
}

}  // namespace menshen::pipeline
