// Cuts the view into sentences and these into tokens, by content alone, and gives out windows of
// tokens (tagger.h).
//
// A line end, one of 。！？；!?; a full stop before a blank (but for one behind a capital and at
// most three letters more: "Prof. "), and more than blanks_max blanks end a sentence. One whose
// source takes more than raw_span_max bytes for what is not given out yet ends there.
//
// It reads the view character by character and never looks ahead: cuts cannot change what it gives
// out. Memory: the tokens of one window. One thread at a time; a copy goes on from where the
// original stands.
#pragma once

#include "detectors/tagger.h"
#include "detectors/text/characters.h"
#include "detectors/text/view.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace menshen::detectors {

// Positions of the view.
struct SentenceWindow {
  std::span<const Token> tokens;
  std::size_t owned_begin = 0;
  std::size_t owned_end = 0;
  bool begins_sentence = true;
  bool ends_sentence = true;
  bool forced = false;  // because its source is too long: what follows it may not be known yet
};

class SentenceSink {
 public:
  // False ends the reading: the sink knows why.
  virtual bool on_sentence_window(const SentenceWindow& window) = 0;

 protected:
  ~SentenceSink() = default;
};

class Sentences {
 public:
  static constexpr std::size_t blanks_max = 16;

  void reset();

  // Reads the view to its end; false when the sink said so.
  bool advance(const View& view, SentenceSink& sink);
  bool finish(const View& view, SentenceSink& sink);

  // The view position before which no token is undecided, and the one from which on windows to come
  // show the text.
  [[nodiscard]] std::size_t decided() const noexcept;
  [[nodiscard]] std::size_t shown() const noexcept;

 private:
  enum class End : std::uint8_t { none, here, behind };

  bool step(const View& view, SentenceSink& sink);
  bool read_blank(SentenceSink& sink, char32_t c);
  [[nodiscard]] bool abbreviates(const View& view, std::size_t stop) const noexcept;
  bool check_irregulars(const View& view, SentenceSink& sink);
  bool close_token(SentenceSink& sink);
  bool end_sentence(SentenceSink& sink, bool forced = false);
  bool give(SentenceSink& sink, std::size_t owned, bool ends, bool forced);

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t next_ = 0;
  std::size_t irregular_ = 0;  // the next irregular character whose raw span is to be checked
  std::size_t blanks_ = 0;     // behind the last token
  bool stop_ = false;          // a full stop that ends the sentence before a blank came last

  std::size_t open_begin_ = none;  // of the word or number that goes on
  TokenKind open_kind_ = TokenKind::word;

  std::vector<Token> tokens_;  // those to be shown, then those not given out
  std::size_t given_ = 0;      // of tokens_
  bool begins_ = true;         // tokens_.front() begins the sentence
};

}  // namespace menshen::detectors
