// Many words and phrases, found in one pass over a text.
//
//   WordTable words;
//   words.add("Project Falcon", 0);      // 0: whatever the caller calls it
//   words.add("猎鹰", 0);
//   words.build();
//   words.find("the project  FALCON starts", 0, ..., found);   // [4, 19)
//
// Compared folded (text/folding.h): without regard to case, accents, traditional and simplified
// Han. A text is read as tokens: letters and digits in a row, a character of a script that writes
// without blanks, a mark, blanks; a word is a sequence of whole tokens. So `cat` does not stand in
// `concat`, and 猎鹰 stands in 大猎鹰号. Blanks in a row are one.
//
// add() and build() by one thread; immutable afterwards, any thread. Cost linear in the text, times
// word_tokens_max at most.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

inline constexpr std::size_t word_characters_max = 64;

class WordTable {
 public:
  struct Found {
    std::size_t begin;
    std::size_t end;
    std::uint32_t owner;
  };

  // Adds a word, or says why it is none (a sentence): it shows nothing but marks, or has more than
  // word_characters_max characters.
  [[nodiscard]] std::string add(std::string_view word, std::uint32_t owner);
  void build();

  [[nodiscard]] bool empty() const noexcept { return words_.empty(); }
  // No word takes more bytes of a text, together with the character behind it.
  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }

  // Appends what begins in [from, to) of the text, which is in normal form (text/view.h), by begin;
  // of one begin all, the shorter before the longer.
  void find(std::string_view text, std::size_t from, std::size_t to,
            std::vector<Found>& found) const;

 private:
  struct Word {
    std::uint64_t hash;  // of its tokens
    std::uint32_t owner;
    bool operator==(const Word&) const = default;
    auto operator<=>(const Word&) const = default;
  };
  // The hash of a sequence of tokens, and in its lowest bits what that is: the beginning of a
  // longer word, a word, or both. 0: free.
  using Slot = std::uint64_t;
  static constexpr Slot goes_on = 1;
  static constexpr Slot is_word = 2;
  static constexpr Slot flags = goes_on | is_word;

  // Where the hash stands, or is to stand.
  [[nodiscard]] std::size_t place_of(std::uint64_t hash) const noexcept;
  [[nodiscard]] bool may_begin(std::uint64_t token) const noexcept {
    const std::uint64_t bit = token & first_mask_;
    return (first_[bit / 64] >> (bit % 64) & 1U) != 0;
  }
  // Before a token's hash: whether a word may begin with letters and digits of ASCII like these, or
  // with this character that is a token of its own.
  void add_lead(std::string_view first_token);
  [[nodiscard]] bool may_begin_with(std::string_view letters) const noexcept {
    const std::uint64_t bit = lead_of(letters) & first_mask_;
    return (leads_[bit / 64] >> (bit % 64) & 1U) != 0;
  }
  [[nodiscard]] bool is_passed_over(char32_t c) const noexcept {
    return !passed_over_.empty() && (passed_over_[c / 64] >> (c % 64) & 1U) != 0;
  }
  [[nodiscard]] static std::uint64_t lead_of(std::string_view letters) noexcept;
  void build_passed_over();

  void walk(std::string_view text, std::size_t at, std::vector<Found>& found) const;

  std::vector<Word> words_;              // sorted
  std::vector<Slot> parts_;              // of words, until build()
  std::vector<Slot> slots_;              // open addressing, a power of two
  std::vector<std::uint64_t> first_{0};  // bits: tokens that begin a word
  std::uint64_t first_mask_ = 63;
  std::vector<std::uint64_t> leads_{0};       // the same of their first bytes and length
  std::vector<std::uint64_t> lead_keys_;      // until build()
  std::vector<std::uint64_t> passed_over_;    // of the BMP; empty: there are few words
  std::array<bool, 128> begins_with_mark_{};  // of ASCII
  std::vector<std::uint64_t> firsts_;         // until build()
  std::size_t bytes_max_ = 0;
};

}  // namespace menshen::detectors
