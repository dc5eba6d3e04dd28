// What a tagger is: a pure function from a window of words to matches, for what has no form of its
// own and is told from the words around it (names, addresses).
//
// A tagger is one folder NAME/ with a file NAME_tagger.cpp that defines
//
//   const Tagger& menshen::detectors::NAME_tagger();
//
// and returns an object with static storage, shared by all threads. It never sees where the text
// was cut: the engine cuts the normalised text into sentences and these into tokens, by content
// alone, and hands over windows when they are complete. What it must remember of a sentence stands
// in a TaggerState that the engine keeps, so what tag() returns cannot depend on the cuts.
//
//   class Surname final : public Tagger {
//     core::Result<void> tag(const TokenWindow& window, TaggerState&, Matches& matches) const
//         override {
//       for (std::size_t i = window.owned_begin; i < window.owned_end; ++i) {
//         if (window.text_of(i) == "Smith") matches.add(type, window.tokens[i].begin, ...);
//       }
//       return {};
//     }
//     ...
//   };
//
// docs/ADDING_A_DETECTOR.md says what a folder holds; the conformance suite runs on each tagger.
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "detectors/detector.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace menshen::detectors {

enum class TokenKind : std::uint8_t {
  word,       // letters of an alphabet
  number,     // ASCII digits, as which the digits of all scripts show
  character,  // one of a script that writes without blanks: Han, kana, hangul
  mark,       // one of anything else that is no blank: punctuation, symbols
};

// Bytes of TokenWindow::text. What is longer than token_bytes_max is several tokens.
struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  TokenKind kind = TokenKind::mark;
};

inline constexpr std::size_t token_bytes_max = 64;
// A window owns so many tokens of a sentence (the last one all that remain), and shows so many
// before them and behind them, fewer where the sentence begins or ends.
inline constexpr std::size_t tokens_owned = 8;
inline constexpr std::size_t tokens_before = 8;
inline constexpr std::size_t tokens_ahead = 16;

// Valid during tag() only.
struct TokenWindow {
  std::string_view text;  // the tokens, and the blanks between them
  std::span<const Token> tokens;
  std::size_t owned_begin = 0;  // matches begin with one of the tokens [owned_begin, owned_end)
  std::size_t owned_end = 0;
  bool begins_sentence = true;  // nothing stands before tokens.front()
  bool ends_sentence = true;    // nothing stands behind tokens.back()

  [[nodiscard]] std::string_view text_of(std::size_t token) const noexcept {
    return text.substr(tokens[token].begin, tokens[token].end - tokens[token].begin);
  }
};

// What a tagger remembers from one window of a sentence to the next; zeros where one begins.
using TaggerState = std::array<std::uint32_t, 8>;

class Tagger {
 public:
  virtual ~Tagger() = default;

  // Lower snake case, the folder's name; and the version of the algorithm, which goes into each
  // record.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  [[nodiscard]] virtual unsigned version() const noexcept = 0;
  [[nodiscard]] virtual std::span<const core::FindingType* const> types() const noexcept = 0;

  // Windows of a sentence come in order, each token owned by one of them. Matches begin with a
  // token that the window owns, end in its text and are complete. Those that overlap are
  // arbitrated (engine/arbiter.h). Any error ends the scan: "could not tell" is never "no match".
  virtual core::Result<void> tag(const TokenWindow& window, TaggerState& state,
                                 Matches& matches) const = 0;
};

}  // namespace menshen::detectors
