// One event of a stream as bytes, whatever frames it.
#pragma once

#include "core/error.h"

#include <cstddef>
#include <string>

namespace menshen::protocol {

// What a splitter keeps of its buffer between events.
inline constexpr std::size_t stream_buffer_kept_max = 64 * 1024;

struct StreamBlock {
  std::string raw;         // with what ends it
  std::string event;       // server-sent events: value of the last `event` field
  std::string data;        // what should be a document
  std::string side_text;   // comments, ids, unknown fields and unusual names of events, a line each
  std::size_t fields = 0;  // of what is no comment and no blank
  std::size_t data_lines = 0;
  std::size_t data_begin = 0;  // of the one line of data in raw
};

[[nodiscard]] inline core::Error event_too_large() {
  return core::provider_error(core::ErrorKind::bad_upstream, "stream_event_too_large",
                              "An event of the provider's stream is longer than the limit "
                              "stream_event_bytes_max.");
}
[[nodiscard]] inline core::Error ambiguous_line() {
  return core::provider_error(core::ErrorKind::bad_upstream, "ambiguous_stream_line",
                              "Readers of the provider's stream would find different fields in a "
                              "line of it.");
}

}  // namespace menshen::protocol
