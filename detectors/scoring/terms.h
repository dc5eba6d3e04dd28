// Finds all terms of all lexicons in one pass over a normalised view: a walk down a prefix tree
// from each place where a term may begin, entered by the three bytes that stand there.
//
// A lexicon is a constant table of rows: class, weight, and terms parted by '|', in normalised
// spelling (lower case, simplified Han). A term that begins or ends with an ASCII letter or digit
// matches whole words; a trailing '*' lets the word go on ("moron*"). White space in a term matches
// a blank or a line break.
//
//   constexpr TermRow rows[] = {{insult, 0.5F, "idiot*|moron*|白痴"}};
//   const TermMatcher matcher({{scope("toxicity"), rows}});
//   std::vector<Hit> hits;
//   matcher.find("what an idiot", hits);   // one hit, [8, 13)
//
// Immutable after construction; any thread. find() is linear in the text: a walk is no longer than
// the longest term (below 64 bytes in the lexicons here) and most end at the entry.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

// Names a lexicon, by a hash of its name: a new one is added to no list.
enum class Scope : std::uint16_t {};
[[nodiscard]] consteval Scope scope(std::string_view name) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return static_cast<Scope>((hash >> 16U) ^ (hash & 0xFFFFU));
}
inline constexpr Scope shared_scope = scope("shared");  // what all scores read (reading.h)

struct TermRow {
  std::uint8_t cls;
  float weight;
  std::string_view terms;
};

struct Lexicon {
  Scope scope{};
  std::span<const TermRow> rows{};
};

// Ordered by end, the longer one before the shorter. `cls` is meaningful within its scope.
struct Hit {
  std::uint32_t begin;
  std::uint32_t end;
  Scope scope;
  std::uint8_t cls;
  float weight;
};

class TermMatcher {
 public:
  explicit TermMatcher(std::span<const Lexicon> lexicons);
  void find(std::string_view text, std::vector<Hit>& hits) const;
  [[nodiscard]] std::size_t term_count() const noexcept { return terms_.size(); }

 private:
  static constexpr std::size_t entry_bytes = 3;

  // What begins with a byte. `slow`: also a term too short for an entry.
  struct Start {
    std::uint32_t node = 0;
    bool slow = false;
  };
  struct Place {
    std::size_t end;  // of the bytes that lead to `node`
    std::uint32_t node;
  };
  struct Term {
    std::uint32_t next;  // 1 + index of another term that ends at the same node; 0 for none
    float weight;
    Scope scope;
    std::uint8_t cls;
    bool open_end;
  };
  struct Node {
    std::uint64_t likely = 0;    // a bit for the lower six bits of each child's byte
    std::uint32_t children = 0;  // index of the child with the lowest byte; they are neighbours
    std::uint32_t output = 0;    // 1 + index of a term; 0 for none
    std::uint16_t count = 0;     // of children
    char byte = 0;               // that leads here
  };
  struct Entry {
    std::uint32_t key = 0;
    std::uint32_t node = 0;  // 0 for free
  };
  struct Draft;

  void grow(const Draft& draft, std::uint32_t node, std::size_t first, std::size_t last,
            std::size_t depth);
  void enter(std::string_view term);
  [[nodiscard]] std::uint32_t entry(std::uint32_t key) const noexcept;
  [[nodiscard]] std::uint32_t child(std::uint32_t node, char byte) const noexcept;
  void walk(std::string_view text, std::size_t begin, Place at, std::vector<Hit>& hits,
            std::size_t before) const;
  void report(std::string_view text, std::size_t begin, Place at, std::vector<Hit>& hits,
              std::size_t before) const;

  std::array<Start, 256> starts_{};
  std::vector<Node> nodes_;     // [0] is the root
  std::vector<Entry> entries_;  // open addressing, at most half full
  std::vector<Term> terms_;
};

}  // namespace menshen::detectors::scoring
