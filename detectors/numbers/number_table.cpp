#include "detectors/numbers/number_table.h"

#include "detectors/numbers/digit_form.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace menshen::detectors {
namespace {

constexpr std::uint16_t any_digit = 0x3FF;

// With which digits a value of the form may begin.
std::uint16_t first_digits(const DigitForm& form) {
  const auto bit = [](int digit) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(digit));
  };
  if (!form.leading.empty()) return bit(form.leading[0] - '0');
  if (form.prefixes.empty()) return any_digit;
  int scale = 1;
  for (int i = 1; i < form.prefix_digits; ++i) scale *= 10;
  std::uint16_t digits = 0;
  for (const PrefixRange& range : form.prefixes) {
    for (int digit = range.first / scale; digit <= range.last / scale; ++digit)
      digits |= bit(digit);
  }
  return digits;
}

// What every value of a form has.
RunClause clause_of(const CodeForm& form) {
  RunClause clause;
  for (const char place : form.mask) {
    if (place == 'd' || is_digit(place)) ++clause.digits;
    if (place == 'a' || is_upper(place)) clause.content |= run_class::letter;
  }
  clause.bytes = std::max<std::size_t>(form.mask.size(), form.bytes_min);
  clause.digits = std::max<std::size_t>(clause.digits, form.digits_min);
  return clause;
}

bool speaks(const Confidence& c) {
  return c.together > 0 || c.grouped > 0 || c.few > 0 || c.scattered > 0 || c.numerals > 0;
}
bool only_claimed(const DigitForm& form) { return !speaks(form.alone) && !speaks(form.labelled); }
bool only_claimed(const CodeForm& form) { return form.alone == 0 && form.labelled == 0; }

bool holds(const RunClause& clause, const RunWindow& run) {
  return clause.holds(run.end - run.run_begin, run.digits, run.content);
}

// By as many bytes as state[0] says.
Step extend_bytes(ExtensionState& state, int byte) noexcept {
  if (byte < 0 || state[0] == 0) return Step::stop;
  --state[0];
  return Step::belongs;
}

}  // namespace

NumberTable::NumberTable(std::span<const NumberSpec* const> rows) : rows_(rows.size()) {
  if (rows.size() > rows_max) throw std::length_error("too many rows of numbers");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const DigitForm& form : rows[i]->digit_forms) {
      add(*rows[i], form, static_cast<std::uint16_t>(i));
    }
    for (const CodeForm& form : rows[i]->code_forms) {
      add(*rows[i], form, static_cast<std::uint16_t>(i));
    }
    labels_.add(rows[i]->labels, i);
  }
  labels_.finish();
}

void NumberTable::add(const NumberSpec& row, const DigitForm& form, std::uint16_t row_number) {
  std::size_t least = 0;
  for (std::size_t n = number_digits_max; n > 0; --n) {
    if ((form.lengths >> n & 1U) == 0) continue;
    auto& choice = by_length_[n];
    (only_claimed(form) ? choice.behind_label : choice.always)
        .push_back({&row, &form, row_number, first_digits(form)});
    digits_most_ = std::max(digits_most_, n);
    least = n;
  }
  digits_least_ = std::min(digits_least_, least);
  clauses_.push_back({.bytes = least, .digits = least});
}

void NumberTable::add(const NumberSpec& row, const CodeForm& form, std::uint16_t row_number) {
  if (codes_.size() == codes_max) throw std::length_error("too many codes in the table of numbers");
  const std::uint64_t lengths = token_lengths(form);
  Start start{.characters = {}, .index = static_cast<std::uint16_t>(codes_.size())};
  for (std::size_t c = 0; c < start.characters.size(); ++c) {
    start.characters[c] = may_begin(form, static_cast<char>(c));
  }
  for (std::size_t n = 0; n <= token_length_max; ++n) {
    if ((lengths >> n & 1U) == 0) continue;
    auto& choice = codes_by_token_[n];
    (only_claimed(form) ? choice.behind_label : choice.always).push_back(start);
  }
  codes_.push_back({&row, &form, row_number, clause_of(form)});
  clauses_.push_back(codes_.back().clause);
  const RunClause& clause = clauses_.back();
  if (std::ranges::any_of(code_clauses_,
                          [&clause](const RunClause& weaker) { return clause.implies(weaker); })) {
    return;
  }
  std::erase_if(code_clauses_, [&clause](const RunClause& other) { return other.implies(clause); });
  code_clauses_.push_back(clause);
}

bool NumberTable::worth(const RunWindow& run) const noexcept {
  return run.digits >= digits_least_ ||
         std::ranges::any_of(code_clauses_, [&run](const RunClause& c) { return holds(c, run); });
}

void NumberTable::scan(const Window& window, const RunWindow& run, Matches& matches) const {
  if (run.digits >= digits_least_) scan_digits(window, matches);
  const auto may_hold = [&run](const RunClause& clause) { return holds(clause, run); };
  if (!run.numerals && std::ranges::any_of(code_clauses_, may_hold)) {
    scan_codes(window, run, matches);
  }
}

void NumberTable::try_digits(const Digits& entry, const Window& window, const Number& number,
                             Around& around, std::span<std::uint32_t> next,
                             Matches& matches) const {
  const auto first_digit = static_cast<unsigned>(number.digits()[0] - '0');
  if ((entry.first_digits >> first_digit & 1U) == 0) return;
  std::uint32_t& from = next[entry.row_number];
  if (from > number.first_group()) return;
  const NumberFound found =
      read_digits(*entry.row, entry.row_number, *entry.form, window, number, around);
  if (found.confidence == 0) return;
  matches.add(entry.row->type, found.begin, found.end, found.confidence);
  from = static_cast<std::uint32_t>(number.last_group() + 1);
}

void NumberTable::scan_digits(const Window& window, Matches& matches) const {
  std::array<std::uint32_t, rows_max> next;  // for each row: the group from which it reads on
  std::fill_n(next.begin(), rows_, 0U);
  Around around(window, labels_);
  for_each_reading(window, digits_most_, [&](const Number& number) {
    // No usual grouping has so many; and what is grouped in another way must stand by itself.
    constexpr std::size_t groups_max = std::tuple_size_v<decltype(Grouping::sizes)> + 1;
    if (number.groups() > groups_max && !number.isolated()) return;
    const Choice<Digits>& choice = by_length_[number.digits().size()];
    for (const Digits& entry : choice.always) {
      try_digits(entry, window, number, around, next, matches);
    }
    if (choice.behind_label.empty()) return;
    around.move_to(number.begin(), number.end());
    if (!around.is_labelled()) return;
    for (const Digits& entry : choice.behind_label) {
      if (!around.is_label_of(entry.row_number)) continue;
      try_digits(entry, window, number, around, next, matches);
      around.move_to(number.begin(), number.end());
    }
  });
}

void NumberTable::try_code(const Code& code, const Window& window, std::size_t at, Around& around,
                           Matches& matches) const {
  const CodeFound found = read_code(*code.row, code.row_number, *code.form, window, at, around);
  if (found.confidence == 0) return;
  if (found.closed) {
    constexpr std::uint32_t han_bytes = 3;
    matches.add_open(code.row->type, found.begin, found.end, found.confidence, extend_bytes,
                     {han_bytes});
    return;
  }
  matches.add(code.row->type, found.begin, found.end, found.confidence);
}

void NumberTable::scan_codes(const Window& window, const RunWindow& run, Matches& matches) const {
  Around around(window, labels_);
  const auto worth = [&](const Start& start, char first) {
    return start.characters[static_cast<unsigned char>(first)] &&
           holds(codes_[start.index].clause, run);
  };
  for (std::size_t at = window.begin; at < window.owned_end; ++at) {
    const char first = window.text[at];
    if (!is_alnum(first) || !begins_token(window.text, at)) continue;
    std::size_t token_end = at;
    while (token_end < window.text.size() && is_alnum(window.text[token_end])) ++token_end;
    const auto& choice = codes_by_token_[std::min(token_end - at, token_length_max)];
    for (const Start& start : choice.always) {
      if (worth(start, first)) try_code(codes_[start.index], window, at, around, matches);
    }
    if (choice.behind_label.empty()) continue;
    around.move_to(at, token_end);
    if (!around.is_labelled()) continue;
    for (const Start& start : choice.behind_label) {
      const Code& code = codes_[start.index];
      if (!around.is_label_of(code.row_number) || !worth(start, first)) continue;
      try_code(code, window, at, around, matches);
    }
  }
}

}  // namespace menshen::detectors
