// A bridge between coroutines and what is not one: the journal's callback.
#pragma once

#include "audit/journal.h"
#include "core/error.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace menshen::pipeline {

// The journal, seen from one I/O thread: one wake-up brings the answers of a whole commit. Append
// from that thread alone; keep it until every append has come back.
class JournalPort {
 public:
  explicit JournalPort(audit::Journal& journal) : journal_(journal) {}

  // Completes with its number when the record is durable, or could not be made so. Not cancellable:
  // the record is on its way, whatever becomes of the client. The record need not outlive the call.
  boost::asio::awaitable<core::Result<std::uint64_t>> append(const audit::Record& record);

 private:
  using Answer = core::Result<std::uint64_t>;
  using Handler =
      boost::asio::async_result<boost::asio::use_awaitable_t<>, void(Answer)>::handler_type;

  // Lives as long as the journal's thread or a posted drain() may touch it.
  struct Inbox : std::enable_shared_from_this<Inbox> {
    void put(std::shared_ptr<Handler> waiter, Answer answer);  // from the journal's thread
    void drain();

    boost::asio::any_io_executor executor;
    std::mutex mutex;
    std::vector<std::pair<std::shared_ptr<Handler>, Answer>> answers;
  };

  audit::Journal& journal_;
  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
};

}  // namespace menshen::pipeline
