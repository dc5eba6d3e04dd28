// What the sources say, as sets of hashes: built once, then each question costs constant time.
//
//   SourceIndex index;
//   if (auto read = index.assign(sources); !read) return read.error();
//   index.has_word(token.hash); index.has_number(token);
//
// One thread at a time; assign() keeps the memory. Linear in the sources, but for sorting their
// numbers.
#pragma once

#include "core/error.h"
#include "detectors/grounding/tokens.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

// Open addressing, no deletion; slots are salted for each process, so that no text can be made to
// collide. Value 0 is never stored: hashes of 0 are moved to 1.
class HashSet {
 public:
  void reset(std::size_t expected);
  void insert(std::uint64_t hash);
  [[nodiscard]] bool contains(std::uint64_t hash) const noexcept;
  void trim();

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const noexcept;
  void place(std::uint64_t hash) noexcept;
  std::vector<std::uint64_t> slots_;
  std::size_t used_ = 0;
};

class SourceIndex {
 public:
  core::Result<void> assign(std::span<const std::string_view> sources);

  [[nodiscard]] bool has_word(std::uint64_t hash) const noexcept { return words_.contains(hash); }
  [[nodiscard]] bool has_prefix(std::uint64_t prefix) const noexcept {
    return words_.contains(hash_step(prefix, prefix_salt));
  }
  // Two tokens side by side; Han characters and words alike.
  [[nodiscard]] bool has_pair(std::uint64_t a, std::uint64_t b) const noexcept {
    return pairs_.contains(hash_step(a, b));
  }
  [[nodiscard]] bool has_pair_hash(std::uint64_t pair) const noexcept {
    return pairs_.contains(pair);
  }
  // "a not b" stands there.
  [[nodiscard]] bool has_negated(std::uint64_t a, std::uint64_t b) const noexcept {
    return pairs_.contains(hash_step(hash_step(a, b), negated_salt));
  }
  // A word that is this one behind "un", "in", "dis", ...
  [[nodiscard]] bool has_turned(std::uint64_t hash) const noexcept {
    return words_.contains(hash_step(hash, turned_salt));
  }
  // The same value, or one that rounds to it. `loose`: within 5 %, for numbers said to be rough.
  [[nodiscard]] bool has_number(const Token& number, bool loose) const noexcept;

  void trim();

 private:
  static constexpr std::uint64_t prefix_salt = 0x70;
  static constexpr std::uint64_t negated_salt = 0x6E;
  static constexpr std::uint64_t turned_salt = 0x74;
  struct Number {
    double value;
    bool percent;
  };
  void add(const Token& token);

  Tokenizer tokens_;
  std::uint64_t before_ = 0;  // the token before; 0 after a number or a mark
  std::uint64_t negated_ =
      0;           // the token before the negation that came last, when it was just before
  HashSet words_;  // words, prefixes, Han characters
  HashSet pairs_;
  std::vector<Number> numbers_;  // by value
};

}  // namespace menshen::detectors::scoring
