// How heads are written: status line, fields, framing. No sockets; appends to a string that callers
// recycle.
#pragma once

#include "proxy/http/message.h"
#include "proxy/http/head.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::http {

struct AnswerFraming {
  BodyKind body = BodyKind::length;
  std::uint64_t length = 0;
  bool keep_alive = true;
};

// False: a field has characters that would break the head; `out` is then unusable. Framing fields
// and hop-by-hop fields of `head` are left out, because framing is decided here; `date` is added
// unless `head` brings one.
[[nodiscard]] bool append_response_head(std::string& out, const ResponseHead& head,
                                        const AnswerFraming& framing, std::string_view date);

// "5a\r\n": what stands before a chunk.
void append_chunk_size(std::string& out, std::size_t size);

// The time as HTTP writes it (RFC 9110, section 5.6.7), made anew once a second. One thread.
class DateLine {
 public:
  [[nodiscard]] std::string_view at(std::int64_t wall_ns);

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace menshen::http
