#include "proxy/pipeline/sources.h"

namespace menshen::pipeline {
namespace {

bool has_text(const protocol::Leaf& leaf) noexcept {
  return leaf.kind == protocol::LeafKind::text || leaf.kind == protocol::LeafKind::json_text;
}

}  // namespace

Sources::Sources(const protocol::Document& request, const policies::SourceMarks& marks) {
  std::vector<std::string_view> passages;
  for (const protocol::Leaf& leaf : request.leaves()) {
    const bool may_be_marked = leaf.kind == protocol::LeafKind::text &&
                               (leaf.role == core::Role::system || leaf.role == core::Role::user);
    if (leaf.source) {
      add(request, leaf);
    } else if (may_be_marked) {
      passages.clear();
      marks.passages(request.text(leaf, scratch_), leaf.role, passages);
      for (const std::string_view passage : passages) add(passage);
    }
    if (full()) return;
  }
}

void Sources::add(std::string_view text) {
  if (full()) return;
  bytes_ += text.size();
  if (!full() && !text.empty()) texts_.emplace_back(text);
}

void Sources::add(const protocol::Document& document, const protocol::Leaf& leaf) {
  if (leaf.source && has_text(leaf) && !full()) add(document.text(leaf, scratch_));
}

void Sources::add_from(const protocol::Document& answer) {
  for (const protocol::Leaf& leaf : answer.leaves()) add(answer, leaf);
}

}  // namespace menshen::pipeline
