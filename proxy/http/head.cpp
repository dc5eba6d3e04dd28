#include "proxy/http/head.h"

#include "proxy/http/characters.h"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace menshen::http {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

// One line without its CRLF, the start line or a field.
Fault check_line(std::string_view line, bool is_start_line) noexcept {
  for (const char c : line) {
    if (is_control(c)) return c == '\r' ? Fault::bare_carriage_return : Fault::control_character;
  }
  if (is_start_line) return line.empty() ? Fault::bad_start_line : Fault::none;
  if (line.empty()) return Fault::none;
  if (is_blank(line.front())) return Fault::folded_field;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return Fault::bad_field;
  return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), is_token)
             ? Fault::none
             : Fault::bad_field;
}

// Fields by which requests are judged, the version of an API among them: a second one would let two
// readers disagree.
bool is_singular(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 5> names{
      "authorization", "content-type", "content-encoding", "expect", "x-menshen-user"};
  return is_key_field(name) || name.ends_with("-version") ||
         std::find(names.begin(), names.end(), name) != names.end();
}

// What the fields of a head say about framing, collected while Beast parses them.
struct Semantics {
  bool of_request = false;
  std::optional<std::uint64_t> length;
  bool length_seen = false;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  unsigned hosts = 0;
  bool expectation = false;
  Fault fault = Fault::none;
  std::string nominated;  // names in Connection, lower case, each between commas

  void blame(Fault what) noexcept {
    if (fault == Fault::none) fault = what;
  }
  void on_length(std::string_view value) noexcept;
  void on_transfer_encoding(std::string_view value) noexcept;
  void on_connection(std::string_view value);
  void on_host(std::string_view value) noexcept;
  void on_field(std::string_view name, std::string_view value);
};

void Semantics::on_length(std::string_view value) noexcept {
  if (length_seen) return blame(Fault::repeated_length);
  length_seen = true;
  constexpr std::size_t digits_max = 18;
  if (value.empty() || value.size() > digits_max ||
      !std::all_of(value.begin(), value.end(), is_digit)) {
    return blame(Fault::bad_length);
  }
  std::uint64_t number = 0;
  for (const char c : value) number = number * 10 + static_cast<std::uint64_t>(c - '0');
  length = number;
}

void Semantics::on_transfer_encoding(std::string_view value) noexcept {
  if (chunked || !equal_ignoring_case(value, "chunked")) return blame(Fault::bad_transfer_encoding);
  chunked = true;
}

void Semantics::on_connection(std::string_view value) {
  for_each_member(value, [this](std::string_view member) {
    if (equal_ignoring_case(member, "close")) {
      close = true;
    } else if (equal_ignoring_case(member, "keep-alive")) {
      keep_alive = true;
    } else {
      std::string name(member);
      std::transform(name.begin(), name.end(), name.begin(), lower);
      // RFC 9110, section 7.6.1: not for fields that are meant for everyone. Taking them out would
      // choose what is judged.
      if (name == "host" || name == "content-length" || is_singular(name)) {
        return blame(Fault::bad_connection);
      }
      nominated.append(",").append(name).append(",");
    }
  });
}

void Semantics::on_host(std::string_view value) noexcept {
  if (++hosts > 1) return blame(Fault::repeated_field);
  const bool good = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
           std::string_view("-._~[]:%").find(c) != std::string_view::npos;
  });
  if (!good) blame(Fault::bad_host);
}

void Semantics::on_field(std::string_view name, std::string_view value) {
  if (name == "content-length") {
    on_length(value);
  } else if (name == "transfer-encoding") {
    on_transfer_encoding(value);
  } else if (name == "connection") {
    on_connection(value);
  } else if (name == "host") {
    on_host(value);
  } else if (name == "content-encoding") {
    // A client's is refused by the exchange, which then has its record.
    if (!of_request && !equal_ignoring_case(value, "identity")) blame(Fault::content_encoding);
  } else if (name == "upgrade") {
    // RFC 9110, section 7.8: an upgrade may be ignored. Some HTTP clients offer h2c on every plain
    // connection.
    if (!equal_ignoring_case(value, "h2c")) blame(Fault::upgrade);
  } else if (name == "expect") {
    if (!equal_ignoring_case(value, "100-continue")) blame(Fault::expectation);
    expectation = true;
  }
}

// Beast's parser of one message head, writing straight into the structures of an exchange.
template <bool is_request, class Head>
class HeadParser final : public http::basic_parser<is_request> {
 public:
  HeadParser(Head& head, std::uint32_t count_max) : head_(head), count_max_(count_max) {
    this->header_limit(std::numeric_limits<std::uint32_t>::max());
    this->body_limit(boost::none);
    head_.headers.clear();
    semantics.of_request = is_request;
  }

  Fault parse(std::string_view bytes) {
    error_code ec;
    const std::size_t used = this->put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
    if (semantics.fault != Fault::none) return semantics.fault;
    if (ec == http::error::bad_version) return Fault::bad_version;
    if (ec == http::error::bad_target) return Fault::bad_target;
    // Beast sees some contradictions before on_field_impl() does.
    if (ec == http::error::multiple_content_length) return Fault::repeated_length;
    if (ec == http::error::bad_content_length) {
      return semantics.chunked ? Fault::length_and_encoding : Fault::bad_length;
    }
    if (ec == http::error::bad_transfer_encoding) {
      return semantics.length_seen ? Fault::length_and_encoding : Fault::bad_transfer_encoding;
    }
    if (ec && !this->got_some()) return Fault::bad_start_line;
    if (ec || !this->is_header_done() || used != bytes.size()) return Fault::bad_start_line;
    return Fault::none;
  }

  Semantics semantics;
  int version = 0;

 private:
  void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                       int http_version, error_code&) override {
    version = http_version;
    if constexpr (is_request) {
      head_.method.assign(method.data(), method.size());
      head_.target.assign(target.data(), target.size());
    }
  }
  void on_response_impl(int status, beast::string_view, int http_version, error_code&) override {
    version = http_version;
    if constexpr (!is_request) head_.status = static_cast<unsigned>(status);
  }
  void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                     error_code&) override {
    if (++count_ > count_max_) return semantics.blame(Fault::header_count);
    auto& [key, text] = head_.headers.emplace_back();
    key.resize(name.size());
    std::transform(name.begin(), name.end(), key.begin(), lower);
    text.assign(value.data(), value.size());
    semantics.on_field(key, text);
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override {
    return 0;
  }
  void on_finish_impl(error_code&) override {}

  Head& head_;
  std::uint32_t count_max_;
  std::uint32_t count_ = 0;
};

Fault check_singular(const Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!is_singular(headers[i].first)) continue;
    for (std::size_t j = i + 1; j < headers.size(); ++j) {
      if (headers[j].first == headers[i].first) return Fault::repeated_field;
    }
  }
  return Fault::none;
}

void remove_hop_by_hop(Headers& headers, const std::string& nominated) {
  std::erase_if(headers, [&nominated](const auto& field) {
    return is_hop_by_hop(field.first) ||
           (!nominated.empty() && nominated.find("," + field.first + ",") != std::string::npos);
  });
}

// Beast takes any visible path; a proxy's own targets begin with a slash (RFC 9112, section 3.2.1).
Fault check_target(std::string_view target, const core::Limits& limits) noexcept {
  if (target.size() > limits.target_bytes_max) return Fault::target_bytes;
  if (target.empty() || target.front() != '/') return Fault::bad_target;
  return std::all_of(target.begin(), target.end(), [](char c) { return is_visible(c) && c != '#'; })
             ? Fault::none
             : Fault::bad_target;
}

bool has_no_body(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" ||
         method == "CONNECT";
}

// The target from the request line as sent, so that its length and form are judged before Beast
// judges its characters: "METHOD SP target SP HTTP/1.x".
Fault check_request_line(std::string_view bytes, const core::Limits& limits) noexcept {
  const auto line = bytes.substr(0, bytes.find('\r'));
  const auto begin = line.find(' ');
  const auto end = line.rfind(' ');
  if (begin == std::string_view::npos || begin == 0 || begin == end) return Fault::bad_start_line;
  if (!std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(begin), is_token)) {
    return Fault::bad_start_line;
  }
  const auto target = line.substr(begin + 1, end - begin - 1);
  if (target.find(' ') != std::string_view::npos) return Fault::bad_start_line;
  if (const Fault fault = check_target(target, limits); fault != Fault::none) return fault;
  const auto version = line.substr(end + 1);
  return version == "HTTP/1.1" || version == "HTTP/1.0" ? Fault::none : Fault::bad_version;
}

Fault check_lengths(const Semantics& said, bool http_1_0) noexcept {
  if (said.length_seen && said.chunked) return Fault::length_and_encoding;
  return said.chunked && http_1_0 ? Fault::bad_transfer_encoding : Fault::none;
}

}  // namespace

HeadScanner::Found HeadScanner::scan(std::string_view input) {
  while (true) {
    const auto feed = input.find('\n', std::max(position_, searched_));
    const auto end = feed == std::string_view::npos ? input.size() : feed + 1;
    if (end > bytes_max_) return {0, Fault::header_bytes};
    searched_ = end;
    if (feed == std::string_view::npos) return {};
    if (feed == position_ || input[feed - 1] != '\r') return {0, Fault::bare_line_feed};
    const auto line = input.substr(position_, feed - 1 - position_);
    if (const Fault fault = check_line(line, position_ == 0); fault != Fault::none)
      return {0, fault};
    position_ = feed + 1;
    if (line.empty()) return {position_, Fault::none};
  }
}

Fault parse_request(std::string_view bytes, const core::Limits& limits, RequestHead& head,
                    RequestFraming& framing) {
  if (const Fault fault = check_request_line(bytes, limits); fault != Fault::none) return fault;
  HeadParser<true, RequestHead> parser(head, limits.header_count_max);
  if (const Fault fault = parser.parse(bytes); fault != Fault::none) return fault;
  const Semantics& said = parser.semantics;
  const bool http_1_0 = parser.version == 10;
  if (const Fault fault = check_lengths(said, http_1_0); fault != Fault::none) return fault;
  if (said.hosts == 0 && !http_1_0) return Fault::missing_host;
  if (const Fault fault = check_singular(head.headers); fault != Fault::none) return fault;
  const bool has_body = said.chunked || said.length.value_or(0) > 0;
  if (has_body && has_no_body(head.method)) return Fault::body_not_allowed;

  framing.body = said.chunked ? BodyKind::chunked : has_body ? BodyKind::length : BodyKind::none;
  framing.length = said.length.value_or(0);
  framing.http_1_0 = http_1_0;
  framing.keep_alive = !http_1_0 && !said.close;
  framing.expects_continue = said.expectation && !http_1_0 && has_body;
  remove_hop_by_hop(head.headers, said.nominated);
  return Fault::none;
}

namespace {

// "timeout=5, max=100": a number beyond 16 bits is as good as none.
std::optional<std::uint32_t> announced_keep_alive(const Headers& headers) {
  const auto field = std::find_if(headers.begin(), headers.end(),
                                  [](const auto& each) { return each.first == "keep-alive"; });
  if (field == headers.end()) return std::nullopt;
  constexpr std::string_view name = "timeout=";
  const std::size_t at = field->second.find(name);
  if (at == std::string::npos) return std::nullopt;
  std::uint16_t seconds = 0;
  const auto digits = std::string_view(field->second).substr(at + name.size());
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  return read.ec == std::errc() ? std::optional<std::uint32_t>(seconds) : std::nullopt;
}

}  // namespace

Fault parse_response(std::string_view bytes, std::string_view method, const core::Limits& limits,
                     ResponseHead& head, ResponseFraming& framing) {
  HeadParser<false, ResponseHead> parser(head, limits.header_count_max);
  if (const Fault fault = parser.parse(bytes); fault != Fault::none) return fault;
  const Semantics& said = parser.semantics;
  const bool http_1_0 = parser.version == 10;
  if (const Fault fault = check_lengths(said, http_1_0); fault != Fault::none) return fault;
  if (const Fault fault = check_singular(head.headers); fault != Fault::none) return fault;
  if (head.status < 100 || head.status > 599) return Fault::bad_start_line;
  if (head.status == 101) return Fault::upgrade;

  framing.length = said.length.value_or(0);
  framing.keep_alive = !http_1_0 && !said.close;
  if (method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304) {
    framing.body = BodyKind::none;
  } else if (said.chunked) {
    framing.body = BodyKind::chunked;
  } else if (said.length_seen) {
    framing.body = framing.length > 0 ? BodyKind::length : BodyKind::none;
  } else {
    framing.body = BodyKind::until_close;
    framing.keep_alive = false;
  }
  framing.keep_alive_s = announced_keep_alive(head.headers);
  remove_hop_by_hop(head.headers, said.nominated);
  return Fault::none;
}

bool is_key_field(std::string_view name) noexcept { return name.ends_with("api-key"); }

bool is_hop_by_hop(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 10> names{"connection",
                                                          "keep-alive",
                                                          "proxy-connection",
                                                          "proxy-authenticate",
                                                          "proxy-authorization",
                                                          "te",
                                                          "transfer-encoding",
                                                          "trailer",
                                                          "upgrade",
                                                          "http2-settings"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_valid_field(std::string_view name, std::string_view value) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token) &&
         std::none_of(value.begin(), value.end(), is_control);
}

}  // namespace menshen::http
