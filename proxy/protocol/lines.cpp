#include "proxy/protocol/lines.h"

#include <algorithm>

namespace menshen::protocol {

core::Result<std::optional<StreamBlock>> LineSplitter::next() {
  const std::size_t feed = buffer_.find('\n', searched_);
  searched_ = std::min(feed, buffer_.size());
  const bool whole = feed != std::string::npos;
  const std::size_t end = whole ? feed + 1 : buffer_.size();
  if (end - begin_ > line_bytes_max_) return event_too_large();
  if (!whole && (!finished_ || end == begin_)) return std::optional<StreamBlock>();
  cut_off_ = !whole;
  StreamBlock line;
  line.raw.assign(buffer_, begin_, end - begin_);
  std::string_view text = line.raw;
  if (whole) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  if (text.find('\r') != std::string_view::npos) return ambiguous_line();
  line.data = text;
  line.data_lines = 1;
  line.fields = text.find_first_not_of(" \t") == std::string_view::npos ? 0 : 1;
  begin_ = searched_ = end;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    if (buffer_.capacity() > stream_buffer_kept_max) buffer_.shrink_to_fit();
    begin_ = searched_ = 0;
  } else if (begin_ > buffer_.size() / 2 && begin_ > stream_buffer_kept_max) {
    buffer_.erase(0, begin_);
    begin_ = searched_ = 0;
  }
  return std::optional(std::move(line));
}

}  // namespace menshen::protocol
