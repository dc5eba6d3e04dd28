#include "proxy/http/fault.h"

#include <array>
#include <string>

namespace menshen::http {
namespace {

using core::ErrorKind;

struct Row {
  Fault fault;
  ErrorKind kind;
  std::string_view code;
  std::string_view message;
};

constexpr std::array rows{
    Row{Fault::none, ErrorKind::internal, "none", "No fault."},
    Row{Fault::bare_line_feed, ErrorKind::invalid_request, "bare_line_feed",
        "A line of the HTTP head ends without a carriage return."},
    Row{Fault::bare_carriage_return, ErrorKind::invalid_request, "bare_carriage_return",
        "The HTTP head contains a carriage return that ends no line."},
    Row{Fault::control_character, ErrorKind::invalid_request, "control_character",
        "The HTTP head contains a control character."},
    Row{Fault::folded_field, ErrorKind::invalid_request, "folded_field",
        "A header field is folded over several lines."},
    Row{Fault::bad_start_line, ErrorKind::invalid_request, "bad_start_line",
        "The start line is not HTTP/1.1."},
    Row{Fault::bad_version, ErrorKind::invalid_request, "bad_version",
        "The HTTP version is neither 1.1 nor 1.0."},
    Row{Fault::bad_field, ErrorKind::invalid_request, "bad_field",
        "The name of a header field is empty or has characters that names may not have."},
    Row{Fault::header_bytes, ErrorKind::headers_too_large, "headers_too_large",
        "The HTTP head is larger than the limit header_bytes_max."},
    Row{Fault::header_count, ErrorKind::headers_too_large, "too_many_headers",
        "The HTTP head has more fields than the limit header_count_max."},
    Row{Fault::target_bytes, ErrorKind::invalid_request, "target_too_long",
        "The path and query are longer than the limit target_bytes_max."},
    Row{Fault::bad_target, ErrorKind::invalid_request, "bad_target",
        "The request target is not a path that begins with a slash."},
    Row{Fault::missing_host, ErrorKind::invalid_request, "missing_host",
        "The Host header is missing."},
    Row{Fault::bad_host, ErrorKind::invalid_request, "bad_host", "The Host header names no host."},
    Row{Fault::bad_connection, ErrorKind::invalid_request, "bad_connection_header",
        "The Connection header names a field that is not for this connection alone."},
    Row{Fault::repeated_field, ErrorKind::invalid_request, "repeated_header",
        "A header that may occur once occurs twice."},
    Row{Fault::length_and_encoding, ErrorKind::invalid_request, "length_and_encoding",
        "Content-Length and Transfer-Encoding contradict each other."},
    Row{Fault::repeated_length, ErrorKind::invalid_request, "repeated_content_length",
        "Content-Length occurs twice."},
    Row{Fault::bad_length, ErrorKind::invalid_request, "bad_content_length",
        "Content-Length is not a decimal number."},
    Row{Fault::bad_transfer_encoding, ErrorKind::invalid_request, "bad_transfer_encoding",
        "The only transfer encoding that is understood is a single chunked."},
    Row{Fault::content_encoding, ErrorKind::unsupported_media, "unsupported_content_encoding",
        "The body is compressed; send it with Content-Encoding identity."},
    Row{Fault::upgrade, ErrorKind::invalid_request, "unsupported_upgrade",
        "The connection cannot be upgraded to another protocol."},
    Row{Fault::body_not_allowed, ErrorKind::invalid_request, "body_not_allowed",
        "A request with this method has no body."},
    Row{Fault::expectation, ErrorKind::invalid_request, "unsupported_expectation",
        "The only expectation that is understood is 100-continue."},
    Row{Fault::chunk_size, ErrorKind::invalid_request, "bad_chunk_size",
        "A chunk of the body has a size that is not hexadecimal."},
    Row{Fault::chunk_header_bytes, ErrorKind::invalid_request, "chunk_header_too_long",
        "A chunk of the body has a header longer than the limit chunk_header_bytes_max."},
    Row{Fault::chunk_end, ErrorKind::invalid_request, "bad_chunk_end",
        "A chunk of the body does not end where its size says."},
    Row{Fault::trailer_bytes, ErrorKind::headers_too_large, "trailers_too_large",
        "The trailers of the body are larger than this gateway accepts."},
    Row{Fault::bad_trailer, ErrorKind::invalid_request, "bad_trailer",
        "The trailers of the body are not header fields."},
};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].fault) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order() &&
              rows.size() == static_cast<std::size_t>(Fault::bad_trailer) + 1);

const Row& row_of(Fault fault) noexcept { return rows[static_cast<std::size_t>(fault)]; }

}  // namespace

std::string_view to_string(Fault fault) noexcept { return row_of(fault).code; }

core::Error request_error(Fault fault) {
  const Row& row = row_of(fault);
  return core::client_error(row.kind, std::string(row.code), std::string(row.message));
}

core::Error response_error(Fault fault) {
  const Row& row = row_of(fault);
  return core::provider_error(
      ErrorKind::bad_upstream, "bad_upstream_framing",
      "The upstream's answer cannot be read without doubt: " + std::string(row.code) + ".");
}

}  // namespace menshen::http
