// Finds personal data and secrets in one text that arrives in pieces cut anywhere.
//
// A text is read as it stands and, from the first escape on, with escapes of JSON, URLs, HTML and
// programs decoded as well, up to three times; what tokens of base64 and hexadecimal digits decode
// to are texts of their own. What is found in any reading is reported, in bytes of the text as it
// was fed.
// Where three decodings still show a \u and four hexadecimal digits, the text cannot be read.
// A finding takes whole escapes, and a whole number where the text is JSON.
//
// The findings depend on the text alone, never on the cuts (law 4): feeding a text whole, or byte
// by byte, reports the same findings. What is not yet decided is bounded: text_bytes() - settled()
// is at most hold_back_bytes_max, whatever the text.
//
//   Scanner scanner(Catalog::built_in());
//   scanner.reset();
//   if (auto fed = scanner.feed("call 138 0013 "); !fed) return fed.error();
//   scanner.settled();              // 5: "call " may leave; the digits may be a phone number
//   if (auto fed = scanner.feed("8000 now"); !fed) ...
//   if (auto done = scanner.finish(); !done) ...
//   for (const core::Finding& f : scanner.take()) ...   // cn_mobile [5, 18)
//
// One thread at a time. reset() keeps the memory, so a pooled scanner does not allocate on clean
// text. Errors: a detector that failed (RE2 gave up, escapes too deep) is an error of kind
// internal, code "detector_failed"; memory that ran out of kind unavailable, "out_of_memory":
// "could not tell" is never "no match" (law 2).
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "detectors/literal.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors {

class Catalog;

// The most bytes of input that are ever undecided: the source of the longest run, and of the
// longest chain of findings that overlap.
inline constexpr std::size_t hold_back_bytes_max = 24 * 1024;

class Scanner {
 public:
  explicit Scanner(std::shared_ptr<const Catalog> catalog);
  ~Scanner();
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;

  // What it looks for; kept by the scanner.
  [[nodiscard]] const std::shared_ptr<const Catalog>& catalog() const noexcept;

  // Starts a new text. `literals`, which outlive the scan, are looked for beside what the detectors
  // find; one may be held back in addition to hold_back_bytes_max.
  void reset(std::span<const Literal> literals = {});

  // Adds the next bytes. An incomplete UTF-8 character at the end waits for the next piece; invalid
  // UTF-8 is scanned as U+FFFD and never hides what is around it.
  core::Result<void> feed(std::string_view piece);

  // From here on reports only what is found with a byte before `position` in sight, as its context
  // or as a part of it: another scanner reads what begins there. ended(): nothing of that kind can
  // come any more, and what came was reported. Until reset(); `position` may rise.
  void end_at(std::size_t position) noexcept;
  [[nodiscard]] bool ended() const noexcept;

  // Nothing more will come: everything is decided.
  core::Result<void> finish();

  // Bytes fed so far, and how many of them are decided: every finding that begins before settled()
  // has been reported, and ends at or before it. An open-ended finding (a key block, a token) is
  // reported in pieces, the later ones marked `continued`.
  [[nodiscard]] std::size_t text_bytes() const noexcept;
  [[nodiscard]] std::size_t settled() const noexcept;

  // Findings since the last take(), by begin; those of different types may overlap, but for what a
  // tagger found (engine/arbiter.h). Valid until the next call of a non-const member.
  [[nodiscard]] const std::vector<core::Finding>& take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A whole text at once; `continued` pieces are joined to what they continue.
core::Result<std::vector<core::Finding>> scan_text(std::shared_ptr<const Catalog> catalog,
                                                   std::string_view text);

}  // namespace menshen::detectors
