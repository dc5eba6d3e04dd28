// Where the value of a label stands: behind which separator, in which quotes.
#pragma once

#include "detectors/labelled_secret/label.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace menshen::detectors::labelled_secret {

struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
  char quote = '\0';     // that would end it, if it goes on behind the window
  bool spoken = false;   // told by a sentence
  bool literal = false;  // of an element or a line of its own, where no code stands
  bool weak = false;     // the label stands before it, and little says that they belong together
  bool alone = true;     // no further word follows
  bool open = false;     // goes on behind the window
  std::string_view scheme{};  // "Basic", "Bearer"
};

// `last`: nothing follows the text.
[[nodiscard]] std::optional<Place> find_value(std::string_view text, const Label& label, bool last);

// A value from `at` on: in quotes, or up to what ends a bare one. `pair`: what parts it from
// the pairs around it ("a=b&c=d"), if that is known.
[[nodiscard]] std::optional<Place> read_value(std::string_view text, std::size_t at, bool last,
                                              char pair = '\0');

}  // namespace menshen::detectors::labelled_secret
