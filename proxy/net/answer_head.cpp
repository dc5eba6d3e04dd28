#include "proxy/net/answer_head.h"

#include <algorithm>

namespace menshen::net {
namespace {

constexpr std::size_t head_buffer_bytes = 8 * 1024;
constexpr unsigned interim_heads_max = 8;
constexpr std::string_view http_prefix = "HTTP/";

}  // namespace

asio::awaitable<HeadRead> read_answer_head(Channel& channel, std::string_view method,
                                           const core::Limits& limits, http::ResponseHead& head,
                                           http::ResponseFraming& framing) {
  http::HeadScanner scanner(limits.upstream_header_bytes_max);
  HeadRead read;
  unsigned interim = 0;
  while (true) {
    const auto found = scanner.scan(channel.input());
    // A page of HTML is told from a head that was cut off.
    const bool is_http =
        channel.input().substr(0, 5) == http_prefix.substr(0, channel.input().size());
    read.fault = is_http ? found.fault : http::Fault::bad_start_line;
    if (read.fault != http::Fault::none) co_return read;
    if (found.length > 0) {
      read.fault = http::parse_response(channel.input().substr(0, found.length), method, limits,
                                        head, framing);
      channel.consume(found.length);
      if (read.fault != http::Fault::none || head.status >= 200) co_return read;
      if (++interim > interim_heads_max) read.fault = http::Fault::header_count;
      if (read.fault != http::Fault::none) co_return read;
      scanner.reset();
      continue;
    }
    const std::size_t room = std::max(head_buffer_bytes, 2 * channel.input().size());
    read.io = co_await channel.fill(
        std::min<std::size_t>(room, limits.upstream_header_bytes_max + head_buffer_bytes));
    if (read.io == Io::ok) continue;
    read.silent = channel.input().empty() && interim == 0;
    co_return read;
  }
}

}  // namespace menshen::net
