// What can be wrong with the framing of an HTTP/1.1 message: one list for both sides, so that what
// is refused from a client is refused from a provider too.
//
//   if (const Fault fault = parse_request(bytes, limits, head, framing); fault != Fault::none) {
//     return request_error(fault);
//   }
#pragma once

#include "core/error.h"

#include <cstdint>
#include <string_view>

namespace menshen::http {

enum class Fault : std::uint8_t {
  none,
  bare_line_feed,
  bare_carriage_return,
  control_character,
  folded_field,
  bad_start_line,
  bad_version,
  bad_field,
  header_bytes,
  header_count,
  target_bytes,
  bad_target,
  missing_host,
  bad_host,
  bad_connection,
  repeated_field,
  length_and_encoding,
  repeated_length,
  bad_length,
  bad_transfer_encoding,
  content_encoding,
  upgrade,
  body_not_allowed,
  expectation,
  chunk_size,
  chunk_header_bytes,
  chunk_end,
  trailer_bytes,
  bad_trailer,
};

// Stable, lower snake case; the error code that a client sees.
[[nodiscard]] std::string_view to_string(Fault fault) noexcept;

// The fault as the client's, with the status that fits it.
[[nodiscard]] core::Error request_error(Fault fault);
// The same as the provider's: always bad_upstream.
[[nodiscard]] core::Error response_error(Fault fault);

}  // namespace menshen::http
