// What went wrong, whose fault it is, and where: the one error type of all libraries.
//
// Functions that can fail return Result<T>; ignoring one does not compile. Exceptions are for
// start-up and for bugs. An Error never carries a prompt, an answer, a key or a matched value (law
// 8).
//
//   core::Result<Config> config = load(path);
//   if (!config) return config.error();
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::core {

enum class ErrorKind : std::uint8_t {
  invalid_request,     // 400
  unauthenticated,     // 401
  forbidden,           // 403: access rules, or content that a rule refuses
  not_found,           // 404
  method_not_allowed,  // 405
  request_timeout,     // 408: the client was too slow
  too_large,           // 413
  unsupported_media,   // 415
  headers_too_large,   // 431
  rate_limited,        // 429
  internal,            // 500: a bug, or a detector that failed
  bad_upstream,        // 502: refused, reset, or answered what no client may see
  unavailable,         // 503: the evidence cannot be written, draining, no healthy upstream
  upstream_timeout,    // 504
  cancelled,           // the client went away; nobody is left to answer
  invalid_config,      // start-up and CLI: a file that does not load
};

enum class ErrorSource : std::uint8_t { client, provider, gateway };

struct Error {
  ErrorKind kind = ErrorKind::internal;
  ErrorSource source = ErrorSource::gateway;
  std::string code;     // stable, lower snake case: "invalid_api_key"
  std::string message;  // a sentence a person can act on
  std::string where;    // JSON pointer, or file:line:column field; may be empty
};

// The only place that maps an error to an HTTP status.
[[nodiscard]] int http_status(ErrorKind kind) noexcept;
[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;
[[nodiscard]] std::string_view to_string(ErrorSource source) noexcept;

// "where: message (code)", for logs and command lines.
[[nodiscard]] std::string to_string(const Error& error);

// Found by Boost.System when value() is called on a failed result: a bug, so it throws.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& at);

template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

[[nodiscard]] inline Error client_error(ErrorKind kind, std::string code, std::string message,
                                        std::string where = {}) {
  return {kind, ErrorSource::client, std::move(code), std::move(message), std::move(where)};
}
[[nodiscard]] inline Error gateway_error(ErrorKind kind, std::string code, std::string message,
                                         std::string where = {}) {
  return {kind, ErrorSource::gateway, std::move(code), std::move(message), std::move(where)};
}
[[nodiscard]] inline Error provider_error(ErrorKind kind, std::string code, std::string message,
                                          std::string where = {}) {
  return {kind, ErrorSource::provider, std::move(code), std::move(message), std::move(where)};
}

}  // namespace menshen::core
