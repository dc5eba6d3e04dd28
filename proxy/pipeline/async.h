// A bridge between coroutines and what is not one: the journal, which tells those who wait from a
// thread of its own.
#pragma once

#include "audit/journal.h"
#include "core/error.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>

namespace menshen::pipeline {

// The journal, seen from one I/O thread. What the handlers that are ready append goes to the
// journal together, behind the last of them: a loop that is busy makes large groups, and costs the
// disk less for each record. One wake-up brings back the answers of a whole commit.
//
// Append from that thread alone; keep it until every append has come back.
class JournalPort {
 public:
  explicit JournalPort(audit::Journal& journal);

  // Completes with its number when the record is durable, or could not be made so. Not cancellable:
  // the record is on its way, whatever becomes of the client. The record need not outlive the call.
  boost::asio::awaitable<core::Result<std::uint64_t>> append(const audit::Record& record);

 private:
  class Waiting;
  struct Box;

  std::shared_ptr<Box> box_;
};

}  // namespace menshen::pipeline
