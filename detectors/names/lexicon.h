// Words that say something about names, each with its classes: a set of hashes, as it stands in a
// model file.
//
// A word is looked up by its hash alone. One in 2^20 of those that are not there seems to be: the
// model is trained with the same set, so that it knows how much to trust it.
//
// A view of bytes that outlive it; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace menshen::detectors::names {

// What a word is known as. Those of Han characters are of one character (surname, given) or of two
// to lexicon_tokens_max; words of alphabets may be phrases of so many.
namespace lexicon_class {
inline constexpr std::uint16_t given = 1;
inline constexpr std::uint16_t surname = 2;
inline constexpr std::uint16_t person = 4;  // a whole name
inline constexpr std::uint16_t place = 8;
inline constexpr std::uint16_t organisation = 16;  // or what one ends with
inline constexpr std::uint16_t title = 32;         // before or behind a person
inline constexpr std::uint16_t word = 64;          // of everyday: no name as such
inline constexpr std::uint16_t month = 128;        // and days
inline constexpr std::uint16_t particle = 256;     // within names: von, de, bin
inline constexpr std::uint16_t all = 511;
}  // namespace lexicon_class

inline constexpr std::size_t lexicon_tokens_max = 4;

// Mixes all bits (the finaliser of MurmurHash3, in the public domain).
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t h) noexcept {
  h = (h ^ (h >> 33U)) * 0xFF51AFD7ED558CCDULL;
  h = (h ^ (h >> 33U)) * 0xC4CEB9FE1A85EC53ULL;
  return h ^ (h >> 33U);
}

// FNV-1a.
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view word) noexcept {
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (const char c : word) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mixed(h);
}

// Of a word of several tokens: of its tokens so far, and the next one.
[[nodiscard]] constexpr std::uint64_t joined_hash(std::uint64_t before,
                                                  std::uint64_t token) noexcept {
  return mixed(before * 0x9E3779B97F4A7C15ULL + token);
}

class Lexicon {
 public:
  static constexpr unsigned class_bits = 12;

  Lexicon() = default;
  // `slots`: little-endian, a power of two of them, at most half of which are taken.
  Lexicon(const char* slots, std::size_t count) noexcept : slots_(slots), mask_(count - 1) {}

  [[nodiscard]] std::uint16_t classes_of(std::uint64_t hash) const noexcept {
    if (slots_ == nullptr) return 0;
    const std::uint32_t mark = mark_of(hash);
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      std::uint32_t slot = 0;
      std::memcpy(&slot, slots_ + at * sizeof slot, sizeof slot);
      if (slot == 0) return 0;
      if (slot >> class_bits == mark) return slot & lexicon_class::all;
    }
  }

  // The slots that hold these: pairs of a word's hash and its classes, each word once.
  struct Entry {
    std::uint64_t hash;
    std::uint16_t classes;
  };
  [[nodiscard]] static std::vector<std::uint32_t> slots_of(const std::vector<Entry>& entries);

 private:
  [[nodiscard]] static constexpr std::uint32_t mark_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 44U);
  }

  const char* slots_ = nullptr;
  std::size_t mask_ = 0;
};

}  // namespace menshen::detectors::names
