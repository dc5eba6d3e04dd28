// Heads of HTTP/1.1 messages: found in a stream of bytes, checked strictly, parsed by Beast, and
// reduced to what an exchange may see plus how the body is framed. No sockets here.
//
// Stricter than RFC 9112 wherever the RFC lets two readers disagree: see Fault. One thread at a
// time; nothing refers to the input after a call.
//
//   HeadScanner scanner(limits.header_bytes_max);
//   auto found = scanner.scan(input);            // again with more input while found.length == 0
//   Fault fault = parse_request(input.substr(0, found.length), limits, head, framing);
#pragma once

#include "core/limits.h"
#include "proxy/http/message.h"
#include "proxy/http/fault.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace menshen::http {

// Finds the empty line that ends a head, checking each line as it comes: line ends, control
// characters, folds, names. Resumes where it stopped; the input of a later call begins with that of
// the one before.
class HeadScanner {
 public:
  struct Found {
    std::size_t length = 0;  // bytes up to and with the empty line; 0: incomplete
    Fault fault = Fault::none;
  };

  explicit HeadScanner(std::size_t header_bytes_max) noexcept : bytes_max_(header_bytes_max) {}
  Found scan(std::string_view input);
  void reset() noexcept { position_ = searched_ = 0; }

 private:
  std::size_t bytes_max_;
  std::size_t position_ = 0;  // start of the line that is incomplete
  std::size_t searched_ = 0;  // how far its end was looked for
};

enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

struct RequestFraming {
  BodyKind body = BodyKind::none;
  std::uint64_t length = 0;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool expects_continue = false;
};

struct ResponseFraming {
  BodyKind body = BodyKind::none;
  std::uint64_t length = 0;
  bool keep_alive = true;
  // How long the peer says that it keeps a connection at rest (keep-alive: timeout=).
  std::optional<std::uint32_t> keep_alive_s;
};

// `bytes` is one head that a HeadScanner found. Fills method, target and headers; hop-by-hop fields
// (RFC 9110, section 7.6.1) are checked, used and left out of the headers.
Fault parse_request(std::string_view bytes, const core::Limits& limits, RequestHead& head,
                    RequestFraming& framing);

// The same for a response to `method`. Statuses below 200 have no body and are for the caller to
// skip.
Fault parse_response(std::string_view bytes, std::string_view method, const core::Limits& limits,
                     ResponseHead& head, ResponseFraming& framing);

// Fields that belong to one connection and that neither side passes on.
[[nodiscard]] bool is_hop_by_hop(std::string_view lower_case_name) noexcept;

// Whether a field may hold an API key, whatever API calls it: x-api-key, api-key, and their like.
[[nodiscard]] bool is_key_field(std::string_view lower_case_name) noexcept;

// Whether name and value can stand in a head: no separators, no line ends, no control characters.
[[nodiscard]] bool is_valid_field(std::string_view name, std::string_view value) noexcept;

}  // namespace menshen::http
