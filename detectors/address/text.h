// What a window shows around a number, as characters, and whether what was read of it might have
// been another had the text gone on.
//
// Han shows simplified, a tabulator and an ideographic space as a blank. Positions count
// characters, the number's first being number(); they are read when they are asked for, and reading
// at or past the end of a text that goes on is remembered.
#pragma once

#include "detectors/detector.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::detectors::address {

class Text {
 public:
  explicit Text(const AroundWindow& window);

  // 0 outside of the text.
  [[nodiscard]] char32_t at(std::size_t i) const noexcept {
    if (i >= first_ && i < behind_) return characters_[i];
    return i < first_ ? read_back(i) : read_on(i);
  }
  // What was read decides, whatever follows.
  [[nodiscard]] bool known() const noexcept { return !ran_out_; }

  [[nodiscard]] std::size_t number() const noexcept { return number_position; }
  // Matches begin there or behind.
  [[nodiscard]] std::size_t begin() const noexcept;
  // The same as i > begin(), and reads no more than it must.
  [[nodiscard]] bool is_open(std::size_t i) const noexcept { return byte_of(i) > begin_byte_; }
  [[nodiscard]] std::size_t byte_of(std::size_t i) const noexcept {
    (void)at(i);
    return bytes_[i < first_ ? first_ : i];
  }
  // The window's bytes before there.
  [[nodiscard]] std::string_view shown_before(std::size_t i) const noexcept {
    return text_.substr(0, byte_of(i));
  }
  [[nodiscard]] std::size_t skip_blanks(std::size_t i) const noexcept {
    while (at(i) == U' ') ++i;
    return i;
  }
  [[nodiscard]] bool starts(std::size_t i, std::u32string_view word) const noexcept {
    for (const char32_t c : word) {
      if (at(i++) != c) return false;
    }
    return true;
  }
  // Does the text end with it before `i`?
  [[nodiscard]] bool ends(std::size_t i, std::u32string_view word) const noexcept {
    return i >= word.size() && starts(i - word.size(), word);
  }

 private:
  static constexpr std::size_t number_position = around_before_bytes + 4;
  static constexpr std::size_t most = number_position + around_digits_max + around_behind_bytes + 4;
  char32_t read_back(std::size_t i) const noexcept;
  char32_t read_on(std::size_t i) const noexcept;

  std::string_view text_;
  std::size_t begin_byte_;
  bool last_;
  // Those in [first_, behind_) are read.
  mutable std::array<char32_t, most> characters_;
  mutable std::array<std::uint16_t, most + 1> bytes_;
  mutable std::size_t first_ = number_position;
  mutable std::size_t behind_ = number_position;
  mutable bool ran_out_ = false;
};

[[nodiscard]] constexpr bool is_decimal(char32_t c) noexcept { return c >= U'0' && c <= U'9'; }
[[nodiscard]] constexpr bool is_ascii_letter(char32_t c) noexcept {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}
[[nodiscard]] constexpr bool is_han(char32_t c) noexcept { return c >= 0x3400 && c < 0xA000; }
[[nodiscard]] constexpr bool is_one_of(char32_t c, std::u32string_view set) noexcept {
  return c != 0 && set.find(c) != std::u32string_view::npos;
}

// An address that was read: characters [begin, end).
struct Found {
  std::size_t begin = 0;
  std::size_t end = 0;
  float sure = 0;  // 0: none
};

}  // namespace menshen::detectors::address
