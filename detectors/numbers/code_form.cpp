#include "detectors/numbers/code_form.h"

#include "detectors/text/leads.h"
#include "detectors/values/boundary.h"
#include "detectors/values/placeholder.h"

#include <algorithm>
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
    case 'w': return is_alnum(c) || c == '_' || c == '-';
    default: return upper == place;
  }
}

// Reads on, character by character, what a form describes.
class CodeReader {
 public:
  CodeReader(const CodeForm& form, std::string_view text, std::size_t at)
      : form_(form), text_(text), at_(at) {}

  void begin_with(std::string_view letters) {
    for (const char c : letters) value_[size_++] = c;
  }
  [[nodiscard]] bool read_mask() {
    for (const char place : form_.mask) {
      if (!read(place)) return false;
    }
    return true;
  }
  // On with the class that ends the mask, up to so many characters in all.
  [[nodiscard]] bool read_more(std::size_t most) {
    std::size_t read_so_far = form_.mask.size();
    while (at_ < text_.size() && fits(form_, form_.mask.back(), text_[at_])) {
      if (read_so_far++ == most || !read(form_.mask.back())) return false;
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
    if (is_alnum(text_[at_]) || place == 'w') {
      if (size_ == value_.size()) return false;
      value_[size_++] = form_.as_written ? text_[at_] : to_upper(text_[at_]);
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

// A longer list of the same kind: 0A:1B:2C of which six pairs would fit.
bool goes_on(const CodeForm& form, std::string_view text, std::size_t begin, std::size_t end) {
  if (form.mask.find('.') != form.mask.npos) {  // weights: [.1FA2.001C.0008]
    const std::string_view before = text.substr(0, begin);
    return before.ends_with('.') || before.ends_with("[*") ||
           (end + 1 < text.size() && text[end] == '.' && is_alnum(text[end + 1]));
  }
  const auto separator = std::ranges::find(form.mask, ':');
  if (separator == form.mask.end()) return false;
  if (end + 1 < text.size() && text[end] == ':' && is_alnum(text[end + 1])) return true;
  const auto size = static_cast<std::size_t>(separator - form.mask.begin());
  if (begin < size + 1 || text[begin - 1] != ':') return false;
  const std::string_view before = text.substr(begin - 1 - size, size);
  return std::ranges::all_of(before, [&form](char c) { return fits(form, form.mask[0], c); }) &&
         (begin < size + 2 || !is_alnum(text[begin - 2 - size]));
}

// Of the lead that stands directly before a code; 0: none does.
std::size_t lead_bytes(const CodeForm& form, const Window& window, std::size_t at) {
  const std::string_view context = window.context(at);
  if (form.lead_capitals != 0) {
    const bool leads =
        context.ends_with(' ') && capitals_before_blank(context) == form.lead_capitals;
    return leads ? form.lead_capitals + 1U : 0;
  }
  for (const std::string_view lead : form.leads) {
    if (context.ends_with(lead)) return lead.size();
  }
  return 0;
}

bool is_closed(const CodeForm& form, const Window& window, std::size_t end) {
  return window.last && end == window.text.size() && window.next != 0 &&
         form.closings.find(window.next) != form.closings.npos;
}

// In what stands in for a redacted value, as its hash.
bool is_of_tag(const Window& window, std::size_t begin) {
  const std::string_view context = window.context(begin);
  const std::size_t open = context.rfind('[');
  return open != context.npos && context.ends_with(':') &&
         is_tag(window.text.substr(begin - (context.size() - open)));
}

}  // namespace

bool may_begin(const CodeForm& form, char c) noexcept { return fits(form, form.mask.front(), c); }

std::uint64_t token_lengths(const CodeForm& form) noexcept {
  const auto from_to = [](std::size_t from, std::size_t to) {
    std::uint64_t lengths = 0;
    for (std::size_t n = from; n <= std::min(to, token_length_max); ++n) lengths |= 1ULL << n;
    return lengths;
  };
  const auto touches = [](char place) { return place != 'w' && is_alnum(place); };
  const auto parted = std::ranges::find_if_not(form.mask, touches);
  const auto together = static_cast<std::size_t>(parted - form.mask.begin());
  if (parted != form.mask.end()) {
    return *parted == 'w' ? from_to(together, token_length_max) : from_to(together, together);
  }
  const std::size_t most = form.length != nullptr ? token_length_max
                           : form.most != 0       ? form.most
                                                  : form.mask.size();
  return from_to(form.mask.size(), most) | from_to(form.group, form.group);
}

CodeFound read_code(const NumberSpec& row, std::size_t row_number, const CodeForm& form,
                    const Window& window, std::size_t at, Around& around) {
  CodeReader reader(form, window.text, at);
  const std::size_t begin = at - lead_bytes(form, window, at);
  const bool leads = form.lead_capitals != 0 || !form.leads.empty();
  if (leads && begin == at) return {};
  if (form.lead_capitals != 0) reader.begin_with(window.text.substr(begin, form.lead_capitals));
  if (!reader.read_mask()) return {};
  if (form.length != nullptr) {
    const std::size_t length = form.length(reader.value());
    if (length == 0 || !reader.read_up_to(length)) return {};
  }
  if (form.most != 0 && !reader.read_more(form.most)) return {};
  const std::size_t end = reader.end();
  if (is_alnum(window.at(end)) || (form.must != nullptr && !form.must(reader.value()))) return {};
  const bool closed = !form.closings.empty();
  if (closed && !is_closed(form, window, end)) return {};
  const bool checked = form.check == nullptr || form.check(reader.value());
  if (!checked && form.claimed == 0) return {};
  if (goes_on(form, window.text, at, end) || is_of_tag(window, begin)) return {};
  if (form.clean_sides &&
      (left_side(window.text, at) != Side::clean || right_side(window.text, end) != Side::clean)) {
    return {};
  }
  around.move_to(begin, end);
  const bool claimed = around.is_label_of(row_number);
  if (claimed) {
    return {begin, end, checked ? std::max(form.labelled, form.claimed) : form.claimed, closed};
  }
  if (!checked ||
      ((form.unlike & unlike::labelled_otherwise) != 0 && around.is_other_than(row_number))) {
    return {};
  }
  const bool label = !row.labels.empty() && around.has(row.labels);
  return {begin, end, label ? std::max(form.labelled, form.alone) : form.alone, closed};
}

}  // namespace menshen::detectors
