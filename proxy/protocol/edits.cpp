// Edits in place: offsets in decoded texts become spans of raw bytes, and all other bytes stay.
#include "proxy/protocol/document_impl.h"
#include "proxy/protocol/json_string.h"
#include "proxy/protocol/tokens/token_text.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace menshen::protocol {

namespace {

// Raw bytes [begin, end) of the document become `size` bytes at `at` of Spans::raw.
struct Span {
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t at;
  std::uint32_t size;
};

struct Spans {
  std::vector<Span> list;
  std::string raw;

  // `write` appends what stands there instead.
  template <class Write>
  void add_written(std::size_t begin, std::size_t end, Write write) {
    const auto at = static_cast<std::uint32_t>(raw.size());
    write(raw);
    list.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), at,
                    static_cast<std::uint32_t>(raw.size()) - at});
  }
  void add(std::size_t begin, std::size_t end, std::string_view text) {
    add_written(begin, end, [&](std::string& out) { out.append(text); });
  }
  [[nodiscard]] std::string_view text(const Span& span) const noexcept {
    return std::string_view(raw).substr(span.at, span.size);
  }
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

// A number that becomes a string: its text, or its value's, with the edits made. Edits of the one
// and the other leave only what replaces the first.
class NumberText {
 public:
  NumberText(const Document& document, const Leaf& leaf)
      : text_(document.text(leaf, scratch_)), by_value_(leaf.escaped) {}

  // In rising order of where they begin.
  template <class Edit>
  void replace(const Edit& edit, std::string_view replacement) {
    if (edit.leaf.escaped != by_value_) {
      if (!alone_) alone_ = first_;
      return;
    }
    if (!first_) first_ = replacement;
    const std::size_t begin = std::min<std::size_t>(edit.begin, text_.size());
    if (begin >= done_) {
      append_escaped(out_, text_.substr(done_, begin - done_));
      append_escaped(out_, replacement);
    }
    done_ = std::max(done_, std::min<std::size_t>(edit.end, text_.size()));
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
  std::optional<std::string_view> first_;
  std::optional<std::string_view> alone_;
};

std::string splice(std::string_view bytes, Spans& spans) {
  std::sort(spans.list.begin(), spans.list.end(), [](const Span& a, const Span& b) {
    return std::tuple(a.begin, b.end) < std::tuple(b.begin, a.end);
  });
  const auto same = [&](const Span& a, const Span& b) {
    return a.begin == b.begin && a.end == b.end && spans.text(a) == spans.text(b);
  };
  spans.list.erase(std::unique(spans.list.begin(), spans.list.end(), same), spans.list.end());
  std::string out;
  out.reserve(bytes.size() + spans.raw.size());
  std::size_t done = 0;
  for (const Span& span : spans.list) {
    if (span.begin < done) {
      // Inside of a span that is replaced already, as tokens are inside of their logprobs.
      done = std::max<std::size_t>(done, span.end);
      continue;
    }
    out.append(bytes, done, span.begin - done);
    out.append(spans.text(span));
    done = span.end;
  }
  out.append(bytes, done, bytes.size() - done);
  return out;
}

}  // namespace

void Edits::add(const Leaf& leaf, std::size_t begin, std::size_t end, std::string_view replacement,
                bool raw) {
  edits_.push_back({leaf, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                    static_cast<std::uint32_t>(replacements_.size()),
                    static_cast<std::uint32_t>(replacement.size()), raw});
  replacements_.append(replacement);
}

void Edits::replace(const Leaf& leaf, std::size_t begin, std::size_t end,
                    std::string_view replacement) {
  add(leaf, begin, end, replacement, false);
}

void Edits::replace_raw(std::size_t begin, std::size_t end, std::string_view raw) {
  add(Leaf{}, begin, end, raw, true);
}

void Document::null_logprobs(Edits& edits) const {
  // The tokens of one logprobs value stand side by side: one edit makes it null.
  NodeId done = no_node;
  for (const Leaf& leaf : leaves()) {
    if (leaf.kind != LeafKind::token || leaf.container == done) continue;
    done = leaf.container;
    edits.replace(leaf, 0, 0, {});
  }
}

void Document::null_state(Edits& edits) const {
  if (impl_->state_node == no_node) return;
  const Node& node = impl_->tape.nodes[impl_->state_node];
  edits.replace_raw(node.begin, node.end, "null");
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
  Spans spans;
  spans.list.reserve(sorted.size());
  const auto add_null = [&](NodeId id) {
    const Node& node = impl_->tape.nodes[id];
    const std::size_t quote = node.kind == NodeKind::string ? 1 : 0;
    spans.add(node.begin - quote, node.end + quote, "null");
  };
  std::size_t mapped = static_cast<std::size_t>(-1);
  OffsetMap map({});
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Edits::Edit& edit = *sorted[i];
    const Leaf& leaf = edit.leaf;
    if (edit.raw) {
      spans.add(edit.begin, edit.end, edits.replacement(edit));
      continue;
    }
    if (leaf.kind == LeafKind::token || leaf.kind == LeafKind::opaque) {
      add_null(leaf.kind == LeafKind::token ? leaf.container : leaf.pointer);
      continue;
    }
    if (leaf.kind == LeafKind::number) {
      NumberText number(*this, leaf);
      for (; i < sorted.size() && sorted[i]->leaf.begin == leaf.begin && !sorted[i]->raw; ++i)
        number.replace(*sorted[i], edits.replacement(*sorted[i]));
      --i;
      spans.add(leaf.begin, leaf.end, number.quoted());
      continue;
    }
    const std::string_view raw = bytes().substr(leaf.begin, leaf.end - leaf.begin);
    if (leaf.kind == LeafKind::token_list) {
      std::vector<tokens::ListEdit> list;
      for (; i < sorted.size() && sorted[i]->leaf.begin == leaf.begin && !sorted[i]->raw; ++i)
        list.push_back({sorted[i]->begin, sorted[i]->end, edits.replacement(*sorted[i])});
      --i;
      spans.add_written(leaf.begin, leaf.end, [&](std::string& out) {
        tokens::write_list(*impl_->encoding, raw, list, out);
      });
      continue;
    }
    if (std::exchange(mapped, leaf.begin) != leaf.begin) map = OffsetMap(raw);
    const auto [begin, end] = raw_span(raw, leaf.escaped, map, edit.begin, edit.end);
    spans.add_written(leaf.begin + begin, leaf.begin + end,
                      [&](std::string& out) { append_escaped(out, edits.replacement(edit)); });
  }
  return splice(bytes(), spans);
}

}  // namespace menshen::protocol
