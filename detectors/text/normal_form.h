// A short text as detectors see it (view.h), read as it stands: no escape is decoded, and
// characters of two readings are marks (characters.h). For what others write to be compared with
// that: words, patterns, values.
//
//   normal_form("ＥＭＰ－１")    "EMP-1"
//   normal_form("\u200B")         ""
//
// Pure function, linear; any thread.
#pragma once

#include <string>
#include <string_view>

namespace menshen::detectors {

[[nodiscard]] std::string normal_form(std::string_view text);

}  // namespace menshen::detectors
