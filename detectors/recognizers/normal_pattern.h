// A regular expression of RE2's syntax as it must stand to match texts in normal form
// (text/normal_form.h): with each character that the author typed in the form in which texts show
// it.
//
//   normal_pattern("（内部）：\\d+").text    matches what （内部）：４２ shows as: "(内部):42"
//   normal_pattern("[Ａ-Ｃ]").text           has A, B and C
//   normal_pattern("a\u200Bb").fault          a sentence: no text shows U+200B
//
// In a set each member has its form, in a range of up to 256 characters each one; longer ranges,
// names of sets (\pL) and what is written in ASCII stay; signs that texts show in both widths (,
// and ，) match in both. A result of ASCII is written as \x{..}, so that it never means more than
// itself. Pure function, linear in the pattern; any thread.
#pragma once

#include <string>
#include <string_view>

namespace menshen::detectors {

struct NormalPattern {
  std::string text;
  std::string fault;  // empty: none
};

[[nodiscard]] NormalPattern normal_pattern(std::string_view pattern);

}  // namespace menshen::detectors
