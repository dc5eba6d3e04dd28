#include "proxy/protocol/sse.h"

#include <algorithm>
#include <cstring>

namespace menshen::protocol {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t buffer_kept_max = 64 * 1024;

// In growing steps, so that not each line that ends with CR is searched for an LF to the very end.
std::size_t find_line_end(std::string_view text, std::size_t from) noexcept {
  for (std::size_t step = 256; from < text.size(); from += step, step *= 2) {
    const std::string_view part = text.substr(from, step);
    const std::size_t feed = part.find('\n');
    const std::size_t end = std::min(part.substr(0, feed).find('\r'), feed);
    if (end != std::string_view::npos) return from + end;
  }
  return std::string_view::npos;
}

bool is_usual_name(std::string_view name) noexcept {
  return name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || c == '.' || c == '_';
         });
}

void add_line(std::string& text, std::string_view line) {
  if (line.empty()) return;
  if (!text.empty()) text.push_back('\n');
  text.append(line);
}

void add_field(SseBlock& block, std::string_view line, std::size_t begin) {
  const SseField field = sse_field(line);
  if (!field.name.empty()) ++block.fields;
  if (field.name == "data") {
    if (block.data_lines++ > 0) block.data.push_back('\n');
    block.data.append(field.value);
    block.data_begin = begin + line.size() - field.value.size();
    return;
  }
  if (field.name == "event") block.event = field.value;
  if (!is_side_line(field)) return;
  const bool known =
      field.name.empty() || field.name == "event" || field.name == "id" || field.name == "retry";
  add_line(block.side_text, known ? field.value : line);
}

}  // namespace

SseField sse_field(std::string_view line) noexcept {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {line, line.substr(line.size())};
  std::string_view value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  return {line.substr(0, colon), value};
}

bool is_side_line(const SseField& field) noexcept {
  return field.name != "data" && (field.name != "event" || !is_usual_name(field.value));
}

std::vector<SseLine> sse_lines(std::string_view raw) {
  std::vector<SseLine> lines;
  std::size_t begin = raw.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  while (begin < raw.size()) {
    lines.push_back({begin, std::min(find_line_end(raw, begin), raw.size())});
    begin = after_line(raw, lines.back());
  }
  return lines;
}

std::size_t after_line(std::string_view raw, const SseLine& line) noexcept {
  return std::min(raw.size(), line.end + (raw.substr(line.end).starts_with("\r\n") ? 2 : 1));
}

// Advances over one line, if its end is known: a CR at the end of the input may be half of a CRLF.
bool SseSplitter::next_line(SseLine& line) {
  const std::size_t end = find_line_end(buffer_, searched_);
  searched_ = std::min(end, buffer_.size());
  if (end == std::string::npos) return false;
  std::size_t next = end + 1;
  if (buffer_[end] == '\r') {
    if (next == buffer_.size() && !finished_) return false;
    if (next < buffer_.size() && buffer_[next] == '\n') ++next;
  }
  line = {line_begin_ - block_begin_, end - block_begin_};
  line_begin_ = searched_ = next;
  return true;
}

SseBlock SseSplitter::take_block() {
  SseBlock block;
  block.raw.assign(buffer_, block_begin_, line_begin_ - block_begin_);
  const std::string_view raw = block.raw;
  for (const SseLine& line : lines_) {
    if (line.begin < line.end)
      add_field(block, raw.substr(line.begin, line.end - line.begin), line.begin);
  }
  lines_.clear();
  block_begin_ = line_begin_;
  if (block_begin_ == buffer_.size()) {
    buffer_.clear();
    if (buffer_.capacity() > buffer_kept_max) buffer_.shrink_to_fit();
    block_begin_ = line_begin_ = searched_ = 0;
  } else if (block_begin_ > buffer_.size() / 2 && block_begin_ > buffer_kept_max) {
    buffer_.erase(0, block_begin_);
    line_begin_ -= block_begin_;
    searched_ -= block_begin_;
    block_begin_ = 0;
  }
  return block;
}

core::Result<std::optional<SseBlock>> SseSplitter::next() {
  const auto too_large = [] {
    return core::provider_error(core::ErrorKind::bad_upstream, "stream_event_too_large",
                                "An event of the provider's stream is longer than the limit "
                                "stream_event_bytes_max.");
  };
  SseLine line{};
  while (next_line(line)) {
    if (at_start_) {
      at_start_ = false;
      if (buffer_.starts_with(byte_order_mark)) line.begin = byte_order_mark.size();
    }
    lines_.push_back(line);
    if (line_begin_ - block_begin_ > block_bytes_max_) return too_large();
    if (line.begin == line.end) return std::optional(take_block());
  }
  if (pending_bytes() > block_bytes_max_) return too_large();
  if (!finished_ || pending_bytes() == 0) return std::optional<SseBlock>();
  cut_off_ = true;
  lines_.push_back({line_begin_ - block_begin_, buffer_.size() - block_begin_});
  line_begin_ = searched_ = buffer_.size();
  return std::optional(take_block());
}

}  // namespace menshen::protocol
