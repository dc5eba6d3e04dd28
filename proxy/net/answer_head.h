// The head of an answer, read from its connection.
//
//   const HeadRead read = co_await read_answer_head(channel, "GET", limits, head, framing);
//   if (read.fault != http::Fault::none) return http::response_error(read.fault);
//   if (read.io != Io::ok) ...            // nothing, or half a head, and then that
//
// The connection's deadline is the caller's to set.
#pragma once

#include "core/limits.h"
#include "proxy/http/fault.h"
#include "proxy/http/head.h"
#include "proxy/net/channel.h"

#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace menshen::net {

struct HeadRead {
  Io io = Io::ok;
  http::Fault fault = http::Fault::none;  // of bytes that came
  bool silent = false;                    // not a byte came
};

// Heads of interim answers (1xx) are passed over, a few of them. What follows the head stays in the
// channel's input.
asio::awaitable<HeadRead> read_answer_head(Channel& channel, std::string_view method,
                                           const core::Limits& limits, http::ResponseHead& head,
                                           http::ResponseFraming& framing);

}  // namespace menshen::net
