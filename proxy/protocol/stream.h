// The streams of the APIs: server-sent events (WHATWG HTML, section 9.2) in, events with their
// leaves out.
//
//   StreamReader reader(endpoint, limits);
//   reader.feed(bytes);                              // cut anywhere
//   while (auto event = reader.next()) {             // Result<std::optional<StreamEvent>>
//     ...
//   }
//
// Concatenating the raw bytes of all events gives the input, byte for byte. Events do not depend on
// how the bytes were cut. One thread at a time.
//
// Refused as errors of source provider: an event past stream_event_bytes_max, data that is no JSON
// object (other than [DONE]), duplicate keys, text of a channel after that channel ended, more than
// stream_channels_max channels open (or 16 times as many, one after the other), an event whose name
// is not the type in its data.
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
  // Comments, ids, unknown fields and odd names of events, a line each: text that no document has.
  std::string side_text;
  std::optional<Document> document;  // absent: a comment, an empty event, or [DONE]
  // Where the document's bytes lie in raw; 0: they do not lie there in one piece.
  std::size_t data_begin = 0;
  std::vector<std::uint32_t> ends;  // channels that are complete after this event
  bool ends_all = false;            // every open channel is complete after this event
  bool terminal = false;  // nothing of the answer follows: [DONE], message_stop, response.completed
  bool error = false;     // the provider reports an error
  Usage usage;            // as far as this event says
};

class StreamReader {
 public:
  StreamReader(const Endpoint& endpoint, const core::Limits& limits);
  ~StreamReader();
  StreamReader(StreamReader&&) noexcept;
  StreamReader& operator=(StreamReader&&) noexcept;

  void feed(std::string_view bytes);
  // The upstream closed: an unfinished event is an error ("stream_truncated"). What else is left
  // comes from next(): a comment, or a [DONE] without its blank line.
  core::Result<void> finish();
  // The next whole event, or nothing yet.
  core::Result<std::optional<StreamEvent>> next();

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
