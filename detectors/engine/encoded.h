// Texts that stand in a run in base64 (RFC 4648, both alphabets, padded or not) or in hexadecimal
// digits, decoded, so that they can be read like any other text.
//
// A token is tried when it has token_bytes_min characters, and is a text when all that it decodes
// to shows something: noise and binary data are dismissed at their first bytes. Of a token that is
// no text the parts between its marks are tried too (a path ends with one). A token in several
// windows is decoded window by window, with what stands before it and behind it as far as the
// window shows; so what is decoded depends on the text alone, and is bounded.
//
// One thread at a time.
#pragma once

#include "detectors/text/segmenter.h"
#include "detectors/text/view.h"

#include <cstddef>
#include <string>
#include <vector>

namespace menshen::detectors {

// A text that was decoded, and where its parts came from: group_bytes of it from each of its
// groups of characters.
struct Decoded {
  std::string text;
  std::size_t group_bytes = 1;
  std::vector<std::size_t> bounds;  // of the groups, in the text as it was fed; one past the last
  // What begins in the source before owned_begin was found before, and behind owned_end will be.
  std::size_t owned_begin = 0;
  std::size_t owned_end = 0;

  // The source of text[begin, end).
  [[nodiscard]] std::size_t source_begin(std::size_t begin) const noexcept {
    return bounds[begin / group_bytes];
  }
  [[nodiscard]] std::size_t source_end(std::size_t end) const noexcept {
    return bounds[(end - 1) / group_bytes + 1];
  }
};

class EncodedTokens {
 public:
  static constexpr std::size_t token_bytes_min = 12;
  // What a run must have to hold one, or digits as letters (Reading::fold).
  static constexpr RunClause clause{.bytes = token_bytes_min - 1, .digits = 1};

  // Nearly all have a digit. Those that have none are looked for in runs that are given out anyway.
  [[nodiscard]] static bool may_hold(const RunWindow& run) noexcept {
    constexpr std::size_t without_digits_min = 16;
    constexpr unsigned elsewhere = run_class::dot | run_class::colon | run_class::at;
    const std::size_t bytes = run.end - run.run_begin;
    if (run.numerals || run.joined || bytes < clause.bytes) return false;
    return run.digits > 0 || (bytes >= without_digits_min && (run.content & elsewhere) == 0);
  }

  void reset() noexcept { open_ = none; }
  // Adds what the window owns to `decoded`. irregular: only tokens that are not written as they
  // show; the others are the same in another reading.
  void read(const View& view, const RunWindow& run, bool irregular, std::vector<Decoded>& decoded);

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct Token {
    std::size_t begin = 0;
    std::size_t end = 0;         // as far as the window shows it
    std::size_t padded_end = 0;  // behind its '='
    bool whole = false;          // it ends there
  };
  static void decode(const View& view, const RunWindow& run, const Token& token, bool irregular,
                     std::vector<Decoded>& decoded);

  std::size_t open_ = none;  // where a token begins that goes on in the next window of its run
};

}  // namespace menshen::detectors
