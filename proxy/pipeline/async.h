// Small bridges between coroutines and what is not one: the journal's callback, the pool for long
// scans.
#pragma once

#include "audit/journal.h"
#include "core/error.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace menshen::pipeline {

// Completes on the caller's executor when the record is durable, or could not be made so. Not
// cancellable: the record is on its way, whatever becomes of the client.
inline boost::asio::awaitable<core::Result<std::uint64_t>> append(audit::Journal& journal,
                                                                  audit::Record record) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  const auto initiate = [&journal, &record, executor](auto handler) {
    const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    journal.append(std::move(record), [shared, executor](core::Result<std::uint64_t> result) {
      asio::post(executor,
                 [shared, result = std::move(result)]() mutable { (*shared)(std::move(result)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                          void(core::Result<std::uint64_t>)>(initiate,
                                                                             asio::use_awaitable);
}

// Runs `work` on the pool and comes back. `work` must not throw.
template <class Work>
boost::asio::awaitable<void> offload(boost::asio::thread_pool& pool, Work work) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  const auto initiate = [&pool, &work, executor](auto handler) {
    const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    asio::post(pool, [&work, shared, executor] {
      work();
      asio::post(executor, [shared] { (*shared)(); });
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate,
                                                                       asio::use_awaitable);
}

}  // namespace menshen::pipeline
