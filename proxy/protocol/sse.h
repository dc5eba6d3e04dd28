// Server-sent events (WHATWG HTML, section 9.2.6, "Interpreting an event stream") as blocks of raw
// bytes: what ends with a blank line. Cuts of the input change nothing.
//
// Readers differ: some end a line at U+2028, U+2029, U+0085 or a control character, skip a byte
// order mark or blanks before any field, or take the names of fields in any case. A line in which
// one of them finds a field where the standard has none is refused.
#pragma once

#include "core/error.h"
#include "proxy/protocol/block.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {

// Spans [begin, end) of the lines of `raw`, without their ends: LF, CR or CRLF.
struct SseLine {
  std::size_t begin;
  std::size_t end;
};
[[nodiscard]] std::vector<SseLine> sse_lines(std::string_view raw);
// Where the next line begins, at most at the end of `raw`.
[[nodiscard]] std::size_t after_line(std::string_view raw, const SseLine& line) noexcept;

struct SseField {
  std::string_view name;   // empty: a comment
  std::string_view value;  // points into the line
};
[[nodiscard]] SseField sse_field(std::string_view line) noexcept;
// Whether some readers find a field in the line that the standard does not.
[[nodiscard]] bool is_ambiguous(std::string_view line) noexcept;
// Whether the line goes into side_text.
[[nodiscard]] bool is_side_line(const SseField& field) noexcept;

class SseSplitter {
 public:
  explicit SseSplitter(std::size_t block_bytes_max) : block_bytes_max_(block_bytes_max) {}

  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // No bytes follow: what is left is a block.
  void finish() noexcept { finished_ = true; }
  [[nodiscard]] bool finished() const noexcept { return finished_; }
  // Errors: stream_event_too_large, ambiguous_stream_line.
  core::Result<std::optional<StreamBlock>> next();
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return buffer_.size() - block_begin_; }
  // The block that next() gave last was cut off before its blank line.
  [[nodiscard]] bool cut_off() const noexcept { return cut_off_; }
  // What makes an event whole that was cut off.
  [[nodiscard]] static std::string_view end_of(std::string_view raw) noexcept {
    return raw.ends_with('\n') ? "\n" : "\n\n";
  }

 private:
  [[nodiscard]] bool next_line(SseLine& line);
  core::Result<std::optional<StreamBlock>> take_block();

  std::size_t block_bytes_max_;
  std::string buffer_;
  std::size_t block_begin_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t searched_ = 0;    // no line end lies before it
  std::vector<SseLine> lines_;  // of the block so far, relative to its begin
  bool finished_ = false;
  bool cut_off_ = false;
  bool at_start_ = true;
  bool after_lone_cr_ = false;  // the line before, of this block, ended in a CR alone
};

}  // namespace menshen::protocol
