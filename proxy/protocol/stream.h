// The streams of the APIs: server-sent events (WHATWG HTML, section 9.2) or lines of JSON in,
// events with their leaves out.
//
//   StreamReader reader(endpoint, limits);
//   reader.feed(bytes);                              // cut anywhere
//   while (auto event = reader.next()) {             // Result<std::optional<StreamEvent>>
//     ...
//   }
//
// Concatenating the raw bytes of all events gives the input up to the stream's end, byte for byte.
// Events do not depend on how the bytes were cut. One thread at a time.
//
// The end of a stream is its first terminal event: [DONE]; message_stop; response.completed,
// response.incomplete or response.failed; "done": true; an error of the provider's. What comes
// behind it is neither read nor given out. A stream of chat completions or completions may close
// without it, once each of its choices has a finish_reason; a finish_reason alone ends no text, for
// some providers send one with every chunk. Where the provider closes before the blank line of the
// last event, the event gets it: clients would not see the event without.
//
// Refused as errors of source provider: an event past stream_event_bytes_max, data that is no JSON
// object (other than [DONE], and what holds no text, such as null), duplicate keys, text of a
// channel after that channel ended, more than stream_channels_max channels or choices open (or 16
// times as many channels, one after the other), an event whose name is not the type in its data, a
// line that readers read differently (sse.h), an index that is not a whole number.
#pragma once

#include "core/error.h"
#include "core/limits.h"
#include "proxy/protocol/document.h"
#include "proxy/protocol/endpoint.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {

struct StreamEvent {
  std::string raw;  // with its blank line, comments and line ends, as it came
  // Comments, ids, unknown fields and odd names of events, and data that is no document, a line
  // each: text that no document has.
  std::string side_text;
  std::optional<Document> document;  // absent: a comment, an empty event, or [DONE]
  // Where the document's bytes lie in raw; nowhere: they do not lie there in one piece.
  static constexpr std::size_t nowhere = std::string::npos;
  std::size_t data_begin = nowhere;
  std::vector<std::uint32_t> ends;  // channels that are complete after this event
  bool ends_all = false;            // every open channel is complete after this event
  bool terminal = false;            // the end of the stream
  bool error = false;               // the provider reports an error; it is terminal
  Usage usage;                      // as far as this event says
};

class StreamReader {
 public:
  StreamReader(const Endpoint& endpoint, const core::Limits& limits);
  ~StreamReader();
  StreamReader(StreamReader&&) noexcept;
  StreamReader& operator=(StreamReader&&) noexcept;

  void feed(std::string_view bytes);
  // The upstream closed. What is left comes from next(): a comment, the last event without its
  // blank line, or the error "stream_truncated".
  void finish();
  // The next whole event, or nothing yet.
  core::Result<std::optional<StreamEvent>> next();
  // Whether the stream is whole: its terminal event was given out, or it may close as it is.
  [[nodiscard]] bool complete() const noexcept;

  // Bytes fed and not yet given out.
  [[nodiscard]] std::size_t pending_bytes() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Takes the lines of side_text out of the event: a comment or an id cannot be redacted in place.
void drop_side_text(StreamEvent& event);

// The event with its document's edits applied, again as one event of the same type.
[[nodiscard]] std::string rewrite_event(const StreamEvent& event, const Edits& edits);

}  // namespace menshen::protocol
