#include "proxy/admin/probe.h"

#include "proxy/http/characters.h"
#include "proxy/net/client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace menshen::admin {
namespace {

using Answer = core::Result<http::Reply>;

std::string reachable(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

Answer fetch_now(const net::Target& target, const net::Request& request,
                 const net::Bounds& bounds) {
  boost::asio::io_context io{1};
  Answer answer;
  boost::asio::co_spawn(io, net::fetch(target, request, bounds),
                        [&answer](const std::exception_ptr& thrown, Answer got) {
                          if (thrown) std::rethrow_exception(thrown);
                          answer = std::move(got);
                        });
  io.run();
  return answer;
}

std::string text_at(const nlohmann::json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Whoever listens there might talk to the terminal.
std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return http::is_control(c) || c == '\t'; }, '?');
  return text;
}

}  // namespace

core::Result<Readiness> ask_readiness(const std::string& host, std::uint16_t port,
                                      std::chrono::milliseconds patience,
                                      const std::string& token) {
  const net::Target target{.host = reachable(host), .port = port};
  net::Request request{.target = "/readyz"};
  if (!token.empty()) request.headers = {{"authorization", "Bearer " + token}};
  const net::Bounds bounds{.time = patience, .body_bytes_max = 64 * 1024};
  const Answer answer = fetch_now(target, request, bounds);
  if (!answer) return answer.error();
  const auto body = nlohmann::json::parse(answer->body, nullptr, false);
  if (answer->head.status == 200 && text_at(body, "status") == "ready") return Readiness{true, {}};
  if (text_at(body, "code") == "not_ready") {
    return Readiness{false, printable(text_at(body, "detail"))};
  }
  return core::gateway_error(core::ErrorKind::bad_upstream, "not_a_gateway",
                             target.host + " port " + std::to_string(port) +
                                 " answers, but not as a gateway's admin address does (" +
                                 std::to_string(answer->head.status) + ").");
}

}  // namespace menshen::admin
