#include "deploy/demo-core/wire.h"

#include <boost/beast/http/status.hpp>

namespace menshen::demo_core {
namespace {

std::string chunk(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + 16);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string size;
  for (std::size_t rest = bytes.size(); rest > 0; rest /= 16) size.insert(0, 1, digits[rest % 16]);
  return out.append(size).append("\r\n").append(bytes).append("\r\n");
}

}  // namespace

Answer json_answer(unsigned status, const Json& body) {
  const std::string text = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  std::string wire =
      "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason) +
      "\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(text.size()) +
      "\r\n\r\n" + text;
  return {{std::move(wire)}};
}

Answer stream_answer(const std::vector<std::string>& events) {
  Answer answer;
  for (const std::string& bytes : events) answer.writes.push_back(chunk(bytes));
  answer.writes.front().insert(
      0,
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
      "cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n");
  answer.writes.back() += "0\r\n\r\n";
  return answer;
}

std::string event(std::string_view type, const Json& data) {
  std::string out;
  if (!type.empty()) out.append("event: ").append(type).append("\n");
  return out.append("data: ")
      .append(data.dump(-1, ' ', false, Json::error_handler_t::replace))
      .append("\n\n");
}

Answer error_answer(unsigned status, std::string_view message) {
  return json_answer(status, {{"error",
                               {{"message", message},
                                {"type", "invalid_request_error"},
                                {"param", nullptr},
                                {"code", nullptr}}}});
}

}  // namespace menshen::demo_core
