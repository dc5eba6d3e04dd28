// Newline-delimited JSON (NDJSON) as blocks of raw bytes: one line, one document. Cuts of the input
// change nothing.
//
// Some readers end a line at a carriage return too; a line with one that is not part of its end is
// refused, for JSON may have it between tokens, and such readers would find other documents.
#pragma once

#include "core/error.h"
#include "proxy/protocol/block.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::protocol {

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // No bytes follow: what is left is a line.
  void finish() noexcept { finished_ = true; }
  [[nodiscard]] bool finished() const noexcept { return finished_; }
  // Errors: stream_event_too_large, ambiguous_stream_line.
  core::Result<std::optional<StreamBlock>> next();
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return buffer_.size() - begin_; }
  // The line that next() gave last was cut off before its end.
  [[nodiscard]] bool cut_off() const noexcept { return cut_off_; }
  // What makes a line whole that was cut off.
  [[nodiscard]] static std::string_view end_of(std::string_view) noexcept { return "\n"; }

 private:
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t searched_ = 0;  // no line end lies before it
  bool finished_ = false;
  bool cut_off_ = false;
};

}  // namespace menshen::protocol
