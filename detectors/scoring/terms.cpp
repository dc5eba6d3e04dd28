#include "detectors/scoring/terms.h"

#include "detectors/scoring/bytes.h"

#include <algorithm>
#include <bit>

namespace menshen::detectors::scoring {
namespace {

char folded(char c) { return c == '\n' ? ' ' : c; }

std::uint32_t octet(char c) { return static_cast<unsigned char>(folded(c)); }

// The entry of a term: what begins it. Never 0 for a term.
std::uint32_t entry_key(std::string_view text, std::size_t at) {
  return octet(text[at]) << 16U | octet(text[at + 1]) << 8U | octet(text[at + 2]);
}

std::size_t slot_of(std::uint32_t key, std::size_t slots) {
  return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 40U) & (slots - 1);
}

// Distinct for the bytes that may follow the lead byte of a Han character.
std::uint64_t likely_bit(char c) {
  return std::uint64_t{1} << (static_cast<unsigned char>(c) & 63U);
}

std::size_t word_end(std::string_view text, std::size_t i) {
  while (text.size() - i >= 8) {
    const unsigned letters = letters_of_eight(text.data() + i);
    i += letters;
    if (letters < 8) break;
  }
  while (i < text.size() && is_word_byte(text[i])) ++i;
  return i;
}

}  // namespace

inline std::uint32_t TermMatcher::child(std::uint32_t node, char byte) const noexcept {
  if ((nodes_[node].likely & likely_bit(byte)) == 0) return 0;
  const std::uint32_t first = nodes_[node].children;
  const std::uint32_t end = first + nodes_[node].count;
  for (std::uint32_t i = first; i < end; ++i) {
    if (nodes_[i].byte == byte) return i;
  }
  return 0;
}

// Sorted by spelling while the tree is built: the terms below a node are then neighbours.
struct TermMatcher::Draft {
  struct Spelling {
    std::string_view text;
    std::uint32_t term;
  };
  std::vector<Spelling> spellings;

  void add(std::vector<Term>& terms, const TermRow& row, Scope scope, std::string_view term) {
    const bool open_end = term.ends_with('*') && term.size() > 1;
    if (open_end) term.remove_suffix(1);
    if (term.empty()) return;
    spellings.push_back({term, static_cast<std::uint32_t>(terms.size())});
    terms.push_back({0, row.weight, scope, row.cls, open_end});
  }
};

TermMatcher::TermMatcher(std::span<const Lexicon> lexicons) : nodes_(1) {
  Draft draft;
  for (const Lexicon& lexicon : lexicons) {
    for (const TermRow& row : lexicon.rows) {
      for (std::string_view rest = row.terms; !rest.empty();) {
        const std::size_t bar = rest.find('|');
        draft.add(terms_, row, lexicon.scope, rest.substr(0, bar));
        rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
      }
    }
  }
  std::ranges::stable_sort(draft.spellings, {}, &Draft::Spelling::text);
  grow(draft, 0, 0, draft.spellings.size(), 0);
  entries_.resize(std::bit_ceil(2 * draft.spellings.size() + 2));
  for (const Draft::Spelling& spelling : draft.spellings) enter(spelling.text);
}

// The node of what spellings [first, last) have in common: their `depth` first bytes.
void TermMatcher::grow(const Draft& draft, std::uint32_t node, std::size_t first, std::size_t last,
                       std::size_t depth) {
  for (; first < last && draft.spellings[first].text.size() == depth; ++first) {
    const std::uint32_t term = draft.spellings[first].term;
    terms_[term].next = nodes_[node].output;
    nodes_[node].output = term + 1;
  }
  struct Child {
    std::size_t first;
    std::size_t last;
  };
  std::vector<Child> children;
  for (std::size_t i = first; i < last; ++i) {
    if (i == first || draft.spellings[i].text[depth] != draft.spellings[i - 1].text[depth])
      children.push_back({i, i});
    children.back().last = i + 1;
  }
  auto child = static_cast<std::uint32_t>(nodes_.size());
  nodes_[node].children = child;
  nodes_[node].count = static_cast<std::uint16_t>(children.size());
  for (const Child& c : children) {
    const char byte = draft.spellings[c.first].text[depth];
    nodes_[node].likely |= likely_bit(byte);
    nodes_.push_back({.byte = byte});
  }
  for (const Child& c : children) grow(draft, child++, c.first, c.last, depth + 1);
}

void TermMatcher::enter(std::string_view term) {
  Start& start = starts_[octet(term[0])];
  start.node = child(0, term[0]);
  if (term.size() < entry_bytes) {
    start.slow = true;
    return;
  }
  std::uint32_t node = start.node;
  for (std::size_t i = 1; i < entry_bytes; ++i) node = child(node, term[i]);
  const std::uint32_t key = entry_key(term, 0);
  std::size_t slot = slot_of(key, entries_.size());
  while (entries_[slot].node != 0 && entries_[slot].key != key)
    slot = (slot + 1) & (entries_.size() - 1);
  entries_[slot] = {key, node};
}

std::uint32_t TermMatcher::entry(std::uint32_t key) const noexcept {
  for (std::size_t slot = slot_of(key, entries_.size());;
       slot = (slot + 1) & (entries_.size() - 1)) {
    if (entries_[slot].key == key) return entries_[slot].node;
    if (entries_[slot].node == 0) return 0;
  }
}

void TermMatcher::find(std::string_view text, std::vector<Hit>& hits) const {
  const std::size_t before = hits.size();
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const Start& start = starts_[octet(c)];
    if (start.slow) {
      walk(text, i, {i + 1, start.node}, hits, before);
    } else if (start.node != 0 && text.size() - i >= entry_bytes) {
      const std::uint32_t node = entry(entry_key(text, i));
      if (node != 0) walk(text, i, {i + entry_bytes, node}, hits, before);
    }
    i = is_word_byte(c) ? word_end(text, i) : i + 1;  // no term begins inside a word
  }
}

void TermMatcher::walk(std::string_view text, std::size_t begin, Place at, std::vector<Hit>& hits,
                       std::size_t before) const {
  for (;;) {
    if (nodes_[at.node].output != 0) report(text, begin, at, hits, before);
    if (at.end == text.size()) return;
    at.node = child(at.node, folded(text[at.end++]));
    if (at.node == 0) return;
  }
}

// Hits are found by where they begin and wanted by where they end. What a hit has to pass began
// less than the longest term before it, so the sorting keeps find() linear.
void TermMatcher::report(std::string_view text, std::size_t begin, Place at, std::vector<Hit>& hits,
                         std::size_t before) const {
  const bool closed =
      at.end == text.size() || !is_word_byte(text[at.end]) || !is_word_byte(text[at.end - 1]);
  for (std::uint32_t id = nodes_[at.node].output; id != 0; id = terms_[id - 1].next) {
    const Term& term = terms_[id - 1];
    if (!closed && !term.open_end) continue;
    const Hit hit{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at.end), term.scope,
                  term.cls, term.weight};
    hits.push_back(hit);
    for (std::size_t k = hits.size() - 1; k > before && hits[k - 1].end > hit.end; --k)
      std::swap(hits[k], hits[k - 1]);
  }
}

}  // namespace menshen::detectors::scoring
