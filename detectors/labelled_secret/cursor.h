// Reads on in a text.
#pragma once

#include "detectors/values/boundary.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace menshen::detectors::labelled_secret {

inline bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
inline bool is_quote(char c) noexcept { return c == '"' || c == '\'' || c == '`'; }
inline bool is_space(char c) noexcept { return is_blank(c) || c == '\n' || c == '\r'; }

// Valid as long as the text.
class Cursor {
 public:
  Cursor(std::string_view text, std::size_t at) : text_(text), at_(at) {}
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void skip(std::size_t bytes) { at_ += bytes; }
  std::size_t skip_blanks() {
    const std::size_t from = at_;
    while (is_blank(peek())) ++at_;
    return at_ - from;
  }
  bool take(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  // In any case, and not as a part of a longer word.
  bool take_word(std::string_view word) {
    const std::string_view shown = rest().substr(0, word.size());
    if (!equal_ignoring_case(shown, word)) return false;
    if (is_alnum(peek(word.size())) && is_alnum(word.back())) return false;
    at_ += word.size();
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

}  // namespace menshen::detectors::labelled_secret
