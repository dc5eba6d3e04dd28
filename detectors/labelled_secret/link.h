// What links a label and its value: a sign, a tag, a sentence.
#pragma once

#include "detectors/labelled_secret/cursor.h"
#include "detectors/labelled_secret/label.h"

#include <cstdint>
#include <string_view>

namespace menshen::detectors::labelled_secret {

enum class Link : std::uint8_t {
  none,
  sign,
  tag,
  verb,      // the label is the subject of a sentence: "password is x"
  sentence,  // other words stand between
  blank,     // where that suffices
  beside,    // a blank, and nothing more
};

// Reads over the link behind a label, from its end on.
[[nodiscard]] Link take_link(Cursor& c, std::string_view text, const Label& label);

}  // namespace menshen::detectors::labelled_secret
