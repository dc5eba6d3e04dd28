#include "detectors/numbers/digit_form.h"

#include "detectors/values/boundary.h"
#include "detectors/values/units.h"

#include <algorithm>
#include <array>
#include <optional>

namespace menshen::detectors {
namespace {

enum class Standing : std::uint8_t { together, grouped, few, scattered };

// The sizes of the groups behind the first `skip` digits, then zeros.
struct Sizes {
  std::array<std::size_t, number_digits_max> of{};
  std::size_t count = 0;
  std::size_t sum = 0;

  Sizes(const Number& number, std::size_t skip) {
    for (std::size_t i = 0; i < number.groups(); ++i) {
      const std::size_t skipped = std::min(skip, number.group_size(i));
      skip -= skipped;
      if (number.group_size(i) == skipped) continue;
      of[count] = number.group_size(i) - skipped;
      sum += of[count++];
    }
  }
  [[nodiscard]] bool are(const Grouping& grouping) const noexcept {
    return count <= grouping.sizes.size() &&
           std::equal(grouping.sizes.begin(), grouping.sizes.end(), of.begin());
  }
  [[nodiscard]] bool among(std::span<const Grouping> groupings) const noexcept {
    return std::ranges::any_of(groupings, [this](const Grouping& g) { return are(g); });
  }
};

Standing standing_of(const DigitForm& form, const Number& number) {
  if (number.contiguous()) return Standing::together;
  const Sizes sizes(number, form.leading.size());
  if (sizes.count == 1 || sizes.among(form.groupings)) return Standing::grouped;
  constexpr std::size_t few = 3;
  return sizes.count <= few || sizes.count == sizes.sum ? Standing::few : Standing::scattered;
}

bool is_usual(Standing standing) { return standing <= Standing::grouped; }

// "Is parted by `separator`, and by nothing else."
bool parted_by(const Window& window, const Number& number, char separator) {
  const std::string_view text = window.text.substr(number.begin(), number.end() - number.begin());
  const auto fits = [separator](char c) { return is_digit(c) || c == separator; };
  return text.size() == number.digits().size() + number.groups() - 1 &&
         std::ranges::all_of(text, fits);
}

// 138.00138000
bool is_decimal(const Window& window, const Number& number) {
  return number.groups() == 2 && window.text[number.begin() + number.group_size(0)] == '.' &&
         number.end() - number.begin() == number.digits().size() + 1;
}

// None of the prefixes: null. Of several, one that needs no label.
const PrefixRange* prefix_of(const DigitForm& form, std::string_view digits) {
  int prefix = 0;
  for (const char c : digits.substr(0, form.prefix_digits)) prefix = prefix * 10 + (c - '0');
  const PrefixRange* found = nullptr;
  for (const PrefixRange& range : form.prefixes) {
    const bool fits =
        prefix >= range.first && prefix <= range.last && (range.lengths >> digits.size() & 1U) != 0;
    if (!fits) continue;
    if (!range.label_needed) return &range;
    found = &range;
  }
  return found;
}

// A letter, and those of other alphabets that look like it; 0 bytes: not there.
std::size_t letter_bytes(std::string_view text, char letter) {
  if (text.empty()) return 0;
  if (to_lower(text[0]) == to_lower(letter)) return 1;
  constexpr std::string_view like_x[] = {"Х", "х", "Χ", "χ"};  // Cyrillic, Greek
  if (letter != 'X') return 0;
  for (const std::string_view other : like_x) {
    if (text.starts_with(other)) return other.size();
  }
  return 0;
}

// Where the value ends: behind its digits, or the letter that closes it.
std::optional<std::size_t> value_end(const DigitForm& form, const Window& window,
                                     const Number& number) {
  if (form.last == 0) return number.end();
  std::size_t at = number.end();
  if (!number.contiguous() && (window.at(at) == ' ' || window.at(at) == '-')) ++at;
  const std::size_t bytes =
      letter_bytes(window.text.substr(std::min(at, window.text.size())), form.last);
  if (bytes == 0) return std::nullopt;
  return at + bytes;
}

bool holds(Check check, const DigitForm& form, std::string_view digits) {
  if (check == nullptr) return true;
  if (form.last == 0) return check(digits);
  std::array<char, number_digits_max + 1> value{};
  std::ranges::copy(digits, value.begin());
  value[digits.size()] = form.last;
  return check({value.data(), digits.size() + 1});
}

bool all_hex(std::string_view letters) { return std::ranges::all_of(letters, is_hex); }

// What is known of a candidate whose digits are right, or are claimed by a label.
struct Candidate {
  const DigitForm& form;
  const Window& window;
  const Number& number;
  Standing standing;
  std::size_t end;
  bool plus;
  bool checked;
  bool claimed;  // by a label directly before it
  bool label;    // among the words before it
  Side left;
  Side right;

  [[nodiscard]] bool left_allows() const;
  [[nodiscard]] bool right_allows() const;
  [[nodiscard]] bool attached() const;  // to letters that are a label
  [[nodiscard]] bool is_another_kind() const;
  [[nodiscard]] float sure(const Confidence& by) const;
};

bool Candidate::attached() const {
  if (left != Side::letters) return false;
  const std::string_view letters = letters_before(window.text, number.begin());
  return std::ranges::any_of(form.attached, [letters](std::string_view word) {
    return equal_ignoring_case(letters, word);
  });
}

bool Candidate::left_allows() const {
  if (left == Side::blob) return form.in_list && follows_list_number(window, number);
  if (left == Side::clean) return true;
  if (!form.attached.empty()) return attached();
  const std::string_view letters = letters_before(window.text, number.begin());
  switch (form.letters_before) {
    case Letters::none: return false;
    case Letters::behind_label: return label;
    case Letters::behind_label_or_one: return label || letters.size() == 1;
    case Letters::unless_hex: return letters.size() <= 2 || !all_hex(letters);
    case Letters::unless_hex_where_usual: return is_usual(standing) && !all_hex(letters);
  }
  return false;
}

bool Candidate::right_allows() const {
  if (right != Side::letters) return right == Side::clean;
  switch (form.letters_after) {
    case Letters::none: return false;
    case Letters::behind_label:
    case Letters::behind_label_or_one: return label;
    case Letters::unless_hex: return !all_hex(letters_after(window.text, end));
    case Letters::unless_hex_where_usual:
      return is_usual(standing) && !all_hex(letters_after(window.text, end));
  }
  return false;
}

bool Candidate::is_another_kind() const {
  const auto is = [this](std::uint8_t sign) { return (form.unlike & sign) != 0; };
  const bool decimal =
      is_decimal(window, number) || (number.in_decimals() && !follows_list_number(window, number));
  return (is(unlike::decimal) && decimal) || (is(unlike::series) && number.in_series()) ||
         Sizes(number, 0).among(form.only_labelled) ||
         (is(unlike::quantity) && is_quantity(window, number.begin(), number.end()));
}

float Candidate::sure(const Confidence& by) const {
  const float numerals = window.numerals ? by.numerals : 0.0F;
  switch (standing) {
    case Standing::together: return by.together;
    case Standing::grouped: return by.grouped;
    case Standing::few: return std::max(by.few, numerals);
    case Standing::scattered: return std::max(by.scattered, numerals);
  }
  return 0;
}

float judge(const Candidate& c, bool label_needed) {
  if (!c.left_allows() || !c.right_allows()) return 0;
  const float labelled = c.sure(c.form.labelled);
  if (c.claimed) return c.checked ? std::max(labelled, c.form.claimed) : c.form.claimed;
  if (c.label) return labelled;
  const float alone = c.sure(c.form.alone);
  if (alone == 0 || label_needed || c.is_another_kind()) return 0;
  if (c.plus || c.attached()) return labelled;
  const bool letters = c.left == Side::letters || c.right == Side::letters;
  return letters ? std::min(alone, c.form.letters_max) : alone;
}

// All that is told without looking around.
bool stands_as(const DigitForm& form, const Window& window, const Number& number,
               Standing standing) {
  if (form.isolated ? !number.isolated() : !is_usual(standing) && !number.whole()) return false;
  if (form.separator != 0 && !parted_by(window, number, form.separator)) return false;
  return form.never.empty() || !Sizes(number, 0).among(form.never);
}

}  // namespace

NumberFound read_digits(const NumberSpec& row, std::size_t row_number, const DigitForm& form,
                        const Window& window, const Number& number, Around& around) {
  const bool plus =
      form.plus != Plus::nothing && number.begin() > 0 && window.text[number.begin() - 1] == '+';
  if (!number.digits().starts_with(form.leading) || (plus && form.plus == Plus::excludes))
    return {};
  const std::string_view digits = number.digits().substr(form.leading.size());
  const PrefixRange* prefix = form.prefixes.empty() ? nullptr : prefix_of(form, digits);
  if (prefix == nullptr && !form.prefixes.empty()) return {};
  const auto end = value_end(form, window, number);
  if (!end || !holds(form.must, form, digits)) return {};
  const bool checked = holds(form.check, form, digits);
  if (!checked && form.claimed == 0) return {};
  const Standing standing = standing_of(form, number);
  if (!stands_as(form, window, number, standing)) return {};

  const std::size_t begin = number.begin() - (plus ? 1 : 0);
  around.move_to(begin, *end);
  const bool claimed = around.is_label_of(row_number);
  const bool otherwise = around.is_other_than(row_number);
  const bool heeds = (form.unlike & unlike::labelled_otherwise) != 0;
  if (!claimed && (!checked || (otherwise && heeds))) return {};
  const Candidate candidate{.form = form,
                            .window = window,
                            .number = number,
                            .standing = standing,
                            .end = *end,
                            .plus = plus,
                            .checked = checked,
                            .claimed = claimed,
                            .label = claimed || around.has(row.labels),
                            .left = plus ? Side::clean : left_side(window.text, number.begin()),
                            .right = right_side(window.text, *end)};
  const float confidence = judge(candidate, prefix != nullptr && prefix->label_needed);
  return {window.owns(begin) ? begin : number.begin(), *end, confidence};
}

}  // namespace menshen::detectors
