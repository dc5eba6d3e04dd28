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
#include <string>
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

// `cues` are terms of which only is told that they stand anywhere: their class, of cue_classes_max,
// is a bit of what find() gives, and their weight is nothing.
struct Lexicon {
  Scope scope{};
  std::span<const TermRow> rows{};
  std::span<const TermRow> cues{};
};
inline constexpr std::size_t cue_classes_max = 8;

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
  // Appends the hits. Gives the cues that stand in the text: see cues_of().
  std::uint64_t find(std::string_view text, std::vector<Hit>& hits) const;
  // Those of one lexicon, a bit for each class.
  [[nodiscard]] std::uint8_t cues_of(std::uint64_t found, Scope scope) const noexcept;
  [[nodiscard]] std::size_t term_count() const noexcept { return terms_.size(); }

 private:
  static constexpr std::size_t entry_bytes = 3;

  struct Found {
    std::vector<Hit>& hits;
    std::size_t before;  // of them, those of other texts
    std::uint64_t cues = 0;
  };
  struct Place {
    std::size_t end;  // of the bytes that lead to `node`
    std::uint32_t node;
  };
  struct Term {
    std::uint32_t next;  // 1 + index of another term that ends at the same node; 0 for none
    float weight;
    Scope scope;
    std::uint8_t cls;  // of a cue: which bit of those of all lexicons
    bool open_end;
    bool cue;
  };
  struct Node {
    std::uint64_t likely = 0;    // a bit for the lower six bits of each child's byte
    std::uint32_t children = 0;  // index of the child with the lowest byte; they are neighbours
    std::uint32_t output = 0;    // 1 + index of a term; 0 for none
    std::uint16_t count = 0;     // of children
    char byte = 0;               // that leads here
  };
  // Numbers, of which it knows all that were added and few others.
  class Filter {
   public:
    void add(std::uint32_t number) noexcept { word_of(number) |= bit_of(number); }
    [[nodiscard]] bool may_have(std::uint32_t number) const noexcept {
      return (words_[mixed(number) >> 6U & (words_.size() - 1)] & bit_of(number)) != 0;
    }

   private:
    static std::uint64_t mixed(std::uint32_t number) noexcept {
      return number * 0x9E3779B97F4A7C15ULL >> 40U;
    }
    static std::uint64_t bit_of(std::uint32_t number) noexcept {
      return std::uint64_t{1} << (mixed(number) & 63U);
    }
    std::uint64_t& word_of(std::uint32_t number) noexcept {
      return words_[mixed(number) >> 6U & (words_.size() - 1)];
    }
    std::array<std::uint64_t, 1024> words_{};
  };
  struct Entry {
    std::uint32_t key = 0;
    std::uint32_t node = 0;  // 0 for free
  };
  struct Draft;

  void grow(const Draft& draft, std::uint32_t node, std::size_t first, std::size_t last,
            std::size_t depth);
  void enter(std::string_view term);
  void enter(std::uint32_t key, std::uint32_t node);
  [[nodiscard]] std::uint32_t entry(std::uint32_t key) const noexcept;
  void find_at(std::string_view text, std::size_t i, Found& found) const;
  void find_short(std::string_view text, std::size_t i, Found& found) const;
  [[nodiscard]] std::uint32_t child(std::uint32_t node, char byte) const noexcept;
  void walk(std::string_view text, std::size_t begin, Place at, Found& found) const;
  void report(std::string_view text, std::size_t begin, Place at, Found& found) const;

  // By what terms begin with that are too short for an entry: where they stand in the tree.
  std::array<std::uint32_t, 256> short_{};
  std::string begins_;       // ASCII with which terms begin, but for letters and digits
  std::vector<Node> nodes_;  // [0] is the root
  // A bit for the four bytes that begin a term, or for all three of it: at most places nothing else
  // is looked at.
  Filter likely_;
  std::vector<Entry> entries_;  // open addressing, at most half full
  std::vector<Term> terms_;
  std::vector<Scope> cued_;  // lexicons with cues
};

}  // namespace menshen::detectors::scoring
