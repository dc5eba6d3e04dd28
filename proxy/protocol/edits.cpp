// Edits in place: offsets in decoded texts become spans of raw bytes, and all other bytes stay.
#include "proxy/protocol/document_impl.h"
#include "proxy/protocol/json_string.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace menshen::protocol {

namespace {

struct Span {
  std::size_t begin;
  std::size_t end;
  std::string raw;
};

bool is_inside_character(std::string_view bytes, std::size_t at) noexcept {
  return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xc0) == 0x80;
}

// The raw bytes of text offsets [begin, end), widened to whole characters.
std::pair<std::size_t, std::size_t> raw_span(std::string_view raw, bool escaped, OffsetMap& map,
                                             std::size_t begin, std::size_t end) {
  if (escaped) {
    const std::size_t raw_begin = map.begin_of(begin);
    return {raw_begin, end > begin ? std::max(map.end_of(end), raw_begin) : raw_begin};
  }
  begin = std::min(begin, raw.size());
  end = std::clamp(end, begin, raw.size());
  while (begin > 0 && is_inside_character(raw, begin)) --begin;
  while (is_inside_character(raw, end)) ++end;
  return {begin, end};
}

// What stands in the document for a replacement.
std::string raw_replacement(const std::string& text) {
  std::string raw;
  append_escaped(raw, text);
  return raw;
}

// A number that becomes a string: its text, or its value's, with the edits made. Edits of the one
// and the other leave only what replaces the first.
class NumberText {
 public:
  NumberText(const Document& document, const Leaf& leaf)
      : text_(document.text(leaf, scratch_)), by_value_(leaf.escaped) {}

  // In rising order of where they begin.
  template <class Edit>
  void replace(const Edit& edit) {
    if (edit.leaf.escaped != by_value_) {
      if (!alone_) alone_ = first_;
      return;
    }
    if (!first_) first_ = edit.replacement;
    const std::size_t begin = std::min(edit.begin, text_.size());
    if (begin >= done_) {
      append_escaped(out_, text_.substr(done_, begin - done_));
      append_escaped(out_, edit.replacement);
    }
    done_ = std::max(done_, std::min(edit.end, text_.size()));
  }
  [[nodiscard]] std::string quoted() const {
    std::string raw = "\"";
    if (alone_) {
      append_escaped(raw, *alone_);
    } else {
      raw += out_;
      append_escaped(raw, text_.substr(done_));
    }
    raw.push_back('"');
    return raw;
  }

 private:
  std::string scratch_;
  std::string_view text_;
  bool by_value_;
  std::size_t done_ = 0;
  std::string out_;
  std::optional<std::string> first_;
  std::optional<std::string> alone_;
};

bool same_span(const Span& a, const Span& b) {
  return a.begin == b.begin && a.end == b.end && a.raw == b.raw;
}

std::string splice(std::string_view bytes, std::vector<Span>& spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return std::tuple(a.begin, b.end) < std::tuple(b.begin, a.end);
  });
  spans.erase(std::unique(spans.begin(), spans.end(), same_span), spans.end());
  std::string out;
  std::size_t size = bytes.size();
  for (const Span& span : spans) size += span.raw.size();
  out.reserve(size);
  std::size_t done = 0;
  for (const Span& span : spans) {
    if (span.begin < done) {
      // Inside of a span that is replaced already, as tokens are inside of their logprobs.
      done = std::max(done, span.end);
      continue;
    }
    out.append(bytes, done, span.begin - done);
    out.append(span.raw);
    done = span.end;
  }
  out.append(bytes, done, bytes.size() - done);
  return out;
}

}  // namespace

void Edits::replace(const Leaf& leaf, std::size_t begin, std::size_t end, std::string replacement) {
  edits_.push_back({leaf, begin, end, std::move(replacement), false});
}

void Edits::replace_raw(std::size_t begin, std::size_t end, std::string raw) {
  edits_.push_back({Leaf{}, begin, end, std::move(raw), true});
}

void Document::null_logprobs(Edits& edits) const {
  // The tokens of one logprobs value stand side by side: one edit makes it null.
  std::uint32_t done = 0;  // the body is an object, so no value of it begins at byte 0
  for (const Leaf& leaf : leaves()) {
    if (leaf.kind != LeafKind::token || leaf.container_begin == done) continue;
    done = leaf.container_begin;
    edits.replace(leaf, 0, 0, {});
  }
}

std::string Document::apply(const Edits& edits) const {
  if (edits.empty()) return impl_->tape.bytes;
  std::vector<const Edits::Edit*> sorted;
  sorted.reserve(edits.edits_.size());
  for (const Edits::Edit& edit : edits.edits_) sorted.push_back(&edit);
  // By leaf and then by offset, so that one pass over a leaf's raw bytes finds all of its spans.
  std::sort(sorted.begin(), sorted.end(), [](const Edits::Edit* a, const Edits::Edit* b) {
    return std::tuple(a->raw, a->leaf.begin, a->begin) <
           std::tuple(b->raw, b->leaf.begin, b->begin);
  });
  std::vector<Span> spans;
  std::size_t mapped = static_cast<std::size_t>(-1);
  OffsetMap map({});
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Edits::Edit& edit = *sorted[i];
    const Leaf& leaf = edit.leaf;
    if (edit.raw) {
      spans.push_back({edit.begin, edit.end, edit.replacement});
      continue;
    }
    if (leaf.kind == LeafKind::token) {
      spans.push_back({leaf.container_begin, leaf.container_end, "null"});
      continue;
    }
    if (leaf.kind == LeafKind::opaque) {
      const std::size_t quote = impl_->tape.is(leaf.pointer, NodeKind::string) ? 1 : 0;
      spans.push_back({leaf.begin - quote, leaf.end + quote, "null"});
      continue;
    }
    if (leaf.kind == LeafKind::number) {
      NumberText number(*this, leaf);
      for (; i < sorted.size() && sorted[i]->leaf.begin == leaf.begin && !sorted[i]->raw; ++i)
        number.replace(*sorted[i]);
      --i;
      spans.push_back({leaf.begin, leaf.end, number.quoted()});
      continue;
    }
    const std::string_view raw = bytes().substr(leaf.begin, leaf.end - leaf.begin);
    if (std::exchange(mapped, leaf.begin) != leaf.begin) map = OffsetMap(raw);
    const auto [begin, end] = raw_span(raw, leaf.escaped, map, edit.begin, edit.end);
    spans.push_back({leaf.begin + begin, leaf.begin + end, raw_replacement(edit.replacement)});
  }
  return splice(bytes(), spans);
}

}  // namespace menshen::protocol
