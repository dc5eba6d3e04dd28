#include "proxy/protocol/sse.h"

#include <algorithm>
#include <cstring>

namespace menshen::protocol {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

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

bool is_field_name(std::string_view name) noexcept {
  return name == "data" || name == "event" || name == "id" || name == "retry";
}

// What some reader or other skips before a field: blanks, ends of lines, byte order marks.
std::size_t blank_at(std::string_view text) noexcept {
  if (text.empty()) return 0;
  if (static_cast<unsigned char>(text[0]) <= 0x20) return 1;
  if (text.starts_with("\xc2\x85") || text.starts_with("\xc2\xa0")) return 2;
  if (text.starts_with(byte_order_mark) || text.starts_with("\xe3\x80\x80")) return 3;
  if (!text.starts_with("\xe2\x80") || text.size() < 3) return 0;
  const auto last = static_cast<unsigned char>(text[2]);
  return last <= 0x8f || last == 0xa8 || last == 0xa9 || last == 0xaf ? 3 : 0;
}

std::string_view without_blanks(std::string_view text) noexcept {
  while (const std::size_t size = blank_at(text)) text.remove_prefix(size);
  return text;
}

// A field, for a reader that is not particular about blanks and case. `text` begins with none.
bool is_field_for_some(std::string_view text) noexcept {
  char name[8];
  std::size_t size = 0;
  while (size < text.size() && size < sizeof name) {
    const char lower = static_cast<char>(text[size] | 0x20);
    if (lower < 'a' || lower > 'z') break;
    name[size++] = lower;
  }
  if (!is_field_name({name, size})) return false;
  const std::string_view rest = without_blanks(text.substr(size));
  return rest.empty() || rest[0] == ':';
}

// Where a line ends for some readers only, from `from` on: U+0085, U+2028, U+2029, and in a line
// that is no JSON control characters too.
std::size_t find_odd_end(std::string_view line, std::size_t from, bool controls) noexcept {
  std::size_t end = std::string_view::npos;
  for (std::size_t at = line.find('\xe2', from); at < line.size(); at = line.find('\xe2', at + 1)) {
    const std::string_view three = line.substr(at, 3);
    if (three != "\xe2\x80\xa8" && three != "\xe2\x80\xa9") continue;
    end = at;
    break;
  }
  for (std::size_t at = line.find('\xc2', from); at < end; at = line.find('\xc2', at + 1)) {
    if (line.substr(at, 2) == "\xc2\x85") return at;
  }
  return controls ? std::min(end, line.find_first_of("\x0b\x0c\x1c\x1d\x1e", from)) : end;
}

void add_field(StreamBlock& block, std::string_view line, std::size_t begin) {
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

bool is_ambiguous(std::string_view line) noexcept {
  const std::string_view name = sse_field(line).name;
  if (!name.empty() && !is_field_name(name) && is_field_for_some(without_blanks(line))) return true;
  const bool is_data = name == "data";
  for (std::size_t at = find_odd_end(line, 0, !is_data); at < line.size();) {
    const std::string_view rest = without_blanks(line.substr(at));
    if (is_field_for_some(rest)) return true;
    at = find_odd_end(line, line.size() - rest.size(), !is_data);
  }
  return false;
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
// After a line that ended in a CR alone, a blank line's CR is whole: nobody waits for the byte
// behind an event, and a LF there is a blank line of its own, which says nothing.
bool SseSplitter::next_line(SseLine& line) {
  const std::size_t end = find_line_end(buffer_, searched_);
  searched_ = std::min(end, buffer_.size());
  if (end == std::string::npos) return false;
  std::size_t next = end + 1;
  if (buffer_[end] == '\r' && !(after_lone_cr_ && end == line_begin_)) {
    if (next == buffer_.size() && !finished_) return false;
    if (next < buffer_.size() && buffer_[next] == '\n') ++next;
  }
  after_lone_cr_ = buffer_[next - 1] == '\r';
  line = {line_begin_ - block_begin_, end - block_begin_};
  line_begin_ = searched_ = next;
  return true;
}

core::Result<std::optional<StreamBlock>> SseSplitter::take_block() {
  StreamBlock block;
  block.raw.assign(buffer_, block_begin_, line_begin_ - block_begin_);
  const std::string_view raw = block.raw;
  for (const SseLine& span : lines_) {
    if (span.begin == span.end) continue;
    const std::string_view line = raw.substr(span.begin, span.end - span.begin);
    if (is_ambiguous(line)) return ambiguous_line();
    add_field(block, line, span.begin);
  }
  lines_.clear();
  after_lone_cr_ = false;
  block_begin_ = line_begin_;
  if (block_begin_ == buffer_.size()) {
    buffer_.clear();
    if (buffer_.capacity() > stream_buffer_kept_max) buffer_.shrink_to_fit();
    block_begin_ = line_begin_ = searched_ = 0;
  } else if (block_begin_ > buffer_.size() / 2 && block_begin_ > stream_buffer_kept_max) {
    buffer_.erase(0, block_begin_);
    line_begin_ -= block_begin_;
    searched_ -= block_begin_;
    block_begin_ = 0;
  }
  return std::optional(std::move(block));
}

core::Result<std::optional<StreamBlock>> SseSplitter::next() {
  SseLine line{};
  while (next_line(line)) {
    if (at_start_) {
      at_start_ = false;
      if (buffer_.starts_with(byte_order_mark)) line.begin = byte_order_mark.size();
    }
    lines_.push_back(line);
    if (line_begin_ - block_begin_ > block_bytes_max_) return event_too_large();
    if (line.begin == line.end) return take_block();
  }
  if (pending_bytes() > block_bytes_max_) return event_too_large();
  if (!finished_ || pending_bytes() == 0) return std::optional<StreamBlock>();
  cut_off_ = true;
  lines_.push_back({line_begin_ - block_begin_, buffer_.size() - block_begin_});
  line_begin_ = searched_ = buffer_.size();
  return take_block();
}

}  // namespace menshen::protocol
