#include "proxy/http/wire.h"

#include <boost/beast/http/status.hpp>

#include <array>
#include <charconv>
#include <ctime>

namespace menshen::http {
namespace {

template <class Number>
void append_number(std::string& out, Number number, int base = 10) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

bool is_framing(std::string_view name) noexcept {
  return name == "content-length" || is_hop_by_hop(name);
}

void append_framing(std::string& out, unsigned status, const AnswerFraming& framing) {
  const bool bodiless = status == 204 || status == 304;
  if (framing.body == BodyKind::chunked) {
    out += "transfer-encoding: chunked\r\n";
  } else if (framing.body != BodyKind::until_close && !bodiless) {
    out += "content-length: ";
    append_number(out, framing.length);
    out += "\r\n";
  }
  if (!framing.keep_alive) out += "connection: close\r\n";
}

}  // namespace

bool append_response_head(std::string& out, const ResponseHead& head, const AnswerFraming& framing,
                          std::string_view date) {
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(head.status));
  out += "HTTP/1.1 ";
  append_number(out, head.status);
  out.append(" ").append(reason.data(), reason.size()).append("\r\n");
  bool dated = false;
  for (const auto& [name, value] : head.headers) {
    if (!is_valid_field(name, value)) return false;
    if (is_framing(name)) continue;
    dated = dated || name == "date";
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!dated) out.append("date: ").append(date).append("\r\n");
  append_framing(out, head.status, framing);
  out += "\r\n";
  return true;
}

void append_chunk_size(std::string& out, std::size_t size) {
  append_number(out, size, 16);
  out += "\r\n";
}

std::string_view DateLine::at(std::int64_t wall_ns) {
  const std::int64_t second = wall_ns / 1'000'000'000;
  if (second == second_) return text_;
  second_ = second;
  const auto time = static_cast<std::time_t>(second);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  text_.assign(text.data(), size);
  return text_;
}

}  // namespace menshen::http
