#include "detectors/numbers/code_form.h"

#include "detectors/values/boundary.h"

#include <array>

namespace menshen::detectors {
namespace {

constexpr char to_upper(char c) noexcept {
  return is_lower(c) ? static_cast<char>(c - ('a' - 'A')) : c;
}

bool in_alphabet(std::string_view alphabet, char upper) noexcept {
  return alphabet.empty() || alphabet.find(upper) != std::string_view::npos;
}

bool fits(const CodeForm& form, char place, char c) noexcept {
  const char upper = to_upper(c);
  switch (place) {
    case 'a': return is_letter(c) && in_alphabet(form.alphabet, upper);
    case 'd': return is_digit(c);
    case 'x': return is_alnum(c) && in_alphabet(form.alphabet, upper);
    default: return upper == place;
  }
}

// Reads on, character by character, what a form describes.
class CodeReader {
 public:
  CodeReader(const CodeForm& form, std::string_view text, std::size_t at)
      : form_(form), text_(text), at_(at) {}

  [[nodiscard]] bool read_mask() {
    for (const char place : form_.mask) {
      if (!read(place)) return false;
    }
    return true;
  }
  // So many letters and digits in all.
  [[nodiscard]] bool read_up_to(std::size_t length) {
    if (length > value_.size()) return false;
    while (size_ < length) {
      if (!read('x')) return false;
    }
    return true;
  }
  [[nodiscard]] std::string_view value() const noexcept { return {value_.data(), size_}; }
  [[nodiscard]] std::size_t end() const noexcept { return at_; }

 private:
  bool read(char place) {
    if (form_.group != 0 && size_ > 0 && size_ % form_.group == 0 && !skip_separator()) {
      return false;
    }
    if (at_ >= text_.size() || !fits(form_, place, text_[at_])) return false;
    if (is_alnum(text_[at_])) {
      if (size_ == value_.size()) return false;
      value_[size_++] = to_upper(text_[at_]);
    }
    ++at_;
    return true;
  }
  // The first place for a separator says whether there are any, and which.
  bool skip_separator() {
    if (size_ == form_.group) {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      separator_ = c == ' ' || c == '-' ? c : '\0';
    }
    if (separator_ == '\0') return true;
    if (at_ >= text_.size() || text_[at_] != separator_) return false;
    ++at_;
    return true;
  }

  static constexpr std::size_t value_bytes_max = 64;
  const CodeForm& form_;
  std::string_view text_;
  std::size_t at_;
  std::array<char, value_bytes_max> value_{};
  std::size_t size_ = 0;
  char separator_ = '\0';
};

}  // namespace

bool may_begin(const CodeForm& form, char c) noexcept { return fits(form, form.mask.front(), c); }

CodeFound read_code(const NumberSpec& row, const CodeForm& form, const Window& window,
                    std::size_t at) {
  CodeReader reader(form, window.text, at);
  if (!reader.read_mask()) return {};
  if (form.length != nullptr) {
    const std::size_t length = form.length(reader.value());
    if (length == 0 || !reader.read_up_to(length)) return {};
  }
  const std::size_t end = reader.end();
  if (is_alnum(window.at(end)) || (form.check != nullptr && !form.check(reader.value()))) return {};
  if (form.clean_sides &&
      (left_side(window.text, at) != Side::clean || right_side(window.text, end) != Side::clean)) {
    return {};
  }
  const std::string_view context = window.context(at);
  if (!row.labels.empty() && has_word(context, row.labels)) return {end, form.labelled};
  const bool another =
      (form.unlike & unlike::labelled_otherwise) != 0 && labelled(context, number_labels());
  return {end, another ? 0.0F : form.alone};
}

}  // namespace menshen::detectors
