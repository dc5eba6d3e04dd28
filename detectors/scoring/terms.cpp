#include "detectors/scoring/terms.h"

#include <queue>

namespace menshen::detectors::scoring {
namespace {

bool is_word_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::uint8_t folded(char c) { return static_cast<std::uint8_t>(c == '\n' ? ' ' : c); }

std::size_t slot_of(std::uint32_t key, std::size_t slots) {
  return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 32U) & (slots - 1);
}

}  // namespace

TermMatcher::TermMatcher(std::span<const Lexicon> lexicons) : nodes_(1), edges_(1024) {
  for (const Lexicon& lexicon : lexicons) {
    for (const TermRow& row : lexicon.rows) {
      for (std::string_view rest = row.terms; !rest.empty();) {
        const std::size_t bar = rest.find('|');
        add(row, lexicon.scope, rest.substr(0, bar));
        rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
      }
    }
  }
  link();
}

void TermMatcher::add(const TermRow& row, Scope scope, std::string_view term) {
  const bool open_end = term.ends_with('*') && term.size() > 1;
  if (open_end) term.remove_suffix(1);
  if (term.empty()) return;
  std::uint32_t node = 0;
  for (const char c : term) {
    const auto byte = static_cast<std::uint8_t>(c);
    std::uint32_t next = child(node, byte);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
      insert_edge(node, byte, next);
    }
    node = next;
  }
  terms_.push_back({static_cast<std::uint32_t>(term.size()), nodes_[node].output, row.weight, scope,
                    row.cls, open_end});
  nodes_[node].output = static_cast<std::uint32_t>(terms_.size());
}

void TermMatcher::insert_edge(std::uint32_t node, std::uint8_t byte, std::uint32_t to) {
  if (node == 0) {
    root_[byte] = to;
    return;
  }
  if (++edge_count_ * 2 > edges_.size()) grow();
  const std::uint32_t key = (node << 8U | byte) + 1;
  std::size_t slot = slot_of(key, edges_.size());
  while (edges_[slot].key != 0) slot = (slot + 1) & (edges_.size() - 1);
  edges_[slot] = {key, to};
}

void TermMatcher::grow() {
  std::vector<Edge> old(edges_.size() * 2);
  old.swap(edges_);
  for (const Edge& edge : old) {
    if (edge.key == 0) continue;
    std::size_t slot = slot_of(edge.key, edges_.size());
    while (edges_[slot].key != 0) slot = (slot + 1) & (edges_.size() - 1);
    edges_[slot] = edge;
  }
}

std::uint32_t TermMatcher::child(std::uint32_t node, std::uint8_t byte) const noexcept {
  if (node == 0) return root_[byte];
  const std::uint32_t key = (node << 8U | byte) + 1;
  for (std::size_t slot = slot_of(key, edges_.size());; slot = (slot + 1) & (edges_.size() - 1)) {
    if (edges_[slot].key == key) return edges_[slot].to;
    if (edges_[slot].key == 0) return 0;
  }
}

std::uint32_t TermMatcher::step(std::uint32_t node, std::uint8_t byte) const noexcept {
  for (;;) {
    const std::uint32_t next = child(node, byte);
    if (next != 0 || node == 0) return next;
    node = nodes_[node].fail;
  }
}

// Breadth first, so that a node's failure link is complete before its children need it.
void TermMatcher::link() {
  std::vector<std::vector<std::pair<std::uint8_t, std::uint32_t>>> children(nodes_.size());
  for (const Edge& edge : edges_) {
    if (edge.key == 0) continue;
    children[(edge.key - 1) >> 8U].emplace_back(static_cast<std::uint8_t>((edge.key - 1) & 0xFFU),
                                                edge.to);
  }
  std::queue<std::uint32_t> ready;
  for (const std::uint32_t node : root_) {
    if (node != 0) ready.push(node);
  }
  for (; !ready.empty(); ready.pop()) {
    const std::uint32_t node = ready.front();
    for (const auto& [byte, to] : children[node]) {
      const std::uint32_t fail = step(nodes_[node].fail, byte);
      nodes_[to].fail = fail;
      nodes_[to].output_link = nodes_[fail].output != 0 ? fail : nodes_[fail].output_link;
      ready.push(to);
    }
  }
}

void TermMatcher::find(std::string_view text, std::vector<Hit>& hits) const {
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // No term begins inside a word.
    if (node == 0 && i > 0 && is_word_byte(text[i - 1]) && is_word_byte(text[i])) continue;
    node = step(node, folded(text[i]));
    if (node != 0 && (nodes_[node].output | nodes_[node].output_link) != 0)
      report(text, i + 1, node, hits);
  }
}

void TermMatcher::report(std::string_view text, std::size_t end, std::uint32_t node,
                         std::vector<Hit>& hits) const {
  const bool closed =
      end == text.size() || !is_word_byte(text[end]) || !is_word_byte(text[end - 1]);
  if (nodes_[node].output == 0) node = nodes_[node].output_link;
  for (; node != 0; node = nodes_[node].output_link) {
    for (std::uint32_t id = nodes_[node].output; id != 0; id = terms_[id - 1].next) {
      const Term& term = terms_[id - 1];
      const std::size_t begin = end - term.bytes;
      if (!closed && !term.open_end) continue;
      if (begin > 0 && is_word_byte(text[begin]) && is_word_byte(text[begin - 1])) continue;
      hits.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                      term.scope, term.cls, term.weight});
    }
  }
}

}  // namespace menshen::detectors::scoring
