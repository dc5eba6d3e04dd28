// All rows of the table of numbers, compiled: a run is read once, however many rows there are.
//
// Each candidate (some groups of digits, the start of a token) is shown to those forms alone that
// have its length and its first digit, or the length of its token. What a row has found is not read
// again by that row, and hides nothing from the others.
//
// Immutable; any thread. The rows outlive it.
#pragma once

#include "detectors/detector.h"
#include "detectors/numbers/code_form.h"
#include "detectors/numbers/label_index.h"
#include "detectors/numbers/number_spec.h"
#include "detectors/text/segmenter.h"
#include "detectors/values/numbers.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace menshen::detectors {

class NumberTable {
 public:
  static constexpr std::size_t rows_max = number_rows_max;
  static constexpr std::size_t codes_max = 256;  // forms of letters and digits

  explicit NumberTable(std::span<const NumberSpec* const> rows);

  // What a run must have for some form: one clause each.
  [[nodiscard]] std::span<const RunClause> clauses() const noexcept { return clauses_; }
  [[nodiscard]] bool worth(const RunWindow& run) const noexcept;

  // Matches that the window owns, by the types of their rows.
  void scan(const Window& window, const RunWindow& run, Matches& matches) const;

 private:
  // Forms that are found directly behind a label and nowhere else stand apart: where no label
  // stands they are not looked at.
  struct Digits {
    const NumberSpec* row;
    const DigitForm* form;
    std::uint16_t row_number;
    std::uint16_t first_digits;  // bits: with which digits it may begin
  };
  // With which characters (of ASCII) a code begins, beside it: all that most
  // tokens are asked.
  struct Start {
    std::bitset<128> characters;
    std::uint16_t index;  // in codes_
  };
  struct Code {
    const NumberSpec* row;
    const CodeForm* form;
    std::uint16_t row_number;
    RunClause clause;
  };

  void add(const NumberSpec& row, const DigitForm& form, std::uint16_t row_number);
  void add(const NumberSpec& row, const CodeForm& form, std::uint16_t row_number);
  void try_digits(const Digits& entry, const Window& window, const Number& number, Around& around,
                  std::span<std::uint32_t> next, Matches& matches) const;
  void try_code(const Code& code, const Window& window, std::size_t at, Around& around,
                Matches& matches) const;
  void scan_digits(const Window& window, Matches& matches) const;
  void scan_codes(const Window& window, const RunWindow& run, Matches& matches) const;

  template <class Form>
  struct Choice {
    std::vector<Form> always;
    std::vector<Form> behind_label;
  };

  std::array<Choice<Digits>, number_digits_max + 1> by_length_;
  std::vector<Code> codes_;
  std::array<Choice<Start>, token_length_max + 1> codes_by_token_;
  std::vector<RunClause> code_clauses_;  // none implies another
  LabelIndex labels_;
  std::vector<RunClause> clauses_;
  std::size_t rows_ = 0;
  std::size_t digits_least_ = number_digits_max + 1;
  std::size_t digits_most_ = 0;
};

}  // namespace menshen::detectors
