// The body of one answer on its connection: takes the framing off.
//
//   AnswerBody body(channel, limits);
//   body.begin(framing);
//   while (!body.ended() && body.fault() == Fault::none) {
//     if (const auto piece = body.take(); !piece.empty()) use(piece);     // until the next call
//     else if (!body.ended() && co_await body.fill() != Io::ok) break;
//   }
//
// One thread. Movable between calls.
#pragma once

#include "core/limits.h"
#include "proxy/net/channel.h"
#include "proxy/http/chunk.h"
#include "proxy/http/head.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace menshen::net {

class AnswerBody {
 public:
  AnswerBody(std::shared_ptr<Channel> channel, const core::Limits& limits)
      : channel_(std::move(channel)), chunks_(limits.chunk_header_bytes_max) {}

  void begin(const http::ResponseFraming& framing);

  // The next bytes that are here, behind those of the last call; empty: none are.
  std::string_view take();
  // Waits for more. ok, too, when the connection's end is the end of the body.
  asio::awaitable<Io> fill();

  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] http::Fault fault() const noexcept { return fault_; }

  // The connection, behind the last piece taken; the body is of no further use.
  [[nodiscard]] std::shared_ptr<Channel> leave();
  [[nodiscard]] Channel& channel() const noexcept { return *channel_; }
  // False once it was left.
  [[nodiscard]] bool is_open() const noexcept { return channel_ != nullptr; }
  [[nodiscard]] const http::ResponseFraming& framing() const noexcept { return framing_; }
  void never_reuse() noexcept { framing_.keep_alive = false; }

 private:
  std::string_view take_chunks();

  std::shared_ptr<Channel> channel_;
  http::ResponseFraming framing_;
  http::ChunkDecoder chunks_;
  std::size_t shown_ = 0;  // bytes of the input behind the piece that the caller looks at
  std::uint64_t remaining_ = 0;
  http::Fault fault_ = http::Fault::none;
  bool ended_ = false;
};

}  // namespace menshen::net
