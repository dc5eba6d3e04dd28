// What the model is told about a token: hashes of its form, its shape, its neighbours and of what
// the lexicon knows of it. Training and running share this file, so that they cannot differ.
//
//   Forms forms;
//   forms.assign(window, known);
//   if (forms.may_be_named(i)) forms.features_of(i, features);
//
// One thread; keeps its memory.
#pragma once

#include "detectors/names/lexicon.h"
#include "detectors/tagger.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace menshen::detectors::names {

inline constexpr unsigned bucket_bits = 19;
inline constexpr std::size_t features_max = 48;

// Of one token; `size` of them.
struct Features {
  std::array<std::uint32_t, features_max> buckets;
  std::size_t size = 0;
};

// What is known of words beside what the model learned of them.
struct Knowledge {
  Lexicon lexicon;  // the classes of those in small letters
  Lexicon groups;   // the number of the group that a word as it is written keeps company with
};

class Forms {
 public:
  void assign(const TokenWindow& window, const Knowledge& known);

  [[nodiscard]] std::size_t size() const noexcept { return forms_.size(); }
  // Whether the token may be a part of a name at all: the others are none, unasked.
  [[nodiscard]] bool may_be_named(std::size_t token) const noexcept { return forms_[token].may; }
  // Whether one may begin with it.
  [[nodiscard]] bool may_begin(std::size_t token) const noexcept { return forms_[token].begins; }
  void features_of(std::size_t token, Features& out) const;

 private:
  struct Form {
    std::uint64_t hash = 0;  // of the form; of words without case
    std::uint64_t head = 0;  // of a word's first three letters
    std::uint64_t tail = 0;  // of its last three
    std::uint64_t short_tail = 0;
    std::uint16_t group = 0;
    std::uint64_t word_from = 0;  // the longest word of the lexicon that starts here
    std::uint64_t word_to = 0;    // that ends here
    std::uint16_t lexicon = 0;    // of the token by itself
    std::uint16_t starts = 0;     // words of the lexicon that start with the character
    std::uint16_t ends = 0;       // end with it
    std::uint16_t inside = 0;     // go over it
    std::uint8_t shape = 0;
    std::uint8_t touches = 0;  // 1: the token before, 2: the one behind
    TokenKind kind = TokenKind::mark;
    bool may = false;
    bool begins = false;
  };

  class Adder;
  void add_of_character(std::size_t token, Adder& add) const;
  void add_of_word(std::size_t token, Adder& add) const;
  [[nodiscard]] static bool abbreviates(const Form& form) noexcept;
  [[nodiscard]] const Form& at(std::size_t token, int offset) const noexcept;
  void note_words(const TokenWindow& window, const Lexicon& lexicon);
  void note_may(const TokenWindow& window);

  std::vector<Form> forms_;
  Form before_;  // what stands before the first token and behind the last
  Form behind_;
  std::string lower_;
};

}  // namespace menshen::detectors::names
