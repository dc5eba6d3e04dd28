// Which pages of other origins may read answers (Fetch, "CORS protocol"). Origins are named, never
// by a wildcard, and browsers are told to send no cookies: a caller is known by its key alone.
//
//   const Cors cors({"https://app.example"}, methods_of_path);
//   if (auto reply = cors.preflight(head)) co_await send(*reply);     // before anybody is asked
//   who cors.mark(head, answer.headers);                                  // every other answer
//
// Immutable; any thread.
#pragma once

#include "proxy/http/message.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::http {

class Cors {
 public:
  // `methods`: what a path takes, as in `allow`; empty: there is no such path.
  using Methods = std::function<std::string(std::string_view path)>;

  Cors(std::vector<std::string> origins, Methods methods)
      : origins_(std::move(origins)), methods_(std::move(methods)) {}

  // The answer to a browser's question whether a page may call; absent: it is none, or of an origin
  // or for a path that nobody named.
  [[nodiscard]] std::optional<Reply> preflight(const RequestHead& head) const;
  // Lets the page read the answer, if its origin is named. Caches learn that the answer depends on
  // it.
  void mark(const RequestHead& head, Headers& answer) const;

 private:
  // Empty: none, more than one, or not named.
  [[nodiscard]] std::string_view named_origin(const RequestHead& head) const noexcept;

  std::vector<std::string> origins_;
  Methods methods_;
};

}  // namespace menshen::http
