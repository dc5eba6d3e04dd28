// Why RE2 does not take a pattern, in words that help to write another one.
//
// Without what RE2 quotes of the pattern: messages stand in logs. Pure function of an expression
// that is not ok().
#pragma once

#include <string>

namespace re2 {
class RE2;
}

namespace menshen::detectors {

[[nodiscard]] std::string refusal_by_re2(const re2::RE2& expression);

}  // namespace menshen::detectors
