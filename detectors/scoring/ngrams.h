// What the trained scores look at: hashed n-grams of a text, piece by piece.
//
// Tokens of the normalised view are words of letters, numbers (all alike), signs, and each Han
// character for itself. A group of people is one token whatever the group, and so are he and she,
// so that a swap changes no score; so is a compound that holds a listed term and is another word.
// Within a sentence tokens count alone, in twos and in threes, and so do pairs of classes of the
// lexicons in their order: what is said with another word of a class counts too, and apart where it
// stands in quotation marks.
//
//   Ngrams ngrams;
//   ngrams.read(reading);
//   for (const Ngrams::Piece& piece : ngrams.pieces())
//     for (const std::uint32_t bucket : ngrams.of(piece)) sum += weights[bucket];
//
// A piece is a few short sentences, or a part of a very long one. The same at run-time and in
// training: a change here asks for a new model. One thread at a time; read() keeps the memory.
// Linear in the text.
#pragma once

#include "detectors/scoring/reading.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

class Ngrams {
 public:
  static constexpr unsigned bucket_bits = 19;

  struct Piece {
    std::uint32_t begin;  // in bytes of the view
    std::uint32_t end;
    std::uint32_t first;  // of the buckets
    std::uint32_t last;
  };

  void read(const Reading& reading);

  // In the order of the text; none of a text without tokens.
  [[nodiscard]] std::span<const Piece> pieces() const noexcept { return pieces_; }
  // One for each n-gram, below 2^bucket_bits; the same one as often as it stands there.
  [[nodiscard]] std::span<const std::uint32_t> of(const Piece& piece) const noexcept {
    return std::span(buckets_).subspan(piece.first, piece.last - piece.first);
  }

  void trim();

 private:
  // What is one token though it may be several words: a group, a compound.
  struct Whole {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t token;
  };
  struct ClassAt {
    std::uint32_t end;
    std::uint32_t id;
  };
  static constexpr std::size_t classes_back = 6;  // of those before a class, that it is paired with

  void find_wholes(const Reading& reading);
  void add_whole(const Whole& whole);
  void find_classes(const Reading& reading);
  std::size_t read_sentence(std::string_view text, std::size_t begin, std::size_t end);
  std::size_t read_token(std::string_view text, std::size_t at, std::size_t end);
  void put_token(std::uint32_t hash);
  void put_classes(std::size_t end);
  void put(std::uint32_t hash);
  void close_piece(std::size_t end);

  std::vector<std::uint32_t> buckets_;  // room for more than count_
  std::vector<Piece> pieces_;
  std::vector<Whole> wholes_;     // ascending, disjoint
  std::vector<ClassAt> classes_;  // ascending
  // While a text is read:
  std::size_t next_whole_ = 0;
  std::size_t next_class_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t piece_begin_ = 0;
  std::uint32_t tokens_ = 0;  // in the piece
  // Of the sentence: the hashes of the tokens and classes before; 0 for none.
  std::uint32_t before_ = 0;
  std::uint32_t before_that_ = 0;
  std::array<std::uint32_t, classes_back> last_classes_{};
  std::size_t class_count_ = 0;
};

}  // namespace menshen::detectors::scoring
