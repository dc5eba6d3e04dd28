#include "proxy/protocol/tokens/token_text.h"

#include "core/utf8.h"

#include <algorithm>
#include <charconv>

namespace menshen::protocol::tokens {

namespace {

bool is_json_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The numbers of an array; false: the next element is none that a token can have.
bool read_ids(std::string_view list, Ids& ids) {
  constexpr std::size_t digits_max = 9;
  std::size_t at = 1;
  const auto skip_blanks = [&] {
    while (at < list.size() && is_json_blank(list[at])) ++at;
  };
  for (skip_blanks(); at < list.size() && list[at] != ']'; skip_blanks()) {
    std::uint32_t id = 0;
    const auto [end, error] = std::from_chars(&list[at], list.data() + list.size(), id);
    const auto digits = static_cast<std::size_t>(end - &list[at]);
    if (error != std::errc() || digits > digits_max) return false;
    at += digits;
    skip_blanks();
    if (at >= list.size() || (list[at] != ',' && list[at] != ']')) return false;
    ids.push_back(id);
    if (list[at] == ',') ++at;
  }
  return true;
}

// What of a text's bytes is whole characters.
struct Bounds {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Bounds whole_characters(std::string_view bytes) noexcept {
  constexpr std::size_t cut_max = 3;
  Bounds bounds{0, bytes.size()};
  const auto goes_on = [&](std::size_t at) {
    return (static_cast<unsigned char>(bytes[at]) & 0xc0U) == 0x80;
  };
  while (bounds.begin < std::min(cut_max, bytes.size()) && goes_on(bounds.begin)) ++bounds.begin;
  const std::size_t least = std::max(bounds.begin, bytes.size() - std::min(cut_max, bytes.size()));
  for (std::size_t at = bytes.size(); at > least; --at) {
    if (goes_on(at - 1)) continue;
    const core::Utf8Character c = core::utf8_at(bytes, at - 1);
    if (c.cut) bounds.end = at - 1;
    break;
  }
  return bounds;
}

std::size_t first_fault(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const core::Utf8Character c = core::utf8_at(text, at);
    if (!c.valid || c.point == 0) return at;
    at += c.bytes;
  }
  return at;
}

void append_list(std::string& out, const Ids& ids) {
  out.push_back('[');
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out.push_back(',');
    out.append(std::to_string(ids[i]));
  }
  out.push_back(']');
}

// Writes the tokens of a list anew, a stretch at a time.
class ListWriter {
 public:
  ListWriter(const Encoding& encoding, const Ids& ids, std::span<const ListEdit> edits)
      : encoding_(encoding), ids_(ids), edits_(edits) {
    for (const std::uint32_t id : ids) bytes_.append(encoding.bytes(id).value_or(""));
    bounds_ = whole_characters(bytes_);
  }

  [[nodiscard]] Ids run() {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const std::size_t begin = at_;
      const std::size_t end = at_ + encoding_.bytes(ids_[i]).value_or("").size();
      if (encoding_.is_special(ids_[i]) && !is_touched(begin, end)) {
        flush(i);
        out_.push_back(ids_[i]);
        done_ = end;
        first_ = i + 1;
      }
      at_ = end;
    }
    flush(ids_.size());
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::size_t begin_of(const ListEdit& edit) const noexcept {
    return std::clamp(edit.begin + bounds_.begin, bounds_.begin, bounds_.end);
  }
  [[nodiscard]] std::size_t end_of(const ListEdit& edit) const noexcept {
    return std::clamp(edit.end + bounds_.begin, begin_of(edit), bounds_.end);
  }

  // Asked in rising order.
  [[nodiscard]] bool is_touched(std::size_t begin, std::size_t end) {
    while (touching_ < edits_.size() && end_of(edits_[touching_]) <= begin) ++touching_;
    return touching_ < edits_.size() && begin_of(edits_[touching_]) < end;
  }

  // The tokens from first_ up to `last`, whose bytes are those from done_ up to at_.
  void flush(std::size_t last) {
    const auto is_here = [&] {
      return next_ < edits_.size() &&
             (begin_of(edits_[next_]) < at_ || end_of(edits_[next_]) == at_);
    };
    if (!is_here()) {
      out_.insert(out_.end(), ids_.begin() + static_cast<std::ptrdiff_t>(first_),
                  ids_.begin() + static_cast<std::ptrdiff_t>(last));
      return;
    }
    std::string text;
    for (; is_here(); ++next_) {
      const std::size_t begin = std::max(begin_of(edits_[next_]), done_);
      text.append(bytes_, done_, begin - done_).append(edits_[next_].replacement);
      done_ = std::max(end_of(edits_[next_]), begin);
    }
    text.append(bytes_, done_, at_ - done_);
    encoding_.encode(text, out_);
  }

  const Encoding& encoding_;
  const Ids& ids_;
  std::span<const ListEdit> edits_;
  std::string bytes_;
  Bounds bounds_;
  Ids out_;
  std::size_t first_ = 0;  // the token with which the stretch begins
  std::size_t done_ = 0;   // bytes that are written, or begin the stretch
  std::size_t at_ = 0;     // bytes of the tokens before the one that is looked at
  std::size_t next_ = 0;   // edit to be made
  std::size_t touching_ = 0;
};

}  // namespace

std::optional<ListFault> read_list(const Encoding& encoding, std::string_view list,
                                   std::uint64_t bytes_max, std::string& text) {
  using Fault = ListFault::Kind;
  text.clear();
  Ids ids;
  if (!read_ids(list, ids)) return ListFault{Fault::no_token, ids.size()};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto bytes = encoding.bytes(ids[i]);
    if (!bytes) return ListFault{Fault::no_token, i};
    if (bytes->size() > bytes_max - text.size()) return ListFault{Fault::too_long, i};
    text.append(*bytes);
  }
  const Bounds bounds = whole_characters(text);
  text.erase(bounds.end);
  const std::size_t fault = first_fault(std::string_view(text).substr(bounds.begin)) + bounds.begin;
  if (fault < text.size()) {
    std::size_t index = 0;
    for (std::size_t end = 0; end <= fault; ++index) end += encoding.bytes(ids[index])->size();
    return ListFault{Fault::no_text, index - 1};
  }
  text.erase(0, bounds.begin);
  return std::nullopt;
}

void write_list(const Encoding& encoding, std::string_view list, std::span<const ListEdit> edits,
                std::string& out) {
  Ids ids;
  read_ids(list, ids);
  append_list(out, ListWriter(encoding, ids, edits).run());
}

}  // namespace menshen::protocol::tokens
