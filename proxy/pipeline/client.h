// The client's side of an exchange, as the HTTP room has it, without sockets; upstream.h has the
// provider's.
#pragma once

#include "proxy/http/message.h"

namespace menshen::pipeline {

namespace asio = boost::asio;

using Client = http::Transaction;
using http::find_header;
using http::Headers;
using http::RequestHead;
using http::ResponseHead;

}  // namespace menshen::pipeline
