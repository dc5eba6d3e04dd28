// One code point folded for comparison: case, width and compatibility forms, traditional to
// simplified Han, accents and look-alike letters to ASCII, invisible characters to nothing.
//
//   char32_t out[Folding::expansion_max];
//   std::size_t n = Folding::instance().fold(U'Ａ', out);   // 1, out[0] == U'a'
//
// Built once from core/unicode.h at start-up, about 300 KB; immutable, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

class Folding {
 public:
  static constexpr std::size_t expansion_max = 4;

  [[nodiscard]] static const Folding& instance();

  // Writes 0 to expansion_max code points. 0: the character is invisible.
  [[nodiscard]] std::size_t fold(char32_t c, char32_t* out) const noexcept {
    const std::uint32_t entry = c < bmp_end ? bmp_[c] : beyond(c);
    if ((entry & expands) == 0) {
      *out = entry;
      return entry == 0 ? 0 : 1;
    }
    return expand(entry, out);
  }

  // c < 0x80: the one ASCII character that it folds to; 0 when it is invisible.
  [[nodiscard]] char fold_ascii(std::uint8_t c) const noexcept { return ascii_[c]; }

  // c < 0x10000 folds to itself.
  [[nodiscard]] bool unchanged(char32_t c) const noexcept {
    return (unchanged_[c >> 6U] >> (c & 63U) & 1U) != 0;
  }

 private:
  static constexpr char32_t bmp_end = 0x10000;
  static constexpr std::uint32_t expands = 0x80000000;

  Folding();
  [[nodiscard]] std::uint32_t beyond(char32_t c) const noexcept;
  std::size_t expand(std::uint32_t entry, char32_t* out) const noexcept;
  std::uint32_t pooled(std::u32string_view text);

  std::array<char, 0x80> ascii_{};
  std::array<std::uint64_t, bmp_end / 64> unchanged_{};
  std::vector<std::uint32_t> bmp_;
  std::vector<std::uint32_t> letters_;  // mathematical and enclosed letters of plane 1
  std::u32string pool_;
};

}  // namespace menshen::detectors
