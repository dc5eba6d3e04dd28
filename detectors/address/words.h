// Words of addresses in Latin letters, and what they are.
#pragma once

#include "detectors/address/text.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace menshen::detectors::address {

namespace word_class {
inline constexpr unsigned type = 1;        // behind a street's name: Street, Rd
inline constexpr unsigned weak_type = 2;   // the same, and many other things: Way, Court
inline constexpr unsigned first_type = 4;  // before it: Rue, Via, Avenida
inline constexpr unsigned number_behind =
    8;  // a number follows the name that it begins: Via Roma 5
inline constexpr unsigned direction = 16;
inline constexpr unsigned particle = 32;  // within names: de, of, the
inline constexpr unsigned unit = 64;      // before a number: Apt, Flat
inline constexpr unsigned state = 128;    // US, CA, AU: two or three capitals
inline constexpr unsigned state_name = 256;
inline constexpr unsigned country = 512;
inline constexpr unsigned no_place = 1024;     // a capital begins it, and it is no name: He, Please
inline constexpr unsigned counted = 2048;      // before a number that is none of a house: Figure
inline constexpr unsigned road_number = 4096;  // Highway 179
inline constexpr unsigned short_form = 8192;   // its full stop belongs to it: St.
inline constexpr unsigned doubtful = 32768;    // of weak types: Point, Center
inline constexpr unsigned last_type =
    16384;  // behind a name, and a number follows: Karl Johans gate 5
}  // namespace word_class

struct Word {
  std::size_t begin = 0;
  std::size_t end = 0;    // without a full stop behind it
  std::size_t after = 0;  // with it
  std::string folded{};   // in small letters
  unsigned classes = 0;
  bool capital = false;
  bool capitals = false;  // no small letter
  bool ordinal = false;   // 5th
  [[nodiscard]] bool is(unsigned any_of) const noexcept { return (classes & any_of) != 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return end > begin; }
};

// The word that begins at `i`, or none: letters and what joins them, or an ordinal number.
[[nodiscard]] Word word_at(const Text& text, std::size_t i);
// The word that ends before `i`, with the full stop behind it.
[[nodiscard]] Word word_before(const Text& text, std::size_t i);

[[nodiscard]] unsigned classes_of(std::string_view folded) noexcept;
// Calls use(word) for each that has one of these classes.
void for_each_word(unsigned classes, const std::function<void(std::string_view)>& use);
// How surely a word with such an end is a street: Hauptstraße .7, Mühlweg .5; 0: it is not.
[[nodiscard]] float street_ending(std::string_view folded) noexcept;

}  // namespace menshen::detectors::address
