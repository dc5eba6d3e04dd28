// Heads, answers, and one request with its answer, without sockets: what the data plane, the admin
// plane and their tests see of HTTP.
#pragma once

#include "core/error.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::http {

namespace asio = boost::asio;

// Names in lower case, in the order received; values without surrounding blanks.
using Headers = std::vector<std::pair<std::string, std::string>>;

// The value of the header that occurs once; nullopt: absent. A header that occurs twice is an error
// of the transport for those that must be unique.
[[nodiscard]] std::optional<std::string_view> find_header(const Headers& headers,
                                                          std::string_view name);

struct RequestHead {
  std::string method;
  std::string target;  // path and query as sent
  Headers headers;
  std::string client_address;
  std::int64_t received_ns = 0;  // monotonic: the head was complete
};

struct ResponseHead {
  unsigned status = 200;
  Headers
      headers;  // transport adds framing (content-length, transfer-encoding, connection) and date
};

// A whole answer.
struct Reply {
  ResponseHead head;
  std::string body;
};

// One request and its answer on a client's connection. Used by one coroutine on the connection's
// thread. Every awaited call ends with an error of kind cancelled when the client went away; later
// calls do so too.
class Transaction {
 public:
  virtual ~Transaction() = default;

  [[nodiscard]] virtual const RequestHead& head() const noexcept = 0;

  // The whole body, decoded from chunks; answers `expect: 100-continue` when called. Errors:
  // too_large, request_timeout, invalid_request (framing), cancelled.
  virtual asio::awaitable<core::Result<std::string>> read_body() = 0;

  // A whole answer. The last bytes leave here: the caller has made the evidence durable.
  virtual asio::awaitable<core::Result<void>> send(ResponseHead head, std::string body) = 0;

  // An answer in pieces (chunked). write() returns when the client's socket took the bytes:
  // back-pressure.
  virtual asio::awaitable<core::Result<void>> start(ResponseHead head) = 0;
  virtual asio::awaitable<core::Result<void>> write(std::string_view bytes) = 0;
  virtual asio::awaitable<core::Result<void>> finish() = 0;

  // Ends the connection without finishing the answer, so that the client sees that it is
  // incomplete.
  virtual void abort() noexcept = 0;

  // Whether this side has ended the connection, because it stops; not the client.
  [[nodiscard]] virtual bool cut_off() const noexcept = 0;
};

}  // namespace menshen::http
