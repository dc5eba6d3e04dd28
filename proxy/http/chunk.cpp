#include "proxy/http/chunk.h"

#include "core/hex.h"
#include "proxy/http/characters.h"

#include <algorithm>

namespace menshen::http {

ChunkDecoder::Step ChunkDecoder::next(std::string_view input) {
  Step step;
  while (step.consumed < input.size() && state_ != State::done && state_ != State::failed) {
    if (state_ == State::data) {
      const auto rest = input.size() - step.consumed;
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, rest));
      step.data = input.substr(step.consumed, count);
      step.consumed += count;
      remaining_ -= count;
      if (remaining_ == 0) state_ = State::data_return;
      return step;
    }
    fault_ = take(input[step.consumed++]);
    if (fault_ != Fault::none) state_ = State::failed;
  }
  step.done = state_ == State::done;
  step.fault = fault_;
  return step;
}

Fault ChunkDecoder::take(char c) noexcept {
  switch (state_) {
    case State::size_first:
    case State::size:
    case State::extension: return take_size(c);
    case State::size_line_feed:
      if (c != '\n') return Fault::bare_carriage_return;
      line_ = 0;
      state_ = remaining_ == 0 ? State::trailer_first : State::data;
      return Fault::none;
    case State::data_return:
      if (c != '\r') return Fault::chunk_end;
      state_ = State::data_line_feed;
      return Fault::none;
    case State::data_line_feed:
      if (c != '\n') return Fault::chunk_end;
      state_ = State::size_first;
      return Fault::none;
    case State::last_line_feed:
      if (c != '\n') return Fault::bare_carriage_return;
      state_ = State::done;
      return Fault::none;
    default: return take_trailer(c);
  }
}

Fault ChunkDecoder::take_size(char c) noexcept {
  if (++line_ > header_max_) return Fault::chunk_header_bytes;
  if (state_ == State::extension) {
    if (c == '\r') {
      state_ = State::size_line_feed;
    } else if (is_control(c)) {
      return c == '\n' ? Fault::bare_line_feed : Fault::control_character;
    }
    return Fault::none;
  }
  if (const int digit = core::hex_value(c); digit >= 0) {
    if (remaining_ >> 59 != 0) return Fault::chunk_size;  // keeps sums of sizes far from overflow
    remaining_ = remaining_ << 4 | static_cast<std::uint64_t>(digit);
    state_ = State::size;
    return Fault::none;
  }
  if (state_ == State::size_first) return Fault::chunk_size;
  if (c == ';') {
    state_ = State::extension;
  } else if (c == '\r') {
    state_ = State::size_line_feed;
  } else {
    return c == '\n' ? Fault::bare_line_feed : Fault::chunk_size;
  }
  return Fault::none;
}

Fault ChunkDecoder::take_trailer(char c) noexcept {
  if (++line_ > trailer_bytes_max) return Fault::trailer_bytes;
  switch (state_) {
    case State::trailer_first:
      if (c == '\r') {
        state_ = State::last_line_feed;
        return Fault::none;
      }
      if (c == ' ' || c == '\t' || c == ':' || is_control(c)) return Fault::bad_trailer;
      state_ = State::trailer;
      return Fault::none;
    case State::trailer:
      if (c == '\r') {
        state_ = State::trailer_line_feed;
      } else if (is_control(c)) {
        return Fault::bad_trailer;
      }
      return Fault::none;
    default:
      if (c != '\n') return Fault::bad_trailer;
      state_ = State::trailer_first;
      return Fault::none;
  }
}

}  // namespace menshen::http
