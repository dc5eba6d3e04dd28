// Skips short words, sixteen bytes at a time: what clean prose consists of.
//
//   skip_words(p, end)     behind "The minutes of" of "The minutes of the x-ray"
//
// Pure function.
#pragma once

namespace menshen::detectors {

// No word that is skipped is longer.
inline constexpr int skipped_bytes_max = 15;

// How far from `p` on, where a run may begin, there are only words of ASCII letters, `.`, `'` and
// `:`, each with a blank, a comma, a quotation mark or a line end behind it, and such marks. Words
// that end with a capital before a blank are not skipped: groups of an IBAN do.
[[nodiscard]] const char* skip_words(const char* p, const char* end) noexcept;

}  // namespace menshen::detectors
