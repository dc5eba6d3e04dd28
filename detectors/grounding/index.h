// What the sources say, as sets of hashes: built once, then each question costs constant time.
//
//   SourceIndex index;
//   index.assign(sources);
//   index.has_word(token.hash); index.has_number(token);
//
// One thread at a time; assign() keeps the memory. Linear in the sources, but for sorting their
// numbers.
#pragma once

#include "detectors/grounding/tokens.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

// Open addressing, no deletion; slots are salted for each process, so that no text can be made to
// collide. Value 0 is never stored: hashes of 0 are moved to 1.
class HashSet {
 public:
  HashSet();
  void reset(std::size_t expected);

  void insert(std::uint64_t hash) {
    hash = nonzero(hash);
    std::uint64_t& slot = slots_[slot_of(hash)];
    if (slot == hash) return;
    slot = hash;
    if (++used_ * 2 > slots_.size()) grow();
  }

  [[nodiscard]] bool contains(std::uint64_t hash) const noexcept {
    return slots_[slot_of(nonzero(hash))] != 0;
  }

  void trim();

 private:
  static std::uint64_t nonzero(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }

  // Where the hash stands, or the free slot where it would.
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    auto slot = static_cast<std::size_t>(((hash ^ salt_) * 0x9E3779B97F4A7C15ULL) >> 32U) & mask;
    while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & mask;
    return slot;
  }

  void grow();

  std::uint64_t salt_;
  std::vector<std::uint64_t> slots_;
  std::size_t used_ = 0;
};

class SourceIndex {
 public:
  // Stops between two sources once `stop` is requested.
  void assign(std::span<const std::string_view> sources, const std::stop_token& stop = {});

  [[nodiscard]] bool has_word(std::uint64_t hash) const noexcept { return words_.contains(hash); }
  [[nodiscard]] bool has_prefix(const Token& word) const noexcept {
    return words_.contains(word.prefix);
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
  [[nodiscard]] bool has_turned(const Token& word) const noexcept {
    return words_.contains(word.turned);
  }
  // The same value, or one that rounds to it. `loose`: within 5 %, for numbers said to be rough.
  [[nodiscard]] bool has_number(const Token& number, bool loose) const noexcept;

  void trim();

 private:
  static constexpr std::uint64_t negated_salt = 0x6E;
  void add(const Token& token);

  Tokenizer tokens_;
  std::uint64_t before_ = 0;  // the token before; 0 after a number or a mark
  std::uint64_t negated_ =
      0;           // the token before the negation that came last, when it was just before
  HashSet words_;  // words, prefixes, Han characters
  HashSet pairs_;
  // Sorted; apart, so that one look at the nearest value tells.
  std::vector<double> numbers_;
  std::vector<double> percents_;
};

}  // namespace menshen::detectors::scoring
