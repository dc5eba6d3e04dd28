#include "proxy/net/answer_body.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace menshen::net {
namespace {

constexpr std::size_t answer_buffer_bytes = 8 * 1024;
constexpr std::size_t large_answer_buffer_bytes = 64 * 1024;

}  // namespace

void AnswerBody::begin(const http::ResponseFraming& framing) {
  framing_ = framing;
  remaining_ = framing.length;
  ended_ = framing.body == http::BodyKind::none;
}

std::string_view AnswerBody::take() {
  channel_->consume(std::exchange(shown_, 0));
  if (ended_ || fault_ != http::Fault::none) return {};
  if (framing_.body == http::BodyKind::chunked) return take_chunks();
  std::string_view piece = channel_->input();
  if (framing_.body == http::BodyKind::length) {
    piece = piece.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, piece.size())));
    remaining_ -= piece.size();
    ended_ = remaining_ == 0;
  }
  shown_ = piece.size();
  return piece;
}

// The decoded bytes of all chunks that have come, moved together in place.
std::string_view AnswerBody::take_chunks() {
  char* const bytes = channel_->input_bytes();
  const std::string_view input = channel_->input();
  std::size_t kept = 0;
  while (shown_ < input.size()) {
    const auto step = chunks_.next(input.substr(shown_));
    if (!step.data.empty()) std::memmove(bytes + kept, step.data.data(), step.data.size());
    kept += step.data.size();
    shown_ += step.consumed;
    fault_ = step.fault;
    ended_ = step.done;
    if (step.done || step.fault != http::Fault::none) break;
  }
  return {bytes, kept};
}

asio::awaitable<Io> AnswerBody::fill() {
  channel_->consume(std::exchange(shown_, 0));
  const Io io = co_await channel_->fill(
      remaining_ > large_answer_buffer_bytes ? large_answer_buffer_bytes : answer_buffer_bytes);
  if (io != Io::closed || framing_.body != http::BodyKind::until_close) co_return io;
  ended_ = true;
  co_return Io::ok;
}

std::shared_ptr<Channel> AnswerBody::leave() {
  channel_->consume(std::exchange(shown_, 0));
  return std::move(channel_);
}

}  // namespace menshen::net
