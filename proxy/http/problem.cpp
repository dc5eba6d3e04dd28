#include "proxy/http/problem.h"

#include <boost/beast/http/status.hpp>
#include <nlohmann/json.hpp>

namespace menshen::http {

Reply problem(const core::Error& error) {
  const auto status = static_cast<unsigned>(core::http_status(error.kind));
  const auto title = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  nlohmann::ordered_json body{{"type", "about:blank"},
                              {"title", std::string_view(title.data(), title.size())},
                              {"status", status},
                              {"detail", error.message},
                              {"code", error.code}};
  if (!error.where.empty()) body["where"] = error.where;
  // What cannot be UTF-8 is replaced: an error must not fail for what it quotes.
  constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
  return {{status, {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}}},
          body.dump(-1, ' ', false, replace)};
}

}  // namespace menshen::http
