// What went wrong, whose fault it is, and where: the one error type of all libraries.
//
// Functions that can fail return Result<T>; ignoring one does not compile. Exceptions are for
// start-up and for bugs. An Error never carries a prompt, an answer, a key or a matched value (law
// 8).
//
//   core::Result<Config> config = load(path);
//   if (!config) return config.error();
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

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

// value() of a failed result: a bug, so it throws std::logic_error.
[[noreturn]] void throw_failed(const Error& error);

// A value or an Error; made from either without a word. Access to what is not there throws: to a
// value std::logic_error, to an error std::bad_variant_access.
template <class T>
class [[nodiscard]] Result {
 public:
  Result()
    requires std::default_initializable<T>
      : state_(std::in_place_index<0>) {}
  template <class U>
    requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Result> &&
             !std::same_as<std::remove_cvref_t<U>, Error>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  [[nodiscard]] bool has_error() const noexcept { return state_.index() == 1; }
  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& value() & { return value_of(*this); }
  [[nodiscard]] const T& value() const& { return value_of(*this); }
  // By value, so that `for (auto& each : read().value())` keeps what it walks.
  [[nodiscard]] T value() && { return std::move(value_of(*this)); }
  [[nodiscard]] T& operator*() & { return value_of(*this); }
  [[nodiscard]] const T& operator*() const& { return value_of(*this); }
  [[nodiscard]] T operator*() && { return std::move(value_of(*this)); }
  [[nodiscard]] T* operator->() { return &value_of(*this); }
  [[nodiscard]] const T* operator->() const { return &value_of(*this); }
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error error() && { return std::get<1>(std::move(state_)); }

 private:
  template <class Self>
  static auto& value_of(Self& self) {
    if (auto* value = std::get_if<0>(&self.state_)) [[likely]]
      return *value;
    throw_failed(std::get<1>(self.state_));
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> : public Result<std::monostate> {
 public:
  Result() = default;
  Result(Error error) : Result<std::monostate>(std::move(error)) {}
  void value() const { std::ignore = Result<std::monostate>::value(); }
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

// "out_of_memory", whatever was being done.
[[nodiscard]] Error out_of_memory();

}  // namespace menshen::core
