// What an identifier looks like: one row of the table of numbers.
//
// A row is constant data in one of the files NAME_numbers.cpp; CMake collects them, no list is
// edited. A new identifier is a row, its cases in cases/NAME.jsonl, and its line in README.md. The
// conformance suite runs on every row, as on every detector.
//
//   constexpr DigitForm nhs_form{.lengths = digits(10), .check = nhs_valid, .groupings =
//   nhs_groups,
//                                .labelled = {.together = 0.95F, .grouped = 0.95F}};
//   {.type = {"gb_nhs", core::Category::pii, "GB_NHS", "..."}, .labels = nhs_labels,
//    .digit_forms = nhs_forms},
//
// Three things speak for a value: its form, its check digit, the words before it; a label outvotes
// a checksum. `claimed` is how sure one may be of what stands directly behind a label of the row
// (label_index.h) and fails the check or has none: people write numbers wrong, and specimens down.
// `labelled`: of what passes the check and has such a word anywhere before it. `alone`: of what
// passes, with no such word and no other label directly before it.
//
// A row has as many forms as the identifier has ways of being written: digits that people group as
// they like (DigitForm), or letters and digits in fixed places (CodeForm). The forms of a row are
// tried in their order; the first that says how sure it is has found it. Confidence 0: not found.
#pragma once

#include "core/finding.h"
#include "detectors/values/context.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace menshen::detectors {

// Over the digits of a candidate, or its letters and digits: no separators, ASCII, letters in upper
// case. Check digits stand in values/checksum.h, each with its source.
using Check = bool (*)(std::string_view value) noexcept;

// A set of lengths: bit n for n digits.
using Lengths = std::uint32_t;
inline constexpr std::size_t number_digits_max = 31;
[[nodiscard]] constexpr Lengths digits(std::size_t from, std::size_t to) noexcept {
  Lengths lengths = 0;
  for (std::size_t n = from; n <= to; ++n) lengths |= Lengths{1} << n;
  return lengths;
}
[[nodiscard]] constexpr Lengths digits(std::size_t count) noexcept { return digits(count, count); }

// Sizes of the groups, then zeros: {3, 4, 4}.
struct Grouping {
  std::array<std::uint8_t, 7> sizes{};
};

// Numbers that an issuer gives out: their first digits lie in [first, last].
struct PrefixRange {
  int first;
  int last;
  Lengths lengths = ~Lengths{0};
  bool label_needed = false;
};

// How sure one may be, by how the digits stand.
struct Confidence {
  float together = 0;
  float grouped = 0;    // in a usual grouping
  float few = 0;        // in three groups or fewer, or digit by digit
  float scattered = 0;  // in any other way
  float numerals = 0;   // not less than this in Han numerals, however they stand
};

// The same in every usual way, and in few groups.
[[nodiscard]] constexpr Confidence usual(float c) noexcept {
  return {.together = c, .grouped = c, .few = c};
}

// Which letters may touch a value.
enum class Letters : std::uint8_t {
  none,
  behind_label,            // any, when a label says what the value is
  behind_label_or_one,     // the same, and a single one without: %B4111... of a magnetic track
  unless_hex,              // any but those that make it look like a part of a hash
  unless_hex_where_usual,  // the same, for digits together or in a usual grouping
};

// What a '+' in front means.
enum class Plus : std::uint8_t { nothing, belongs, excludes };

// Signs that it is another kind of number, unless a label says that it is this one: bits.
namespace unlike {
inline constexpr std::uint8_t labelled_otherwise = 1;  // "order no. ", another row's label
inline constexpr std::uint8_t quantity = 2;            // 13800138000元
inline constexpr std::uint8_t decimal = 4;             // 138.00138000, and numbers among such
inline constexpr std::uint8_t series = 8;              // four groups of four among more such groups
}  // namespace unlike

// Digits, together or in groups.
struct DigitForm {
  Lengths lengths = 0;
  std::string_view leading{};  // digits in front that count for `lengths` and nothing else: "86"
  char last = 0;               // a letter behind the digits, the value's last character: 'X'

  std::uint8_t prefix_digits = 0;
  std::span<const PrefixRange> prefixes{};  // empty: any
  Check check = nullptr;                    // without `leading`, with `last`
  Check must = nullptr;                     // the same, and holds for `claimed` too

  std::span<const Grouping> groupings{};      // the usual ones, behind `leading`
  std::span<const Grouping> never{};          // those of other numbers
  std::span<const Grouping> only_labelled{};  // found behind a label only
  char separator = 0;                         // the only one; 0: any
  // All the digits that stand together here, or parted from the others in another way than its
  // groups are (Number::isolated). Else digits together or in a usual grouping are found among
  // others too.
  bool isolated = false;
  bool in_list = false;  // may follow "1." at the start of a line

  Letters letters_before = Letters::behind_label;
  Letters letters_after = Letters::none;
  Words attached{};       // the only letters before that are allowed: they are a label
  float letters_max = 1;  // the most that it is without a label, with letters at a side
  Plus plus = Plus::nothing;
  std::uint8_t unlike = unlike::labelled_otherwise;

  Confidence alone{};
  Confidence labelled{};
  float claimed = 0;
};

// Letters and digits in fixed places, beginning a token and ending one.
struct CodeForm {
  // Lower-case letters stand for classes: 'a' a letter, 'd' a digit, 'x' either, 'w' either, '_' or
  // '-'. Everything else is itself, letters in either case: "Edddddddd", "aadddddda",
  // "dddddd-dddx".
  std::string_view mask;
  std::string_view alphabet{};  // what 'a' and 'x' may be, in upper case; empty: A-Z and 0-9
  // How many letters and digits there are, where that depends on those that the mask shows; 0: it
  // is none. null: as many as the mask has.
  std::size_t (*length)(std::string_view begin) noexcept = nullptr;
  std::uint8_t most = 0;    // up to so many characters in all, of the class that ends the mask
  std::uint8_t group = 0;   // may stand in groups of so many, parted by one kind of ' ' or '-'
  Check check = nullptr;    // over all letters and digits
  Check must = nullptr;     // the same, and holds for `claimed` too
  bool as_written = false;  // checks see letters in their case
  bool clean_sides = true;  // does not touch base64, UUIDs, file names either
  // What a run must have to be looked at; those of the mask, at least.
  std::uint8_t bytes_min = 0;
  std::uint8_t digits_min = 0;
  float alone = 0;
  float labelled = 0;
  float claimed = 0;
  std::uint8_t unlike = unlike::labelled_otherwise;
  // One of these directly before it is the value's beginning: of a plate, the province in Han. Such
  // a finding begins where the run does not: the segmenter knows these words (text/segmenter.h).
  Words leads{};
  // The character behind, which ends the run, is one of these and belongs to the value: 京A1234学.
  // Han, three bytes each.
  std::u32string_view closings{};
  std::uint8_t lead_capitals = 0;  // so many capitals and a blank are, and checks see them: 2 or 0
};

struct NumberSpec {
  core::FindingType type;  // its name is the row's
  unsigned version = 2;    // of the row: goes into each record
  Words labels{};          // words before it that say what it is, in Chinese and English
  std::span<const DigitForm> digit_forms{};
  std::span<const CodeForm> code_forms{};
};

}  // namespace menshen::detectors
