// Decoder of the chunked transfer coding (RFC 9112, section 7.1), stricter than the RFC: no blanks
// around sizes, every line ended by CRLF, extensions and trailers bounded, validated and thrown
// away.
//
// A byte machine: what it yields does not depend on how the input is cut. One body, one thread, no
// allocation.
//
//   for (auto step = decoder.next(input); ; step = decoder.next(input)) {
//     input.remove_prefix(step.consumed); body += step.data;
//     if (step.fault != Fault::none || step.done || input.empty()) break;
//   }
#pragma once

#include "proxy/http/fault.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::http {

class ChunkDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  // bytes of the input that are behind us, `data` included
    std::string_view data;     // a piece of the body, inside the input
    bool done = false;         // the body is complete; what follows belongs to the next message
    Fault fault = Fault::none;
  };

  explicit ChunkDecoder(std::size_t chunk_header_bytes_max = 256) noexcept
      : header_max_(chunk_header_bytes_max) {}

  // Goes on until it has a piece of data, the end, a fault, or no more input.
  Step next(std::string_view input);

  static constexpr std::size_t trailer_bytes_max = 8 * 1024;

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_line_feed,
    data,
    data_return,
    data_line_feed,
    trailer_first,
    trailer,
    trailer_line_feed,
    last_line_feed,
    done,
    failed,
  };

  Fault take(char c) noexcept;
  Fault take_size(char c) noexcept;
  Fault take_trailer(char c) noexcept;

  State state_ = State::size_first;
  std::size_t header_max_;
  std::size_t line_ = 0;  // bytes of the chunk header so far, or of the trailers
  std::uint64_t remaining_ = 0;
  Fault fault_ = Fault::none;
};

}  // namespace menshen::http
