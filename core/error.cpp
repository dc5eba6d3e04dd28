#include "core/error.h"

#include <stdexcept>

namespace menshen::core {

int http_status(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_request: return 400;
    case ErrorKind::unauthenticated: return 401;
    case ErrorKind::forbidden: return 403;
    case ErrorKind::not_found: return 404;
    case ErrorKind::method_not_allowed: return 405;
    case ErrorKind::request_timeout: return 408;
    case ErrorKind::too_large: return 413;
    case ErrorKind::unsupported_media: return 415;
    case ErrorKind::rate_limited: return 429;
    case ErrorKind::headers_too_large: return 431;
    case ErrorKind::internal: return 500;
    case ErrorKind::bad_upstream: return 502;
    case ErrorKind::unavailable: return 503;
    case ErrorKind::upstream_timeout: return 504;
    case ErrorKind::cancelled: return 499;
    case ErrorKind::invalid_config: return 500;
  }
  return 500;
}

std::string_view to_string(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_request: return "invalid_request";
    case ErrorKind::unauthenticated: return "unauthenticated";
    case ErrorKind::forbidden: return "forbidden";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::method_not_allowed: return "method_not_allowed";
    case ErrorKind::request_timeout: return "request_timeout";
    case ErrorKind::too_large: return "too_large";
    case ErrorKind::unsupported_media: return "unsupported_media";
    case ErrorKind::rate_limited: return "rate_limited";
    case ErrorKind::headers_too_large: return "headers_too_large";
    case ErrorKind::internal: return "internal";
    case ErrorKind::bad_upstream: return "bad_upstream";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::upstream_timeout: return "upstream_timeout";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::invalid_config: return "invalid_config";
  }
  return "internal";
}

std::string_view to_string(ErrorSource source) noexcept {
  switch (source) {
    case ErrorSource::client: return "client";
    case ErrorSource::provider: return "provider";
    case ErrorSource::gateway: return "gateway";
  }
  return "gateway";
}

std::string to_string(const Error& error) {
  std::string text;
  if (!error.where.empty()) text.append(error.where).append(": ");
  text.append(error.message);
  if (!error.code.empty()) text.append(" (").append(error.code).append(")");
  return text;
}

Error out_of_memory() {
  return gateway_error(ErrorKind::unavailable, "out_of_memory",
                       "The gateway is out of memory; try again later.");
}

void throw_failed(const Error& error) {
  throw std::logic_error("value() of a failed result: " + to_string(error));
}

}  // namespace menshen::core
