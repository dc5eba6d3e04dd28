#include "proxy/pipeline/sources.h"

#include <functional>
#include <utility>

namespace menshen::pipeline {
namespace {

bool has_text(const protocol::Leaf& leaf) noexcept {
  return leaf.kind == protocol::LeafKind::text || leaf.kind == protocol::LeafKind::json_text;
}

}  // namespace

bool stands_in(const protocol::Document& document, std::string_view text) noexcept {
  const std::string_view bytes = document.bytes();
  const std::less_equal<> not_behind;
  return not_behind(bytes.data(), text.data()) &&
         not_behind(text.data() + text.size(), bytes.data() + bytes.size());
}

Sources::Sources(const protocol::Document& request, const policies::SourceMarks& marks) {
  std::vector<std::string_view> passages;
  for (const protocol::Leaf& leaf : request.leaves()) {
    const bool may_be_marked = leaf.kind == protocol::LeafKind::text &&
                               (leaf.role == core::Role::system || leaf.role == core::Role::user);
    if (leaf.source && has_text(leaf)) {
      add_leaf(request, request.text(leaf, scratch_));
    } else if (!leaf.source && may_be_marked) {
      passages.clear();
      marks.passages(request.text(leaf, scratch_), leaf.role, passages);
      for (const std::string_view passage : passages) add_leaf(request, passage);
    }
    if (full()) return;
  }
}

void Sources::borrow(std::string_view text) {
  if (full()) return;
  bytes_ += text.size();
  if (!full() && !text.empty()) views_.push_back(text);
}

void Sources::add(std::string_view text) {
  const std::size_t before = views_.size();
  borrow(text);
  if (views_.size() > before) views_.back() = own_.emplace_back(text);
}

void Sources::add_leaf(const protocol::Document& document, std::string_view text) {
  if (stands_in(document, text)) {
    borrow(text);
  } else {
    add(text);
  }
}

void Sources::add(const protocol::Document& document, const protocol::Leaf& leaf) {
  if (leaf.source && has_text(leaf) && !full()) add(document.text(leaf, scratch_));
}

void Sources::add_from(const protocol::Document& answer) {
  for (const protocol::Leaf& leaf : answer.leaves()) {
    if (leaf.source && has_text(leaf) && !full()) add_leaf(answer, answer.text(leaf, scratch_));
  }
}

void Sources::keep() {
  std::list<std::string> own;
  for (std::string_view& text : views_) text = own.emplace_back(text);
  own_ = std::move(own);
}

}  // namespace menshen::pipeline
