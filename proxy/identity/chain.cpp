#include "proxy/identity/chain.h"

#include "proxy/http/characters.h"
#include "proxy/http/head.h"

#include <optional>
#include <string_view>

namespace menshen::identity {
namespace {

namespace asio = boost::asio;
using core::ErrorKind;

core::Error credential_error(std::string code, std::string message) {
  return core::client_error(ErrorKind::unauthenticated, std::move(code), std::move(message));
}

core::Error conflicting() {
  return core::client_error(ErrorKind::invalid_request, "conflicting_credentials",
                            "The request carries two different API keys; send one.");
}

// Of the fields in which APIs have their keys; nullopt: in none.
core::Result<std::optional<std::string_view>> key_of(const http::Headers& headers) {
  std::optional<std::string_view> key;
  for (const auto& [name, value] : headers) {
    if (!http::is_key_field(name)) continue;
    if (key && *key != value) return conflicting();
    key = value;
  }
  return key;
}

// Empty: no credential in a header.
core::Result<std::string_view> presented_credential(const http::Headers& headers) {
  const auto authorization = http::find_header(headers, "authorization");
  const auto api_key = key_of(headers);
  if (!api_key) return api_key.error();
  if (!authorization) return api_key->value_or(std::string_view{});
  constexpr std::string_view scheme = "bearer ";
  if (authorization->size() <= scheme.size() ||
      !http::equal_ignoring_case(authorization->substr(0, scheme.size()), scheme)) {
    return credential_error("malformed_api_key",
                            "The authorization header must be 'Bearer', a blank and an API key.");
  }
  const std::string_view bearer = authorization->substr(scheme.size());
  if (*api_key && **api_key != bearer) return conflicting();
  return bearer;
}

core::Error nobody_knows(std::string_view credential) {
  if (credential.empty()) {
    return credential_error("missing_api_key",
                            "Send an API key as 'Authorization: Bearer KEY' or 'x-api-key: KEY'.");
  }
  return credential_error("malformed_api_key",
                          "This is not an API key of this gateway: those begin with 'msk_' and are "
                          "51 characters long. A provider's own key is none; ask whoever runs the "
                          "gateway for one.");
}

}  // namespace

std::string Chain::problem() const {
  for (const auto& link : links_) {
    if (auto problem = link->problem(); !problem.empty()) return problem;
  }
  return {};
}

asio::awaitable<core::Result<core::Subject>> Chain::identify(const http::RequestHead& head) const {
  const auto credential = presented_credential(head.headers);
  if (!credential) co_return credential.error();
  const Presented presented{*credential, head.headers};
  for (const auto& link : links_) {
    auto known = co_await link->authenticate(presented);
    if (!known) co_return known.error();
    if (*known) co_return std::move(**known);
  }
  co_return nobody_knows(presented.credential);
}

}  // namespace menshen::identity
