// Finds all terms of all lexicons in one pass over a normalised view (Aho and Corasick, CACM 18(6),
// 1975).
//
// A lexicon is a constant table of rows: class, weight, and terms parted by '|', in normalised
// spelling (lower case, simplified Han). A term that begins or ends with an ASCII letter or digit
// matches whole words; a trailing '*' lets the word go on ("moron*"). White space in a term matches
// a blank or a line break.
//
//   constexpr TermRow rows[] = {{insult, 0.5F, "idiot*|moron*|白痴"}};
//   const TermMatcher matcher({{Scope::toxicity, rows}});
//   std::vector<Hit> hits;
//   matcher.find("what an idiot", hits);   // one hit, [8, 13)
//
// Immutable after construction; any thread. find() is linear in the text and in the hits it
// returns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

enum class Scope : std::uint8_t { injection, toxicity, bias, shared };

struct TermRow {
  std::uint8_t cls;
  float weight;
  std::string_view terms;
};

struct Lexicon {
  Scope scope;
  std::span<const TermRow> rows;
};

// Ordered by end. `cls` is meaningful within its scope.
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
  struct Term {
    std::uint32_t bytes;
    std::uint32_t next;  // another term that ends at the same node; none when 0
    float weight;
    Scope scope;
    std::uint8_t cls;
    bool open_end;
  };
  struct Node {
    std::uint32_t fail = 0;
    std::uint32_t output = 0;       // 1 + index of a term; 0 for none
    std::uint32_t output_link = 0;  // nearest node along `fail` that has an output
  };
  struct Edge {
    std::uint32_t key = 0;  // node << 8 | byte, plus 1; 0 for free
    std::uint32_t to = 0;
  };

  void add(const TermRow& row, Scope scope, std::string_view term);
  void link();
  void grow();
  [[nodiscard]] std::uint32_t child(std::uint32_t node, std::uint8_t byte) const noexcept;
  void insert_edge(std::uint32_t node, std::uint8_t byte, std::uint32_t to);
  [[nodiscard]] std::uint32_t step(std::uint32_t node, std::uint8_t byte) const noexcept;
  void report(std::string_view text, std::size_t end, std::uint32_t node,
              std::vector<Hit>& hits) const;

  std::array<std::uint32_t, 256> root_{};
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;  // open addressing, at most half full
  std::size_t edge_count_ = 0;
  std::vector<Term> terms_;
};

}  // namespace menshen::detectors::scoring
