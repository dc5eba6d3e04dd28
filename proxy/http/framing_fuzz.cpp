// Properties of the framing parsers: cuts change nothing; what passes as a head holds no line end,
// no control character and no second opinion about the body's length; and what it was reduced to
// parses to itself.
#include "core/fuzz_canary.h"
#include "proxy/http/chunk.h"
#include "proxy/http/head.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace menshen;
using http::BodyKind;
using http::ChunkDecoder;
using http::Fault;
using http::HeadScanner;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Decoded {
  std::string data;
  std::size_t consumed = 0;
  bool done = false;
  Fault fault = Fault::none;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view input, std::size_t piece_size) {
  Decoded out;
  ChunkDecoder decoder(64);
  while (!input.empty() && !out.done && out.fault == Fault::none) {
    std::string_view piece = input.substr(0, piece_size);
    input.remove_prefix(piece.size());
    if (core::fuzz_canary) {
      // The planted bug: a carriage return at the end of a piece is lost.
      if (!input.empty() && piece.ends_with('\r')) piece.remove_suffix(1);
    }
    while (!piece.empty() && !out.done && out.fault == Fault::none) {
      const auto step = decoder.next(piece);
      out.data.append(step.data);
      out.consumed += step.consumed;
      out.done = step.done;
      out.fault = step.fault;
      piece.remove_prefix(step.consumed);
    }
  }
  return out;
}

HeadScanner::Found scan(std::string_view input, std::size_t step) {
  HeadScanner scanner(4096);
  HeadScanner::Found found;
  for (std::size_t size = 0;
       found.length == 0 && found.fault == Fault::none && size < input.size();) {
    size = std::min(input.size(), size + step);
    found = scanner.scan(input.substr(0, size));
  }
  return found;
}

// How many lines of the head begin with this name and a colon, in any case.
int count_fields(std::string_view head, std::string_view name) {
  std::string lower(head);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string wanted = "\r\n" + std::string(name) + ":";
  int count = 0;
  for (auto at = lower.find(wanted); at != std::string::npos; at = lower.find(wanted, at + 1))
    ++count;
  return count;
}

void check_head(std::string_view bytes) {
  http::RequestHead head;
  http::RequestFraming framing;
  if (http::parse_request(bytes, {}, head, framing) != Fault::none) return;
  require(head.target.front() == '/' && head.method.find(' ') == std::string::npos);
  const int lengths = count_fields(bytes, "content-length");
  const int encodings = count_fields(bytes, "transfer-encoding");
  require(lengths + encodings <= 1);
  require((framing.body == BodyKind::chunked) == (encodings == 1));
  require(framing.body != BodyKind::length || lengths == 1);
  std::string again = head.method + " " + head.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : head.headers) {
    require(http::is_valid_field(name, value));
    again.append(name).append(": ").append(value).append("\r\n");
  }
  if (count_fields(bytes, "host") == 0) again.append("host: x\r\n");
  again.append("\r\n");
  if (head.headers.size() >= core::Limits{}.header_count_max) return;
  http::RequestHead second;
  http::RequestFraming second_framing;
  require(HeadScanner(2 * 4096).scan(again).length == again.size());
  require(http::parse_request(again, {}, second, second_framing) == Fault::none);
  require(second.method == head.method && second.target == head.target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = data[0] % 7 + 1U;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  require(decode(input, step) == decode(input, input.size()));
  const auto found = scan(input, step);
  const auto whole = scan(input, input.size());
  require(found.length == whole.length && found.fault == whole.fault);
  if (found.length > 0) check_head(input.substr(0, found.length));
  http::ResponseHead response;
  http::ResponseFraming framing;
  if (found.length > 0)
    std::ignore =
        http::parse_response(input.substr(0, found.length), "POST", {}, response, framing);
  return 0;
}
