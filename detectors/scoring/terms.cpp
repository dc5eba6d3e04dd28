#include "detectors/scoring/terms.h"

#include "detectors/scoring/bytes.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <optional>

namespace menshen::detectors::scoring {
namespace {

char folded(char c) { return c == '\n' ? ' ' : c; }

std::uint32_t octet(char c) { return static_cast<unsigned char>(c); }

constexpr std::size_t filter_bytes = 4;

// Up to four bytes as a number; never 0 for those of a term.
std::uint32_t number_of(std::string_view begin) {
  return static_cast<std::uint32_t>(bytes::load(begin.data(), begin.size()));
}

std::size_t slot_of(std::uint32_t key, std::size_t slots) {
  return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 40U) & (slots - 1);
}

// Distinct for the bytes that may follow the lead byte of a Han character.
std::uint64_t likely_bit(char c) {
  return std::uint64_t{1} << (static_cast<unsigned char>(c) & 63U);
}

// The first bytes of a term as they may stand in a text, where a blank may be a line break.
template <class Visit>
void each_begin(std::string_view begin, Visit visit) {
  for (unsigned breaks = 0; breaks < 1U << begin.size(); ++breaks) {
    std::string written(begin);
    bool stands = true;
    for (std::size_t i = 0; i < begin.size(); ++i) {
      if ((breaks >> i & 1U) == 0) continue;
      stands = stands && begin[i] == ' ';
      written[i] = '\n';
    }
    if (stands) visit(written);
  }
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

  // `cue`: the bit of what find() gives; absent: its terms are hits.
  void add(std::vector<Term>& terms, const TermRow& row, Scope scope,
           std::optional<std::size_t> cue) {
    for (std::string_view rest = row.terms; !rest.empty();) {
      const std::size_t bar = rest.find('|');
      std::string_view term = rest.substr(0, bar);
      rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
      const bool open_end = term.ends_with('*') && term.size() > 1;
      if (open_end) term.remove_suffix(1);
      if (term.empty()) continue;
      spellings.push_back({term, static_cast<std::uint32_t>(terms.size())});
      const auto cls = static_cast<std::uint8_t>(cue.value_or(row.cls));
      terms.push_back({0, row.weight, scope, cls, open_end, cue.has_value()});
    }
  }
};

TermMatcher::TermMatcher(std::span<const Lexicon> lexicons) : nodes_(1) {
  Draft draft;
  for (const Lexicon& lexicon : lexicons) {
    for (const TermRow& row : lexicon.rows) draft.add(terms_, row, lexicon.scope, std::nullopt);
    if (lexicon.cues.empty()) continue;
    const std::size_t first = cued_.size() * cue_classes_max;
    if (first == 64) std::abort();  // more lexicons have cues than are told apart
    cued_.push_back(lexicon.scope);
    for (const TermRow& row : lexicon.cues)
      draft.add(terms_, row, lexicon.scope, first + row.cls % cue_classes_max);
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
  each_begin(term.substr(0, 1), [&](const std::string& first) {
    const bool is_other = octet(first[0]) < 0x80 && !is_word_byte(first[0]);
    if (is_other && begins_.find(first[0]) == begins_.npos) begins_ += first[0];
    if (term.size() < entry_bytes) short_[octet(first[0])] = child(0, term[0]);
  });
  if (term.size() < entry_bytes) return;
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < entry_bytes; ++i) node = child(node, term[i]);
  each_begin(term.substr(0, entry_bytes),
             [&](const std::string& begin) { enter(number_of(begin), node); });
  each_begin(term.substr(0, filter_bytes),
             [&](const std::string& begin) { likely_.add(number_of(begin)); });
}

void TermMatcher::enter(std::uint32_t key, std::uint32_t node) {
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

// Of the terms that begin at one place, the short ones are looked for first.
inline void TermMatcher::find_at(std::string_view text, std::size_t i, Found& found) const {
  if (short_[octet(text[i])] != 0) find_short(text, i, found);
  const std::size_t left = text.size() - i;
  if (left < entry_bytes) return;
  const std::uint32_t four = left >= filter_bytes ? number_of({text.data() + i, filter_bytes})
                                                  : number_of({text.data() + i, left});
  const std::uint32_t three = four & 0xFFFFFFU;
  if (!likely_.may_have(four) && !likely_.may_have(three)) return;
  const std::uint32_t node = entry(three);
  if (node != 0) walk(text, i, {i + entry_bytes, node}, found);
}

// No term begins inside a word, or within a character.
std::uint64_t TermMatcher::find(std::string_view text, std::vector<Hit>& hits) const {
  Found found{hits, hits.size()};
  std::uint64_t in_word = 0;  // the byte before is a word's
  for (std::size_t i = 0; i < text.size(); i += 8) {
    const bool whole = text.size() - i >= 8;
    const std::uint64_t w =
        whole ? bytes::load(text.data() + i, 8) : bytes::load(text.data() + i, text.size() - i);
    const std::uint64_t word = bytes::word_bytes(w);
    std::uint64_t begins = (word & ~(word << 8U | in_word)) | bytes::lead_bytes(w);
    for (const char c : begins_) begins |= bytes::bytes_of(w, c);
    in_word = word >> 56U;
    for (; begins != 0; begins &= begins - 1)
      find_at(text, i + static_cast<std::size_t>(std::countr_zero(begins)) / 8, found);
  }
  return found.cues;
}

std::uint8_t TermMatcher::cues_of(std::uint64_t found, Scope scope) const noexcept {
  const auto at = std::ranges::find(cued_, scope) - cued_.begin();
  const std::size_t first = static_cast<std::size_t>(at) * cue_classes_max;
  return at == std::ssize(cued_) ? 0 : static_cast<std::uint8_t>(found >> first);
}

[[gnu::noinline]] void TermMatcher::find_short(std::string_view text, std::size_t i,
                                               Found& found) const {
  std::uint32_t node = short_[octet(text[i])];
  for (std::size_t end = i + 1; node != 0; ++end) {
    if (nodes_[node].output != 0) report(text, i, {end, node}, found);
    if (end == text.size() || end + 1 - i == entry_bytes) return;
    node = child(node, folded(text[end]));
  }
}

[[gnu::noinline]] void TermMatcher::walk(std::string_view text, std::size_t begin, Place at,
                                         Found& found) const {
  for (;;) {
    if (nodes_[at.node].output != 0) report(text, begin, at, found);
    if (at.end == text.size()) return;
    at.node = child(at.node, folded(text[at.end++]));
    if (at.node == 0) return;
  }
}

// Hits are found by where they begin and wanted by where they end. What a hit has to pass began
// less than the longest term before it, so the sorting keeps find() linear.
void TermMatcher::report(std::string_view text, std::size_t begin, Place at, Found& found) const {
  const bool closed =
      at.end == text.size() || !is_word_byte(text[at.end]) || !is_word_byte(text[at.end - 1]);
  for (std::uint32_t id = nodes_[at.node].output; id != 0; id = terms_[id - 1].next) {
    const Term& term = terms_[id - 1];
    if (!closed && !term.open_end) continue;
    if (term.cue) {
      found.cues |= std::uint64_t{1} << term.cls;
      continue;
    }
    const Hit hit{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at.end), term.scope,
                  term.cls, term.weight};
    std::vector<Hit>& hits = found.hits;
    hits.push_back(hit);
    for (std::size_t k = hits.size() - 1; k > found.before && hits[k - 1].end > hit.end; --k)
      std::swap(hits[k], hits[k - 1]);
  }
}

}  // namespace menshen::detectors::scoring
