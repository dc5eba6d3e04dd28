// Long work beside the event loops: parsing, scanning, scoring and editing of large texts. Few
// threads, a bounded queue, and work that nobody waits for any more is asked to stop. What nobody
// waits for at all is done behind it.
//
//   const WorkerPool::Work work = [&](const std::stop_token& stop) { found = inspect(..., stop); };
//   if (auto ran = co_await pool.run(work, time_left); !ran) co_return ran.error();
//
// One object serves all threads. It outlives every run() that has begun.
#pragma once

#include "core/error.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>

namespace menshen::pipeline {

class WorkerPool {
 public:
  // What may take long looks at its token: inspect() and redact() for each 64 KB that they read and
  // each 1,024 findings. What is one pass over a bounded body (parsing, writing) runs to its end.
  using Work = std::function<void(const std::stop_token&)>;

  // At most `queue_max` (limits.scan_queue_max) pieces of work wait while all threads work.
  WorkerPool(std::size_t threads, std::uint32_t queue_max);

  // Runs `work` on a thread of the pool and comes back to the caller's executor when it has ended.
  // `work` and what it refers to live until then: a cancelled caller waits for the work, which is
  // asked to stop at once. Throws what the work threw. Errors, after which what the work has made
  // is not to be used:
  //   unavailable "scan_queue_full": the queue was full, the work has not run
  //   cancelled "client_disconnected": the caller's coroutine was cancelled
  //   upstream_timeout "exchange_timeout": `time_left` ran out
  boost::asio::awaitable<core::Result<void>> run(const Work& work,
                                                 std::chrono::nanoseconds time_left);

  // Work that nobody waits for, done behind all that run() has been given, one piece at a time.
  // What it throws ends it alone. False: offered_max pieces wait already, or drop_offered() was
  // called; the work is gone.
  [[nodiscard]] bool offer(Work work);
  static constexpr std::size_t offered_max = 64;
  // Drops what was offered and has not begun; asks what has begun to stop, and waits for it. How
  // many pieces were dropped. Nothing is taken any more.
  std::size_t drop_offered();

  // Ends when all work has ended; nothing may be run after it.
  void join() { threads_.join(); }

 private:
  struct Job;
  [[nodiscard]] bool enter() noexcept;
  void work_on_offered();

  std::size_t jobs_max_;
  std::atomic<std::size_t> jobs_ = 0;
  std::size_t thread_count_;
  std::mutex offered_mutex_;
  std::condition_variable offered_ended_;
  std::deque<Work> offered_;      // that has not begun
  bool offered_begun_ = false;    // a thread works on a piece, or is about to
  bool offered_dropped_ = false;  // nothing is taken any more
  std::stop_source offered_stop_;
  boost::asio::thread_pool threads_;
};

}  // namespace menshen::pipeline
